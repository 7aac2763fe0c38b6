"""Profiles in process: the tracks of every payer, payee, device, card, address, terminal, phone.

Time is event time. An event that comes up to `tracks.LATE_S` later than a newer one of the same
entity gets exact answers, and the same answers in any order of arrival of the others; a later one
is learned, but its own windows may miss events that were already summed up. A window with more
than `tracks.LIMIT` events is read from tiles and named in the fact `approximate`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from anfu.risk import tracks
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue
from anfu.risk.groups import LAST, ROWS, SETTLED, Group, Row, Track, groups_of
from anfu.risk.reading import Tracks, conditions_of, flags_of, make_inputs, make_reader

# How many keys are looked at, for each event learned, to see whether they may go.
_LOOKED_AT = 4


class Profiles:
    """The store of one process. Not shared between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._groups = groups_of(catalogue)
        self._tracks: tuple[Tracks, ...] = tuple({} for _ in self._groups)
        # Keys of groups that know nothing for ever, each once or more, to be looked at in turn.
        self._keys: tuple[deque[Any], ...] = tuple(
            deque(maxlen=0 if group.lifelong else None) for group in self._groups
        )
        self._turn = 0
        self._newest = 0
        self._inputs = make_inputs(catalogue)
        self._flags = flags_of(catalogue)
        self._conditions = conditions_of(catalogue)
        created = [keys.append for keys in self._keys]
        self._take = make_reader(catalogue, self._groups, self._tracks, created)

    def learn_one(self, event: Event) -> Facts:
        """Learn a payment; its facts, the payment itself counted."""
        return self._take(event, True)

    async def learn(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.learn`."""
        rows: list[Facts] = []
        take = self._take
        try:
            for event in events:
                rows.append(take(event, True))
        except BaseException:
            await self.forget(events[: len(rows)])
            raise
        self._swept(events)
        return rows

    async def look(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.look`."""
        rows = []
        for event in events:
            rows.append(self._take(event, False))
            self._take_back(event)
        return rows

    async def observe(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.observe`."""
        done: list[Event] = []
        try:
            for event in events:
                self.observe_one(event)
                done.append(event)
        except BaseException:
            await self.forget(done)
            raise
        self._swept(events)

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """As `ProfileStore.label`."""
        self.label_one(event, fraud=fraud, at=at)

    async def forget(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.forget`."""
        for event in events:
            self.forget_one(event)

    def observe_one(self, event: Event) -> None:
        """Learn an event of any kind."""
        if event.kind is Kind.PAYMENT:
            self._take(event, True)
            return
        for group, key, row in self._places(event):
            track = self._tracks[group.number].get(key)
            if track is None:
                track = self._tracks[group.number][key] = group.fresh()
                self._keys[group.number].append(key)
            tracks.learn(group, track, row)

    def label_one(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """The payment was said at `at` to be fraud or not."""
        word = (at - EPOCH) // MICROSECOND, fraud
        for group, key, row in self._places(event):
            track = self._tracks[group.number].get(key)
            if group.labelled and track is not None:
                tracks.hear(group, track, row, event.id, word)

    def forget_one(self, event: Event) -> None:
        """Take one learning of `event` back, exactly, whatever was learned since.

        Raises BrokenInvariant when it was not learned, or (which may happen once it is older than
        the longest window and `LATE_S`) has been summed up.
        """
        for group, track, row in self._take_back(event):
            if group.labelled:
                tracks.unhear(group, track, row, event.id)

    def rebuild(self, events: Iterable[Event]) -> int:
        """Forget everything, then learn `events` in any order; returns how many.

        Windows are right when `events` reach back as far as the longest and an hour; ages, lifelong
        counts and usual places when they reach back to the beginning.
        """
        for known, keys in zip(self._tracks, self._keys, strict=True):
            known.clear()
            keys.clear()
        count = 0
        for event in events:
            self.observe_one(event)
            count += 1
        return count

    def sweep(self, *, now: datetime) -> int:
        """Drop the keys that no feature can see any more at `now`; returns how many.

        `learn` and `observe` do so by themselves, a few keys for each event, when the newest event
        is taken for the time.
        """
        at = (now - EPOCH) // MICROSECOND
        return sum(self._look_at(group, len(self._keys[group.number]), at)
                   for group in self._groups)  # fmt: skip

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each entity and each pair: how many keys, and how many rows of events in them."""
        counts: dict[str, tuple[int, int]] = {}
        for group, known in zip(self._groups, self._tracks, strict=True):
            keys, rows = counts.get(group.name, (0, 0))
            more = sum(len(track[ROWS]) for track in known.values())
            counts[group.name] = keys + len(known), rows + more
        return counts

    def _places(self, event: Event) -> Iterator[tuple[Group, Any, Row]]:
        """The groups an event belongs to, with its key and its row there."""
        inputs, row = self._inputs(event)
        named = dict(zip((i.name for i in self.catalogue.inputs), inputs, strict=True))
        flags = self._flags(inputs)
        for group in self._groups:
            if event.kind not in group.kinds:
                continue
            if group.condition and not flags >> self._conditions.index(group.condition) & 1:
                continue
            key = named[group.entity.value]
            if group.also is not None:
                key = (key, named[group.also.value]) if key and named[group.also.value] else None
            if key:
                yield group, key, row

    def _take_back(self, event: Event) -> list[tuple[Group, Track, Row]]:
        """The tracks it was taken out of, with its row there."""
        touched = []
        for group, key, row in self._places(event):
            known = self._tracks[group.number]
            track = known.get(key)
            if track is not None:
                tracks.forget(group, track, row)
                touched.append((group, track, row))
                if not track[ROWS] and track[SETTLED] is None:
                    del known[key]
        return touched

    def _swept(self, events: Sequence[Event]) -> None:
        """Look at some more keys of the next group."""
        for event in events:
            self._newest = max(self._newest, (event.at - EPOCH) // MICROSECOND)
        self._turn = (self._turn + 1) % len(self._groups)
        self._look_at(self._groups[self._turn], _LOOKED_AT * len(events), self._newest)

    def _look_at(self, group: Group, most: int, at: int) -> int:
        known, keys = self._tracks[group.number], self._keys[group.number]
        before, dropped = at - group.keep - tracks.KEPT, 0
        for _ in range(min(most, len(keys))):
            key = keys.popleft()
            track = known.get(key)
            if track is None:
                continue
            if track[LAST] <= before or not track[ROWS]:
                del known[key]
                dropped += 1
            else:
                keys.append(key)
        return dropped
