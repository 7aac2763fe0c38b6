"""The tracks a process keeps of the keys it has met: what Valkey's log comes to, key by key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.event import Event, Kind
from anfu.risk.features import Catalogue
from anfu.risk.shared import tracks
from anfu.risk.shared.groups import ROWS, Home, Shelf, Shelves, columns_of, homes_of
from anfu.risk.shared.reading import conditions_of, flags_of, make_inputs, make_reader
from anfu.risk.shared.snapshot import pack, unpack
from anfu.risk.shared.trace import Trace, row_of
from anfu.risk.tiles import AT, Row

Place = tuple[int, Any]
"""The number of a home and a key there: a text, or two of a pair."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What an event has to do with: the places it is read at, those it belongs to with the bits of
    its groups and of those among them that hear words, and its row."""

    reads: tuple[Place, ...]
    writes: tuple[tuple[Place, int, int], ...]
    row: Row


class Tracked:
    """Shelves by place, without a bound of their own."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.homes = homes_of(catalogue)
        self.columns = len(columns_of(catalogue))
        self._shelves: tuple[Shelves, ...] = tuple({} for _ in self.homes)
        self._inputs, self._flags = make_inputs(catalogue), flags_of(catalogue)
        self._number = {i.name: n for n, i in enumerate(catalogue.inputs)}
        conditions = conditions_of(catalogue)
        self._groups = {
            kind: tuple(
                tuple(
                    (
                        1 << g.number,
                        g.labelled,
                        None if g.condition is None else conditions.index(g.condition),
                    )
                    for g in home.groups
                    if kind in g.kinds
                )
                for home in self.homes
            )
            for kind in Kind
        }
        self._readings = tuple(
            (home, by) for home in self.homes
            for by in {by: None for g in home.groups for by, _ in g.readings}
        )  # fmt: skip
        self.take = make_reader(
            catalogue, self.homes, self._shelves, [lambda _key: None for _ in self.homes]
        )

    def touched(self, event: Event) -> Touched:
        """Raises what a reading of the event would."""
        inputs, row = self._inputs(event)
        flags = self._flags(inputs)
        reads: list[Place] = []
        if event.kind is Kind.PAYMENT:
            for home, by in self._readings:
                key = self._key(home, inputs, by.value)
                if key is not None:
                    reads.append((home.number, key))
        writes = []
        for home, groups in zip(self.homes, self._groups[event.kind], strict=True):
            key = self._key(home, inputs, home.entity.value) if groups else None
            ours = [g for g in groups if g[2] is None or flags >> g[2] & 1]
            if key is not None and ours:
                heard = sum(bit for bit, labelled, _ in ours if labelled)
                writes.append(((home.number, key), sum(bit for bit, _, _ in ours), heard))
        return Touched(tuple(reads), tuple(writes), row)

    def do(self, place: Place, trace: Trace) -> None:
        """Raises BrokenInvariant for a trace that cannot be: one forgotten that is not there."""
        home, row = self.homes[place[0]], row_of(trace.flat)
        known = self._shelves[home.number]
        shelf = known.get(place[1])
        if shelf is None:
            shelf = [None] * len(home.groups)
        try:
            for group in home.groups:
                if trace.groups >> group.number & 1:
                    _do(home, group.number, shelf, trace, row)
        finally:
            if any(shelf):
                known[place[1]] = shelf
            else:
                known.pop(place[1], None)

    def catch_up(self, place: Place, trace: Trace) -> None:
        """`do` what another process did: what it was refused there is nothing here."""
        with suppress(BrokenInvariant):
            self.do(place, trace)

    def pack(self, place: Place) -> bytes:
        home = self.homes[place[0]]
        return pack(home, self._shelves[place[0]].get(place[1]) or [None] * len(home.groups))

    def put(self, place: Place, snapshot: bytes) -> None:
        """Take a snapshot for what is known; nothing is known when it is empty. Raises
        Malformed."""
        self.drop(place)
        if snapshot:
            shelf = unpack(self.homes[place[0]], snapshot, self.columns)
            if any(shelf):
                self._shelves[place[0]][place[1]] = shelf

    def drop(self, place: Place) -> None:
        self._shelves[place[0]].pop(place[1], None)

    def rows(self, place: Place) -> int:
        """How many rows its tracks have."""
        shelf = self._shelves[place[0]].get(place[1]) or ()
        return sum(len(track[ROWS]) for track in shelf if track is not None)

    def clear(self) -> None:
        for known in self._shelves:
            known.clear()

    def counts(self) -> dict[str, tuple[int, int]]:
        """As `Profiles.counts`, of the keys that are kept here."""
        return {
            home.name: (len(known), sum(self.rows((home.number, key)) for key in known))
            for home, known in zip(self.homes, self._shelves, strict=True)
        }

    def _key(self, home: Home, inputs: tuple[Any, ...], by: str) -> Any:
        key = inputs[self._number[by]]
        if home.also is None or not key:
            return key or None
        other = inputs[self._number[home.also.value]]
        return (key, other) if other else None


def _do(home: Home, number: int, shelf: Shelf, trace: Trace, row: Row) -> None:
    group, track = home.groups[number], shelf[number]
    if trace.what == "f":
        if track is not None:
            tracks.forget(group, track, row)
            if group.labelled:
                tracks.unhear(group, track, row, trace.id)
            if tracks.dead(group, track, 0):
                shelf[number] = None
        return
    if track is None:
        track = shelf[number] = group.fresh()
    if trace.what == "w" and group.labelled:
        tracks.hear(group, track, row[AT], trace.id, (trace.said, trace.fraud))
    if trace.what == "l":
        tracks.learn(group, track, row)


def life_ms(home: Home) -> int:
    """How long a key that nobody touches is of use to anybody; 0: for ever."""
    if any(group.lifelong for group in home.groups):
        return 0
    longest = max(max(group.keep, group.reach) for group in home.groups)
    return (longest + tracks.KEPT) // 1_000
