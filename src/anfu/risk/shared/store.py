"""The store of several processes: Valkey says what happened in what order, each process computes.

A batch is one round trip: for every key it touches, its rows are appended and what this process
has missed comes back; that is caught up with, then the batch is learned and read here as it would
be in process. A batch that gets no answer in time leaves nothing: what cannot be known to have been
carried out is settled, whichever it was, with the next call (`script`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from msgspec.structs import replace

from anfu.kernel.errors import BrokenInvariant, OutsideFailure
from anfu.risk.engine import ProfilesLate
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue
from anfu.risk.shared.script import NAME, SCRIPT
from anfu.risk.shared.trace import Malformed, Trace, flat_of, read, write
from anfu.risk.shared.tracked import Place, Touched, Tracked, life_ms
from anfu.storage.valkey import UNSCRIPTED, Command, Line

LIMIT_S = 0.05
# Keys whose tracks are kept here; those not met for longest leave.
MOST_KEYS = 200_000
# A key is packed once its log has so many rows, and half as many as its tracks.
SHORT = 64
# What else a call takes along: keys to settle, snapshots.
_SETTLED, _PACKED = 256, 16
# What was learned lately, by id; keys that are uncertain before all is given up.
_LATELY, _UNCERTAIN = 65_536, 50_000
_GIVE_UP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


@dataclass(slots=True)
class Ask:
    """Of one key: the traces to append. Should it be uncertain whether they were, they are appended
    later if `insisted` on, and taken back if not."""

    traces: list[Trace] = field(default_factory=list)
    insisted: bool = False

    def remedy(self) -> tuple[list[bytes], list[bytes]]:
        """What to append when they were appended, and when they were not."""
        if self.insisted:
            return [], [write(trace) for trace in self.traces]
        return [write(replace(trace, what="f")) for trace in self.traces], []


Asks = dict[Place, Ask]
_Uncertain = tuple[int, list[bytes], list[bytes]]


class SharedProfiles:
    """`name` is this process's own, never used before. `building` is the name of a generation that
    is being restored; otherwise Valkey says which is in force."""

    def __init__(
        self, catalogue: Catalogue, line: Line, *, name: str,
        limit_s: float = LIMIT_S, most_keys: int = MOST_KEYS, building: str | None = None,
    ) -> None:  # fmt: skip
        self.catalogue = catalogue
        self.round_trips = 0
        self._line, self._name = line, name
        self._limit_s, self._most = limit_s, most_keys
        self._building, self._generation = building, building
        self._tracked = Tracked(catalogue)
        self._lives = [life_ms(home) for home in self._tracked.homes]
        self._lock = asyncio.Lock()
        self._loaded = False
        self._call = 0
        self._left: str | None = None
        self._known: OrderedDict[Place, tuple[bytes, int]] = OrderedDict()
        self._uncertain: dict[Place, list[_Uncertain]] = {}
        self._packed: dict[Place, tuple[bytes, int, bytes]] = {}
        self._lately: dict[str, bool] = {}

    @property
    def marker(self) -> str:
        """The key that names the generation in force; without it there is none."""
        return f"anfu:profiles:{self.catalogue.version[:32]}"

    async def learn(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.learn`."""
        touched = [self._tracked.touched(event) for event in events]
        asks = _reads(touched)
        for event, seen in zip(events, touched, strict=True):
            for place, bits, _ in seen.writes:
                ask = asks.setdefault(place, Ask())
                ask.traces.append(Trace("l", event.id, bits, flat_of(seen.row)))
        self._note(events, False)
        async with _Turn(self._lock, self._limit_s):
            await self._exchange(asks)
            try:
                rows = [self._tracked.take(event, True) for event in events]
            except BaseException:
                self._spoil(asks)
                raise
            self._settle(asks)
            self._note(events, True)
        return rows

    async def look(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.look`."""
        touched = [self._tracked.touched(event) for event in events]
        asks = _reads(touched)
        asks |= {place: Ask() for seen in touched for place, _, _ in seen.writes}
        rows = []
        async with _Turn(self._lock, self._limit_s):
            await self._exchange(asks)
            try:
                for event, seen in zip(events, touched, strict=True):
                    rows.append(self._tracked.take(event, False))
                    for place, bits, _ in seen.writes:
                        self._tracked.do(place, Trace("f", event.id, bits, flat_of(seen.row)))
            except BaseException:
                self._spoil(asks)
                raise
            self._settle(asks)
        return rows

    async def observe(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.observe`; what does not get there in time follows with a later call."""
        await self._write("l", events)

    async def forget(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.forget`, and as late as `observe`. Of what was never learned because the
        profiles were late, nothing is done."""
        gone = [event for event in events if self._lately.get(event.id, True)]
        await self._write("f", gone)
        self._note(gone, False)

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """As `ProfileStore.label`, and as late as `observe`."""
        said = (at - EPOCH) // MICROSECOND
        seen = self._tracked.touched(event)
        word = [(p, Trace("w", event.id, heard, flat_of(seen.row), said, fraud))
                for p, _, heard in seen.writes if heard]  # fmt: skip
        await self._append(word)

    async def settle(self) -> None:
        """Settle what is uncertain now, not with the next call, if Valkey answers; done now and
        then, so that others do not wait for this process to have something to decide."""
        with suppress(ProfilesLate):
            while self._uncertain:
                async with self._lock:
                    await self._exchange({})

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each entity and each pair: how many keys are kept here, and how many rows."""
        return self._tracked.counts()

    @property
    def lost(self) -> bool:
        """Whether no generation is known to be in force."""
        return self._generation is None

    async def find_generation(self) -> str | None:
        """Join the generation in force; None when there is none. Raises ProfilesLate."""
        async with self._lock:
            with suppress(OutsideFailure):
                return await self._join()
        raise ProfilesLate

    async def _write(self, what: Any, events: Iterable[Event]) -> None:
        traces = []
        for event in events:
            seen = self._tracked.touched(event)
            traces += [(p, Trace(what, event.id, bits, flat_of(seen.row)))
                      for p, bits, _ in seen.writes]  # fmt: skip
        await self._append(traces)

    async def _append(self, traces: Sequence[tuple[Place, Trace]]) -> None:
        asks: Asks = {}
        for place, trace in traces:
            asks.setdefault(place, Ask(insisted=True)).traces.append(trace)
        broken = None
        async with self._lock:
            try:
                await self._exchange(asks)
            except ProfilesLate:
                if self._building is not None:
                    raise
                return
            for place, trace in traces:
                try:
                    self._tracked.do(place, trace)
                except BrokenInvariant as error:
                    broken = error
            self._settle(asks)
        if broken is not None:
            raise broken

    async def _exchange(self, asks: Asks) -> None:
        """One round trip; afterwards every key asked for is known as it was before its traces.
        Raises ProfilesLate."""
        if not asks and not self._uncertain:
            return
        self._call += 1
        everything = self._with_rest(asks)
        try:
            if self._generation is None and await self._join() is None:
                raise ProfilesLate
            if not self._loaded:
                await self._line.load(SCRIPT, limit_s=self._limit_s)
                self._loaded = True
            commands = [self._command(place, ask) for place, ask in everything.items()]
            self.round_trips += 1
            marker, *answers = await self._line.run(
                [("GET", self.marker), *commands], limit_s=self._limit_s
            )
        except OutsideFailure as failure:
            self._loaded = self._loaded and failure.reason != UNSCRIPTED
            self._doubt(everything)
            raise ProfilesLate from None
        except BaseException:
            self._doubt(everything)
            raise
        if self._building is None and marker != (self._generation or "").encode():
            await self._leave(commands)
            raise ProfilesLate
        self._hear(everything, answers)

    async def _join(self) -> str | None:
        if self._left:
            give_up = ("EVAL", _GIVE_UP, 1, self.marker, self._left)
            await self._line.run([give_up], limit_s=self._limit_s)
        [marker] = await self._line.run([("GET", self.marker)], limit_s=self._limit_s)
        self._generation = None if marker is None else marker.decode()
        self._left = "" if marker is None else None
        return self._generation

    async def _leave(self, commands: Sequence[Command]) -> None:
        """Another generation is in force, or none: what was known is of no use, and what was just
        written is nobody's."""
        self._start_over("")
        names = [name for command in commands for name in command[3:5]]
        with suppress(OutsideFailure):
            await self._line.run([("UNLINK", n) for n in names], limit_s=self._limit_s)

    def _start_over(self, left: str) -> None:
        self._generation, self._left = None, left
        self._tracked.clear()
        for forgotten in (self._known, self._uncertain, self._packed):
            forgotten.clear()
        self._lately = dict.fromkeys(self._lately, False)

    def _with_rest(self, asks: Asks) -> Asks:
        """`asks` and what else is to be settled or packed."""
        rest = [*[p for p, _ in zip(self._uncertain, range(_SETTLED), strict=False)],
                *[p for p, _ in zip(self._packed, range(_PACKED), strict=False)]]  # fmt: skip
        return asks | {place: Ask() for place in rest if place not in asks}

    def _command(self, place: Place, ask: Ask) -> Command:
        digest = blake2b(repr(place).encode(), digest_size=16).hexdigest()
        key = f"{self.marker}:{self._generation}:{{{digest}}}"
        born, version = self._known.get(place, (b"", 0))
        uncertain: list[Any] = []
        for number, done, undone in self._uncertain.get(place, ()):
            uncertain += [number, len(done), *done, len(undone), *undone]
        return (
            "EVALSHA", NAME, 2, f"{key}:log", f"{key}:about", born, version, self._name,
            self._call, self._lives[place[0]], *self._packed.pop(place, (b"", 0, b"")),
            len(self._uncertain.get(place, ())), *uncertain, *map(write, ask.traces),
        )  # fmt: skip

    def _hear(self, asks: Asks, answers: Sequence[Any]) -> None:
        try:
            for place, answer in zip(asks, answers, strict=True):
                born, version, stale, kept, missed, length = answer
                if stale:
                    self._tracked.put(place, kept)
                for body in missed:
                    self._tracked.catch_up(place, read(body, self._tracked.columns))
                self._known[place] = born, version
                self._known.move_to_end(place)
                self._uncertain.pop(place, None)
                self._pack_when_long(place, length)
        except (Malformed, ValueError):
            self._start_over(self._generation or "")
            raise ProfilesLate from None

    def _pack_when_long(self, place: Place, length: int) -> None:
        if length >= max(SHORT, self._tracked.rows(place) // 2):
            self._packed[place] = *self._known[place], self._tracked.pack(place)

    def _settle(self, asks: Asks) -> None:
        """The traces of `asks` are done here too. Let the keys go that are one too many."""
        for place, ask in asks.items():
            born, version = self._known[place]
            self._known[place] = born, version + len(ask.traces)
        while len(self._known) > self._most:
            place, _ = self._known.popitem(last=False)
            self._tracked.drop(place)

    def _doubt(self, asks: Asks) -> None:
        """It is not known whether the last call was carried out."""
        for place, ask in asks.items():
            if ask.traces or place in self._uncertain:
                self._uncertain.setdefault(place, []).append((self._call, *ask.remedy()))
        if len(self._uncertain) > _UNCERTAIN:
            self._start_over(self._generation or "")

    def _spoil(self, asks: Asks) -> None:
        """The last call was carried out, but not here: take back what it appended."""
        self._doubt(asks)
        for place in asks:
            self._known.pop(place, None)
            self._tracked.drop(place)

    def _note(self, events: Iterable[Event], learned: bool) -> None:
        for event in events:
            self._lately.pop(event.id, None)
            self._lately[event.id] = learned
        while len(self._lately) > _LATELY:
            self._lately.pop(next(iter(self._lately)))


class _Turn:
    """One batch after the other; ProfilesLate for one that would wait too long."""

    def __init__(self, lock: asyncio.Lock, limit_s: float) -> None:
        self._lock, self._limit_s = lock, limit_s

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                await self._lock.acquire()
        except TimeoutError:
            raise ProfilesLate from None

    async def __aexit__(self, *_raised: object) -> None:
        self._lock.release()


def _reads(touched: Iterable[Touched]) -> Asks:
    return {place: Ask() for seen in touched for place in seen.reads}
