"""Carry forward: keep the sums of the books up with the entries, a stretch to a turn."""

from __future__ import annotations

from datetime import datetime

from anfu.ledger.books import operations
from anfu.storage.database import Database
from anfu.storage.transaction import Busy, Tx


async def carry(database: Database, *, now: datetime) -> int:
    """1 when a moment was added up, and there may be more. While somebody books all the time, or
    for long, the next turn tries again: what was carried before is good."""

    async def begin(tx: Tx) -> datetime | None:
        return await operations.begin_carrying(tx, now=now)

    try:
        await database.run(begin)
    except Busy:
        return 0
    return await database.run(operations.add_up)
