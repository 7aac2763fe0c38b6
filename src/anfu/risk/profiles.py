"""Profiles in process: the tracks of every payer, payee, device, card, address, terminal, phone.

Time is event time. An event that comes up to `tracks.LATE_S` later than a newer one of the same
entity gets exact answers, and the same answers in any order of arrival of the others; a later one
is learned, but its own windows may miss events that were already summed up. A window with more
than `tracks.LIMIT` events is read from tiles and named in the fact `approximate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from anfu.risk import tracks
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue
from anfu.risk.groups import AT, ROWS, Group, Home, Row, Shelf, Shelves, Track, homes_of
from anfu.risk.reading import conditions_of, flags_of, make_inputs, make_reader
from anfu.risk.turns import Turns

# How many keys, for each event learned, are looked at when it is their turn. A payment makes nine
# new keys at the most, and homes take turns.
_LOOKED_AT = 16


class Profiles:
    """The store of one process. Not shared between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._homes = homes_of(catalogue)
        self._shelves: tuple[Shelves, ...] = tuple({} for _ in self._homes)
        self._turns = tuple(Turns(home.reach + tracks.KEPT) for home in self._homes)
        self._turn = 0
        self._newest = 0
        self._inputs = make_inputs(catalogue)
        self._flags = flags_of(catalogue)
        self._conditions = conditions_of(catalogue)
        created = [turns.young.append for turns in self._turns]
        self._take = make_reader(catalogue, self._homes, self._shelves, created)

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
        for home, group, key, row in self._places(event):
            tracks.learn(group, self._track(home, group, key), row)

    def label_one(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """The payment was said at `at` to be fraud or not."""
        word = (at - EPOCH) // MICROSECOND, fraud
        for home, group, key, row in self._places(event):
            if group.labelled:
                tracks.hear(group, self._track(home, group, key), row[AT], event.id, word)

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
        for known, turns in zip(self._shelves, self._turns, strict=True):
            known.clear()
            turns.clear()
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
        dropped = 0
        for home, known in zip(self._homes, self._shelves, strict=True):
            dropped += sum(self._look_at(home, key, at) for key in list(known))
        return dropped

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each entity and each pair: how many keys, and how many rows of events in their
        tracks."""
        return {
            home.name: (
                len(known),
                sum(len(track[ROWS]) for shelf in known.values() for track in shelf if track),
            )
            for home, known in zip(self._homes, self._shelves, strict=True)
        }

    def _track(self, home: Home, group: Group, key: Any) -> Track:
        known = self._shelves[home.number]
        if key not in known:
            known[key] = [None] * len(home.groups)
            self._turns[home.number].young.append(key)
        shelf = known[key]
        track = shelf[group.number]
        if track is None:
            track = shelf[group.number] = group.fresh()
        return track

    def _places(self, event: Event) -> Iterator[tuple[Home, Group, Any, Row]]:
        """The groups an event belongs to, with its key and its row there."""
        inputs, row = self._inputs(event)
        named = dict(zip((i.name for i in self.catalogue.inputs), inputs, strict=True))
        flags = self._flags(inputs)
        for home in self._homes:
            key = named[home.entity.value]
            if home.also is not None:
                key = (key, named[home.also.value]) if key and named[home.also.value] else None
            for group in home.groups if key else ():
                bit = self._conditions.index(group.condition) if group.condition else None
                if event.kind in group.kinds and (bit is None or flags >> bit & 1):
                    yield home, group, key, row

    def _take_back(self, event: Event) -> list[tuple[Group, Track, Row]]:
        """The tracks it was taken out of, with its row there."""
        touched = []
        for home, group, key, row in self._places(event):
            known = self._shelves[home.number]
            shelf = known.get(key)
            track = None if shelf is None else shelf[group.number]
            if shelf is not None and track is not None:
                tracks.forget(group, track, row)
                touched.append((group, track, row))
                _clear(home, shelf, 0)
                if not any(shelf):
                    del known[key]
                    self._turns[home.number].take_back(key)
        return touched

    def _swept(self, events: Sequence[Event]) -> None:
        """Look at the keys of the next home whose turn it is."""
        for event in events:
            self._newest = max(self._newest, (event.at - EPOCH) // MICROSECOND)
        if not self._homes:
            return
        self._turn = (self._turn + 1) % len(self._homes)
        home, turns = self._homes[self._turn], self._turns[self._turn]
        for key in turns.due(self._newest, _LOOKED_AT * len(events)):
            known = self._shelves[home.number]
            if key in known and not self._look_at(home, key, self._newest):
                turns.young.append(key)

    def _look_at(self, home: Home, key: Any, at: int) -> bool:
        """Drop what is dead of a key; whether that was everything."""
        known = self._shelves[home.number]
        _clear(home, known[key], at)
        if any(known[key]):
            return False
        del known[key]
        return True


def _clear(home: Home, shelf: Shelf, at: int) -> None:
    """Take tracks of which nothing can be seen at `at` off the shelf."""
    for group in home.groups:
        track = shelf[group.number]
        if track is not None and tracks.dead(group, track, at):
            shelf[group.number] = None
