"""Reads of settlements and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from anfu.kernel.errors import Refused
from anfu.kernel.periods import Period
from anfu.settlement.cycles.line import Kind, Line
from anfu.settlement.cycles.settlement import Settlement, Span, Withheld
from anfu.storage.transaction import Tx

_SPAN = ("day", "since", "until", "cycle", "payable_on")
_COLUMNS = (
    "id, merchant, currency, day, since, until, cycle, payable_on, terms, carried_in, payments,"
    " refunds, returned, other, fees, retained, released, paid, carried_out, withheld,"
    " negative_since, at"
)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: at most `most` with an id before `before`; `merchant` None is all."""

    most: int
    before: str | None = None
    merchant: str | None = None


async def find_last(tx: Tx, merchant: str, currency: str) -> Settlement | None:
    """The merchant's latest settlement."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM settlement.settlement WHERE merchant = $1 AND currency = $2"
        " ORDER BY day DESC LIMIT 1",
        merchant, currency,
    )  # fmt: skip
    return None if row is None else _settlement(row)


async def get_settlement(tx: Tx, settlement: str, *, merchant: str | None) -> Settlement:
    """Raises Refused `settlement_not_found`, also for one of another merchant."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM settlement.settlement WHERE id = $1", settlement
    )
    if row is None or merchant not in (None, row["merchant"]):
        raise Refused("settlement_not_found", field="settlement")
    return _settlement(row)


async def list_settlements(tx: Tx, page: Page) -> list[Settlement]:
    """A page, the newest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.settlement WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR merchant = $2) ORDER BY id DESC LIMIT $3",
        page.before, page.merchant, page.most,
    )  # fmt: skip
    return [_settlement(row) for row in rows]


async def list_of_days(
    tx: Tx, merchant: str, currency: str, first: date, last: date
) -> list[Settlement]:
    """The settlements of the days from `first` to `last`, in their order."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.settlement"
        " WHERE merchant = $1 AND currency = $2 AND day BETWEEN $3 AND $4 ORDER BY day",
        merchant, currency, first, last,
    )  # fmt: skip
    return [_settlement(row) for row in rows]


async def list_lines(tx: Tx, settlements: Sequence[str]) -> list[Line]:
    """The lines of settlements, in order of time."""
    rows = await tx.fetch(
        "SELECT entry, kind, amount, fee, at, payment FROM settlement.line"
        " WHERE settlement = ANY($1) ORDER BY at, entry",
        settlements,
    )
    return [Line(row["entry"], Kind(row["kind"]), *row[2:]) for row in rows]


async def find_taken(tx: Tx, entries: Sequence[str]) -> frozenset[str]:
    """Those entries that a settlement has taken."""
    rows = await tx.fetch("SELECT entry FROM settlement.line WHERE entry = ANY($1)", entries)
    return frozenset(row["entry"] for row in rows)


async def volume_in(tx: Tx, merchant: str, month: Period) -> int:
    """What the payments of a month came to that were settled."""
    found = await tx.fetchval(
        "SELECT coalesce(sum(amount), 0) FROM settlement.line"
        " WHERE merchant = $1 AND kind = 'PAYMENT' AND at >= $2 AND at < $3",
        merchant, month.start, month.end,
    )  # fmt: skip
    return int(found)


async def find_charged(tx: Tx, payments: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Amount and fee of payments that were settled."""
    rows = await tx.fetch(
        "SELECT entry, amount, fee FROM settlement.line WHERE entry = ANY($1)", payments
    )
    return {row["entry"]: (row["amount"], row["fee"]) for row in rows}


async def find_refunded(tx: Tx, payments: Sequence[str]) -> dict[str, int]:
    """What refunds that were settled gave back of payments."""
    rows = await tx.fetch(
        "SELECT payment, -sum(amount) AS refunded FROM settlement.line"
        " WHERE payment = ANY($1) AND kind = 'REFUND' GROUP BY payment",
        payments,
    )
    return {row["payment"]: int(row["refunded"]) for row in rows}


async def due_retentions(tx: Tx, merchant: str, currency: str, day: date) -> dict[str, int]:
    """What was kept back, by its settlement, and is to be given by `day`."""
    rows = await tx.fetch(
        "SELECT settlement, amount FROM settlement.retention WHERE merchant = $1"
        " AND currency = $2 AND release_on <= $3 AND released_in IS NULL ORDER BY settlement",
        merchant, currency, day,
    )  # fmt: skip
    return {row["settlement"]: row["amount"] for row in rows}


def _settlement(row: Any) -> Settlement:
    parts = dict(row)
    span = Span(**{name: parts.pop(name) for name in _SPAN})
    withheld = parts.pop("withheld")
    return Settlement(span=span, withheld=None if withheld is None else Withheld(withheld), **parts)
