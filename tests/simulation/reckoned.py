"""What must hold once the bills are reconciled: every flaw is found as what it is, and no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg
from tests.simulation.flaws import FLAWS, Flaw
from tests.simulation.invariants import Broken

from anfu.channels.bills.bill import TradeKind, TradeLine, TradeState
from anfu.payments.fund import channel_key

_OVER = ("MATCHED", "VOID")
_FINGERPRINT = ", ".join(
    f"(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t)"
    for table in ("settlement.bill", "settlement.bill_sum", "settlement.item", "ledger.account",
                  "ledger.entry", "payments.payment", "payments.refund", "payments.stray",
                  "storage.event")
)  # fmt: skip
_ITEMS = """
SELECT channel, number, refund, class, state, bill, matched_bill, row, leg FROM settlement.item
"""
_BILLS = """
SELECT b.id, b.channel, b.day, coalesce(sum(s.lines), 0)::int AS lines,
       coalesce(sum(s.lines) FILTER (WHERE class NOT IN ('MATCHED', 'LATE')), 0)::int AS differ,
       coalesce(sum(s.lines) FILTER (WHERE class = 'LATE'), 0)::int AS late
  FROM settlement.bill b LEFT JOIN settlement.bill_sum s ON s.bill = b.id
 WHERE b.kind = 'TRADE' GROUP BY b.id
"""


@dataclass(frozen=True, slots=True)
class Books:
    """`rows`: what each bill of a channel's day says."""

    flaws: Sequence[Flaw]
    rows: Mapping[tuple[str, date], Sequence[TradeLine]]


async def fingerprint(owner: asyncpg.Connection) -> tuple[str, ...]:
    """Of all that reconciling writes."""
    return tuple(await owner.fetchrow(f"SELECT {_FINGERPRINT}"))


async def check_books(owner: asyncpg.Connection, books: Books) -> Counter[str]:
    """What was found, counted. Raises Broken."""
    items = await owner.fetch(_ITEMS)
    trades = [item for item in items if item["leg"] == "TRADE"]
    wrong = _found(trades, books.flaws) + [
        f"{item['class']} between two bills of {item['channel']}"
        for item in items
        if item["leg"] == "FUND"
    ]
    for bill in await owner.fetch(_BILLS):
        wrong += _added_up(bill, trades, books)
    for channel in sorted({channel for channel, _ in books.rows}):
        wrong += await _owed(owner, channel, books)
    if wrong:
        raise Broken("; ".join(wrong[:5]))
    return Counter(f"difference found: {flaw.kind}" for flaw in books.flaws) + Counter(
        "resolved by the bill"
        for item in trades
        if (item["class"], item["state"]) == ("LONG", "MATCHED")
    )


def _found(trades: Sequence[asyncpg.Record], flaws: Sequence[Flaw]) -> list[str]:
    """Each flaw once, as what it is; all other items are over."""
    meant = Counter((f.channel, f.number, f.refund, *FLAWS[f.kind]) for f in flaws)
    late = {(f.channel, f.number, f.refund) for f in flaws if f.kind == "a day late"}
    keyed = [((i["channel"], i["number"], i["refund"]), (i["class"], i["state"])) for i in trades]
    is_told = Counter(
        (*key, *stands) for key, stands in keyed if stands[1] not in _OVER or key in late
    )
    return [f"{what} was not found" for what in (meant - is_told).elements()] + [
        f"{what} is no difference" for what in (is_told - meant).elements()
    ]


def _added_up(bill: asyncpg.Record, trades: Sequence[asyncpg.Record], books: Books) -> list[str]:
    """Every line is matched, or an item, or what an earlier day has waited for."""
    rows = books.rows.get((bill["channel"], bill["day"]), [])
    mine = [i for i in trades if i["bill"] == bill["id"] and i["row"] is not None]
    differ = len([i for i in mine if i["matched_bill"] is None])
    late = len([i for i in trades if i["matched_bill"] == bill["id"]])
    told = (bill["lines"], bill["differ"], bill["late"])
    is_flawed = any(channel == bill["channel"] for channel, _ in books.rows)
    if is_flawed and told != (len(rows), differ, late):
        return [f"{bill['channel']} {bill['day']}: {told}, not {(len(rows), differ, late)}"]
    return []


async def _owed(owner: asyncpg.Connection, channel: str, books: Books) -> list[str]:
    """Our books say of a channel, to the fen, what its bills say that it owes us."""
    lines = [line for (name, _), rows in books.rows.items() if name == channel for line in rows
             if line.state is TradeState.DONE]  # fmt: skip
    owed = sum(
        (line.amount if line.kind is TradeKind.PAYMENT else -line.amount) - line.fee
        for line in lines
    )
    booked = await owner.fetchval(
        "SELECT debits_posted - credits_posted FROM ledger.account WHERE key = $1",
        channel_key(channel, "CNY"),
    )
    return [] if booked == owed else [f"{channel} owes {owed}, and our books say {booked}"]
