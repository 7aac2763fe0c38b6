"""Restore: fill a Valkey that has no profiles in force from the database, by one process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from anfu.kernel.errors import OutsideFailure
from anfu.risk.engine import Engine, ProfilesLate
from anfu.risk.event import Event
from anfu.risk.facts import Facts
from anfu.risk.rebuild import rebuild
from anfu.risk.rules import default_rule_set
from anfu.risk.shared.store import SharedProfiles
from anfu.storage.database import Database
from anfu.storage.valkey import Line

# Nobody waits for an answer here.
LIMIT_S = 10.0
# A process that ended while restoring is waited for so long.
_CLAIM_MS, _RENEWED_S = 15_000, 5.0
# What committed this long before the first pass began may still be new to the second.
_OVERLAP = timedelta(minutes=1)
_LATELY = 200_000


async def restore(
    database: Database, store: SharedProfiles, line: Line, *, name: str, now: datetime
) -> int | None:
    """See that profiles are in force; `name` is a new one for the generation that is made when
    there is none. Returns how many events and labels it was made of; None when nothing was to be
    done, another process is at it, or Valkey does not answer.

    Decisions go on meanwhile, without profiles; those that commit after the second pass and before
    the generation comes into force, milliseconds later, are not in it.
    """
    claim = f"{store.marker}:claim"
    with suppress(OutsideFailure, ProfilesLate):
        if await store.find_generation() is not None:
            return None
        if not await _claimed(line, claim, name):
            return None
        held = asyncio.create_task(_hold(line, claim, name))
        try:
            count = await _fill(database, store, line, name=name, now=now)
            [set_] = await line.run([("SET", store.marker, name, "NX")], limit_s=LIMIT_S)
        finally:
            held.cancel()
            await asyncio.gather(held, return_exceptions=True)
            await line.run([("DEL", claim)], limit_s=LIMIT_S)
        await line.sweep(f"{store.marker}:*", f"{store.marker}:{name}:", limit_s=LIMIT_S)
        await store.find_generation()
        return count if set_ else None
    return None


async def _fill(
    database: Database, store: SharedProfiles, line: Line, *, name: str, now: datetime
) -> int:
    building = SharedProfiles(
        store.catalogue, line, name=f"{name}b", limit_s=LIMIT_S, most_keys=20_000, building=name
    )
    engine = Engine(store.catalogue, default_rule_set(), _Once(building))
    count = 0
    for since in (None, now - _OVERLAP):
        async with database.transaction(readonly=True) as tx:
            count += await rebuild(tx, engine, since=since)
    return count


class _Once:
    """Learns no event a second time, of the latest `_LATELY`; hearing a word twice says nothing
    new."""

    def __init__(self, profiles: SharedProfiles) -> None:
        self.catalogue = profiles.catalogue
        self._profiles = profiles
        self._seen: dict[str, None] = {}

    async def observe(self, events: Sequence[Event]) -> None:
        fresh = [event for event in events if event.id not in self._seen]
        await self._profiles.observe(fresh)
        self._seen |= dict.fromkeys(event.id for event in fresh)
        while len(self._seen) > _LATELY:
            self._seen.pop(next(iter(self._seen)))

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        await self._profiles.label(event, fraud=fraud, at=at)

    async def learn(self, _events: Sequence[Event]) -> list[Facts]:
        raise ProfilesLate

    look = learn

    async def forget(self, events: Sequence[Event]) -> None:
        await self._profiles.forget(events)


async def _claimed(line: Line, claim: str, name: str) -> bool:
    command = ("SET", claim, name, "NX", "PX", _CLAIM_MS)
    [said] = await line.run([command], limit_s=LIMIT_S)
    return bool(said)


async def _hold(line: Line, claim: str, name: str) -> None:
    while True:
        await asyncio.sleep(_RENEWED_S)
        with suppress(OutsideFailure):
            await line.run([("SET", claim, name, "XX", "PX", _CLAIM_MS)], limit_s=LIMIT_S)
