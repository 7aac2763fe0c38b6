"""Working tables: a bill's lines and our side of them, for the length of one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from anfu.channels.bills.bill import FundLine, TradeLine
from anfu.kernel.periods import Period
from anfu.payments.booked.queries import fill_named, fill_period
from anfu.storage.transaction import Tx

LINE, OURS, NAMES = "pg_temp.rc_line", "pg_temp.rc_ours", "pg_temp.rc_names"
COPY_S = 600.0
_CHUNK = 4096
# nth: of the lines with one number, which this is; 0 once it has been used for an earlier day.
_TABLES = """
SET LOCAL work_mem = '192MB';
DROP TABLE IF EXISTS pg_temp.rc_line, pg_temp.rc_fund, pg_temp.rc_ours, pg_temp.rc_names,
    pg_temp.rc_judged, pg_temp.rc_moved;
CREATE TEMPORARY TABLE rc_line (
    row integer, nth integer NOT NULL DEFAULT 1, amount bigint, fee bigint, at timestamptz,
    number text COLLATE "C", refund text COLLATE "C", reference text COLLATE "C", currency text,
    state text, kind text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE rc_fund (
    row integer, amount bigint, at timestamptz, number text COLLATE "C",
    reference text COLLATE "C", currency text, kind text, balance bigint
) ON COMMIT DROP;
CREATE TEMPORARY TABLE rc_ours (
    amount bigint, at timestamptz, inside boolean, number text COLLATE "C",
    refund text COLLATE "C", currency text, state text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE rc_names (number text COLLATE "C", refund text COLLATE "C") ON COMMIT DROP;
"""
_RANK = """
WITH repeated AS MATERIALIZED (
    SELECT number, refund FROM rc_line GROUP BY number, refund HAVING count(*) > 1
), ranked AS (
    SELECT row, row_number() OVER (
        PARTITION BY number, refund ORDER BY (state = 'DONE') DESC, row) AS place
    FROM rc_line JOIN repeated USING (number, refund)
)
UPDATE rc_line l SET nth = r.place FROM ranked r WHERE r.place > 1 AND l.row = r.row
"""
# What is named by a line or by an item that still waits for one, and is not of the day.
_NAMES = """
INSERT INTO rc_names
SELECT number, refund FROM (
    SELECT number, refund FROM rc_line WHERE nth = 1
    UNION
    SELECT number, refund FROM settlement.item
     WHERE channel = $1 AND leg = 'TRADE' AND state IN ('EXPECTED', 'IN_DOUBT', 'SHORT', 'POSTED')
) AS named
WHERE NOT EXISTS (
    SELECT FROM rc_ours o WHERE (o.number, o.refund) = (named.number, named.refund))
"""


async def open_tables(tx: Tx) -> None:
    """Empty working tables, whatever the transaction has matched before; dropped at its end."""
    await tx.execute(_TABLES)


async def load_trades(tx: Tx, lines: Iterator[TradeLine]) -> None:
    """The lines of a trade bill, and of those with one number which comes first. Raises as the
    parser does."""
    rows = ((r[0], r[5], r[7], r[8], r[2], r[3] or "", r[4], r[6], r[9], r[1]) for r in lines)
    columns = ("row", "amount", "fee", "at", "number", "refund", "reference", "currency", "state",
               "kind")  # fmt: skip
    await _copy(tx, "rc_line", rows, columns)
    await tx.execute("ANALYZE rc_line")
    await tx.execute(_RANK)


async def load_funds(tx: Tx, lines: Iterator[FundLine]) -> None:
    """The lines of a fund bill."""
    rows = ((r[0], r[4], r[6], r[2], r[3], r[5], r[1], r[7]) for r in lines)
    columns = ("row", "amount", "at", "number", "reference", "currency", "kind", "balance")
    await _copy(tx, "rc_fund", rows, columns)
    await tx.execute("ANALYZE rc_fund")


async def load_ours(tx: Tx, channel: str, period: Period) -> None:
    """Our side: what was made in the period, and whatever else lines and waiting items name."""
    await fill_period(tx, OURS, channel, period)
    await tx.execute("ANALYZE rc_ours")
    await tx.execute(_NAMES, channel)
    await tx.execute("ANALYZE rc_names")
    await fill_named(tx, OURS, channel, NAMES)
    await tx.execute("ANALYZE rc_ours")


async def _copy(
    tx: Tx, table: str, rows: Iterator[tuple[Any, ...]], columns: tuple[str, ...]
) -> None:
    await tx.copy_records_to_table(table, records=_fed(rows), columns=columns, timeout=COPY_S)


async def _fed(rows: Iterator[tuple[Any, ...]]) -> AsyncIterator[tuple[Any, ...]]:
    """Parsed beside the event loop, some thousand rows at a time: others are served meanwhile."""
    while chunk := await asyncio.to_thread(lambda: list(islice(rows, _CHUNK))):
        for row in chunk:
            yield row
