"""Writes of the sums carried forward."""

from __future__ import annotations

from datetime import datetime

from anfu.ledger.books.carried import next_until
from anfu.ledger.books.queries import MOVED, last_carried
from anfu.storage.transaction import Tx

# The lock of 0061_ledger_carried.sql: whoever books has it in common with others.
_BOOKING = 0x616E6675CA
_PATIENCE = "50ms"
_ADD = f"""
INSERT INTO ledger.carried_sum (until, kind, currency, accounts, debits, credits)
SELECT $2, kind, currency, sum(accounts), sum(debits), sum(credits)
FROM ({MOVED}) AS moved GROUP BY kind, currency
"""


async def begin_carrying(tx: Tx, *, now: datetime) -> datetime | None:
    """Write the next moment; None: none is due. Waits for those who book, and those behind it,
    50 ms at the most: raises Busy."""
    last = await tx.fetchval(
        "SELECT coalesce((SELECT max(until) FROM ledger.carried),"
        " (SELECT min(opened_at) FROM ledger.account))"
    )
    until = None if last is None else next_until(last, now=now)
    if until is None:
        return None
    await tx.execute("SELECT set_config('lock_timeout', $1, true)", _PATIENCE)
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _BOOKING)
    await tx.execute("INSERT INTO ledger.carried (until) VALUES ($1) ON CONFLICT DO NOTHING", until)
    return until


async def add_up(tx: Tx) -> int:
    """Add up to the first moment that is not added up yet: the sums of the moment before, and what
    moved since. 1 when there was one."""
    until = await tx.fetchval(
        "SELECT until FROM ledger.carried WHERE NOT whole ORDER BY until LIMIT 1 FOR UPDATE"
    )
    if until is None:
        return 0
    await tx.execute(_ADD, await last_carried(tx, until), until)
    await tx.execute("UPDATE ledger.carried SET whole = true WHERE until = $1", until)
    return 1
