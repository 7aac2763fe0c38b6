"""Profiles in process: the tracks of every payer, payee, device, card and address.

Time is event time. An event that comes up to `tracks.LATE_S` later than a newer one of the same
entity gets exact answers, and the same answers in any order of arrival of the others; a later one
is learned, but its own windows may miss events that were already summed up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.facts import Facts
from anfu.risk.features import Aggregate, Catalogue, Entity
from anfu.risk.reading import Tracks, conditions_of, flags_of, make_inputs, make_reader
from anfu.risk.tracks import NOWHERE, Layout, Row, cell_of, layout

_WINDOWED = frozenset(
    {Aggregate.COUNT, Aggregate.SUM, Aggregate.MEAN, Aggregate.MAX, Aggregate.DISTINCT}
)


class Profiles:
    """The store of one process. Not shared between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._layouts = {entity: layout(catalogue, entity) for entity in Entity}
        self._tracks: dict[Entity, Tracks] = {entity: {} for entity in Entity}
        self._inputs = make_inputs(catalogue)
        self._flags = flags_of(catalogue)
        self._conditions = conditions_of(catalogue)
        # Learns the event and returns its facts, the event itself counted.
        self.learn_one = make_reader(catalogue, self._layouts, self._tracks)

    async def learn(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.learn`."""
        rows: list[Facts] = []
        try:
            for event in events:
                rows.append(self.learn_one(event))
        except BaseException:
            await self.forget(events[: len(rows)])
            raise
        return rows

    async def look(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.look`."""
        rows = []
        for event in events:
            rows.append(self.learn_one(event))
            self.forget_one(event)
        return rows

    async def forget(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.forget`."""
        for event in events:
            self.forget_one(event)

    async def observe(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.observe`."""
        await self.learn(events)

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """As `ProfileStore.label`."""

    def forget_one(self, event: Event) -> None:
        """Take one learning of `event` back, exactly, whatever was learned since.

        Raises BrokenInvariant when it was not learned, or (which may happen once it is older than
        the longest window and `LATE_S`) has been summed up.
        """
        inputs = self._inputs(event)
        named = dict(zip((i.name for i in self.catalogue.inputs), inputs, strict=True))
        flags = self._flags(inputs)
        for entity, plan in self._layouts.items():
            key = named[entity.value]
            track = None if key is None else self._tracks[entity].get(key)
            if track is not None:
                track.remove(_row(plan, named, flags, self._conditions))
                if not track.columns[0] and track.settled is None:
                    del self._tracks[entity][key]

    def rebuild(self, events: Iterable[Event]) -> int:
        """Forget everything, then learn `events` in any order; returns how many.

        Windows are right when `events` reach back a week and an hour; ages, lifelong counts and
        usual places when they reach back to the beginning.
        """
        for tracks in self._tracks.values():
            tracks.clear()
        count = 0
        for event in events:
            self.learn_one(event)
            count += 1
        return count

    def sweep(self, *, now: datetime) -> int:
        """Drop the keys that no feature can see any more at `now`; returns how many.

        Only entities all of whose features have windows are swept (addresses, as shipped).
        """
        at, dropped = (now - EPOCH) // MICROSECOND, 0
        for entity, plan in self._layouts.items():
            ours = [f for f in self.catalogue.features if f.entity is entity]
            if all(f.aggregate in _WINDOWED and f.window_s is not None for f in ours):
                tracks = self._tracks[entity]
                dead = [k for k, t in tracks.items() if not t.columns[0] or
                        t.columns[0][-1] <= at - plan.keep]  # fmt: skip
                for key in dead:
                    del tracks[key]
                dropped += len(dead)
        return dropped

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each entity: how many keys, and how many events in their columns."""
        return {
            entity.value: (len(tracks), sum(len(t.columns[0]) for t in tracks.values()))
            for entity, tracks in self._tracks.items()
        }


def _row(plan: Layout, named: dict[str, Any], flags: int, conditions: tuple[str, ...]) -> Row:
    row = [named["at"], *([named["amount"]] if plan.amounts else [])]
    row += [named[text] for text in plan.texts]
    row += [flags >> conditions.index(c) & 1 for c in plan.conditions]
    if plan.placed:
        latitude, longitude = named["latitude"], named["longitude"]
        if latitude is None:
            row += [NOWHERE, NOWHERE, -1]
        else:
            row += [latitude, longitude, cell_of(latitude, longitude)]
    return tuple(row)
