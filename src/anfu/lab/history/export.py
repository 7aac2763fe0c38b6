"""Export: from the database into the archive, a part at a time, each from one snapshot.

It begins where the last one ended, and ends where decisions may still be on their way to commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from anfu.lab.history.archive import DECISIONS, LABELS, MOVES, Archive, Reach
from anfu.payments.queries import find_ends, moved_since
from anfu.risk.event import EPOCH, MICROSECOND, moment
from anfu.risk.facts import Facts, decode
from anfu.risk.features import Catalogue
from anfu.risk.history.queries import Decided, decided_after, list_catalogues, said_after
from anfu.risk.label import Truth
from anfu.storage.database import Database

# Small pages: between two of them the process does what cannot wait.
PAGE, PART = 1_000, 200_000
# A decision's id is made before its commit; by then it has been committed or never will be.
SETTLED = timedelta(seconds=60)


async def export(
    database: Database, archive: Archive, catalogue: Catalogue, *, now: datetime
) -> Reach:
    """Everything decided up to a minute ago, everything said, and where payments stand, is in the
    archive. Of decisions by another catalogue the facts that `catalogue` has too are kept, and the
    others of its own are NULL."""
    until = now - SETTLED
    while await _decisions(database, archive, catalogue, until):
        pass
    await _moves(database, archive, until)
    await _labels(database, archive)
    return archive.reach


async def _decisions(
    database: Database, archive: Archive, catalogue: Catalogue, until: datetime
) -> bool:
    """One part; whether there may be more."""
    rows: list[tuple[Any, ...]] = []
    last, more = archive.reach.last, True
    async with database.transaction(readonly=True, snapshot=True) as tx:
        facts_of = _reader(await list_catalogues(tx), catalogue)
        while more and len(rows) < PART:
            page = await decided_after(tx, last, until=until, most=PAGE)
            known = [facts_of(decided) for decided in page]
            ends = await find_ends(tx, [str(facts[0]) for facts in known])
            for decided, facts in zip(page, known, strict=True):
                seq = archive.reach.rows + len(rows)
                end = ends.get(str(facts[0]), (None, None))
                rows.append((seq, *facts, *_said(decided), *end))
            more = len(page) == PAGE
            last = page[-1].id if page else last
    reached = {"last": last, "rows": archive.reach.rows + len(rows)}
    await asyncio.to_thread(archive.add, DECISIONS, rows, **reached)
    return more


def _reader(known: Mapping[str, Catalogue], wanted: Catalogue) -> Callable[[Decided], Facts]:
    """Gives the facts of a decision by any catalogue in the order of the `wanted` one; the first
    of them is the id of the event in every catalogue."""
    names = [fact.name for fact in wanted.facts]
    orders = {
        version: _order([fact.name for fact in theirs.facts], names)
        for version, theirs in known.items()
    }

    def read(decided: Decided) -> Facts:
        facts = decode(known[decided.catalogue].facts, decided.facts)
        return orders[decided.catalogue](facts)

    return read


def _order(theirs: Sequence[str], wanted: Sequence[str]) -> Callable[[Facts], Facts]:
    if theirs == wanted:
        return lambda facts: facts
    places = [theirs.index(name) if name in theirs else None for name in wanted]
    return lambda facts: tuple(None if place is None else facts[place] for place in places)


def _said(decided: Decided) -> tuple[Any, ...]:
    beside = {} if decided.beside is None else msgspec.json.decode(decided.beside)
    shadow = ",".join(beside.get("rules", ()))
    return (decided.id, decided.score, decided.outcome, decided.grade, decided.reasons, shadow,
            decided.catalogue, decided.rule_set)  # fmt: skip


async def _moves(database: Database, archive: Archive, until: datetime) -> None:
    """What has moved since the last time, or may have in the seconds that were still open then."""
    since, after, rows = moment(archive.reach.moved_us), "", list[tuple[Any, ...]]()
    page: Sequence[tuple[str, str, int]] | None = None
    while archive.reach.moved_us and (page is None or len(page) == PAGE):
        async with database.transaction(readonly=True) as tx:
            page = await moved_since(tx, since, after=after, most=PAGE)
        rows += [(*moved, archive.reach.moves) for moved in page]
        after = page[-1][0] if page else after
    moved_us = (until - EPOCH) // MICROSECOND
    await asyncio.to_thread(archive.add, MOVES, rows, moved_us=moved_us)


async def _labels(database: Database, archive: Archive) -> None:
    """All of them, anew: they are few, and what was said early may commit late."""
    after, rows = ("", 0), list[tuple[Any, ...]]()
    async with database.transaction(readonly=True, snapshot=True) as tx:
        while page := await said_after(tx, after, most=PAGE):
            after = (page[-1][1].payment, page[-1][0])
            rows += [
                (label.payment, (label.at - EPOCH) // MICROSECOND, label.truth is Truth.FRAUD,
                 label.source)
                for _, label in page
            ]  # fmt: skip
    await asyncio.to_thread(archive.add, LABELS, rows)
