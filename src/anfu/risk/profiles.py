"""Profiles in process: what is known of every payer, payee, device, card, address, terminal, phone.

Time is event time. An event that comes up to `LATE_S` (an hour) later than a newer one of the same
entity gets exact answers, and the same answers in any order of arrival of the others; a later one
is learned, but its own windows may miss events that were already summed up. A window with more
than `LIMIT` (4,096) events is read from tiles and named in the fact `approximate`.

What is kept, and how, is in `packed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue


class Profiles:
    """The store of one process. Not shared between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        # The compiler takes half a second to import, which no other command should wait for.
        from anfu.risk.packed.given import AT_ONCE  # noqa: PLC0415
        from anfu.risk.packed.shelves import Shelves  # noqa: PLC0415

        self.catalogue = catalogue
        self._shelves, self._most = Shelves(catalogue), AT_ONCE

    def learn_one(self, event: Event) -> Facts:
        """Learn a payment; its facts, the payment itself counted."""
        [facts] = self._shelves.learn([event], sweep=False)
        return facts

    async def learn(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.learn`."""
        rows: list[Facts] = []
        try:
            for at in range(0, len(events), self._most):
                rows += self._shelves.learn(events[at : at + self._most], sweep=True)
        except BaseException:
            await self.forget(events[: len(rows)])
            raise
        return rows

    async def look(self, events: Sequence[Event]) -> list[Facts]:
        """As `ProfileStore.look`."""
        return [self._shelves.look(event) for event in events]

    async def observe(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.observe`."""
        done = 0
        try:
            for at in range(0, len(events), self._most):
                some = events[at : at + self._most]
                self._shelves.observe(some, sweep=True)
                done += len(some)
        except BaseException:
            await self.forget(events[:done])
            raise

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """As `ProfileStore.label`."""
        self.label_one(event, fraud=fraud, at=at)

    async def forget(self, events: Sequence[Event]) -> None:
        """As `ProfileStore.forget`."""
        for event in events:
            self.forget_one(event)

    def observe_one(self, event: Event) -> None:
        """Learn an event of any kind."""
        self._shelves.observe([event], sweep=False)

    def label_one(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """The payment was said at `at` to be fraud or not."""
        self._shelves.label(event, ((at - EPOCH) // MICROSECOND, fraud))

    def forget_one(self, event: Event) -> None:
        """Take one learning of `event` back, exactly, whatever was learned since.

        Raises BrokenInvariant when it was not learned, or (which may happen once it is older than
        the longest window and `LATE_S`) has been summed up.
        """
        self._shelves.forget(event)

    def rebuild(self, events: Iterable[Event]) -> int:
        """Forget everything, then learn `events` in any order; returns how many.

        Windows are right when `events` reach back as far as the longest and an hour; ages, lifelong
        counts and usual places when they reach back to the beginning.
        """
        self._shelves.clear()
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
        return self._shelves.sweep((now - EPOCH) // MICROSECOND)

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each entity and each pair: how many keys, and how many rows of events."""
        return self._shelves.counts()
