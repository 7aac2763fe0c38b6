"""The test clock's place: how far ahead it stands, in one row that all processes follow."""

from __future__ import annotations

from datetime import timedelta

from anfu.kernel.clock import MovableClock
from anfu.kernel.errors import Refused
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

# Farther than any law keeps anything, and still a date that every part can write.
MOST = timedelta(days=36_525)


async def read_ahead(tx: Tx) -> timedelta:
    """How far the clock has been moved in all."""
    ahead: timedelta = await tx.fetchval("SELECT ahead FROM storage.test_clock")
    return ahead


async def advance(tx: Tx, *, by: timedelta) -> timedelta:
    """Move the clock of the installation; how far it stands ahead afterwards.

    Raises Refused(test_clock_too_far) for more than a hundred years in all, ValueError for a step
    that is not forward.
    """
    if by <= timedelta(0):
        raise ValueError("a clock does not run backwards")
    ahead: timedelta = await tx.fetchval(
        "UPDATE storage.test_clock SET ahead = ahead + $1 RETURNING ahead", by
    )
    if ahead > MOST:
        raise Refused("test_clock_too_far", field="seconds")
    return ahead


async def follow(database: Database, clock: MovableClock) -> bool:
    """Stand where the installation's clock stands; whether that is farther than before."""
    async with database.transaction(readonly=True) as tx:
        ahead = await read_ahead(tx)
    before = clock.ahead
    clock.move(ahead)
    return clock.ahead > before
