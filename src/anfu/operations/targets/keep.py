"""Keep: the sheet of each currency is drawn up by the worker once a minute, since it reads every
label and refund of a month; whoever looks at it reads one row."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.periods import civil_day
from anfu.operations.figures.queries import counted_until
from anfu.operations.targets import queries
from anfu.operations.targets.draw_up import Asked, draw_up
from anfu.operations.targets.operations import put_sheet
from anfu.operations.targets.sheet import FRESH, MONTH, Drawn, Sheet
from anfu.storage.database import Database
from anfu.storage.transaction import Tx


async def keep_sheet(database: Database, currency: str, *, now: datetime) -> None:
    """Draw up the sheet of a currency again, unless the last one is fresh."""
    async with database.transaction(readonly=True) as tx:
        last = await queries.find_sheet(tx, currency)
    if last is not None and last.drawn_at > now - FRESH:
        return
    sheet = await draw_sheet(database, currency, now=now)

    async def put(tx: Tx) -> None:
        await put_sheet(tx, currency=currency, sheet=sheet)

    await database.run(put)


async def get_sheet(database: Database, currency: str, *, now: datetime) -> Sheet:
    """The sheet the worker has drawn up last; where it never did, one drawn up now."""
    async with database.transaction(readonly=True) as tx:
        kept = await queries.find_sheet(tx, currency)
    return await draw_sheet(database, currency, now=now) if kept is None else kept


async def draw_sheet(database: Database, currency: str, *, now: datetime) -> Sheet:
    """The targets of today and of thirty days, all of one moment."""
    today = civil_day(now).start
    async with database.transaction(readonly=True, snapshot=True) as tx:
        return Sheet(
            now,
            await counted_until(tx),
            Drawn(today, await draw_up(tx, Asked(today, currency), now=now)),
            Drawn(today - MONTH, await draw_up(tx, Asked(today - MONTH, currency), now=now)),
        )
