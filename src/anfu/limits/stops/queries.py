"""Reads of stop orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.limits.stops.stop import StopOrder
from anfu.storage.transaction import Tx

_COLUMNS = "id, customer, number, authority, reference, starts_at, ends_at"


async def list_stops(tx: Tx, *, customer: str) -> list[StopOrder]:
    """Every order on a customer's account, the first one first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM limits.stop_order WHERE customer = $1 ORDER BY number", customer
    )
    return [StopOrder(*row) for row in rows]


async def find_stopped(tx: Tx, *, customers: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Until when the last order in force stops each of `customers`; the others are left out."""
    rows = await tx.fetch(
        "SELECT customer, max(ends_at) AS until FROM limits.stop_order"
        " WHERE customer = ANY($1::text[]) AND starts_at <= $2 AND $2 < ends_at GROUP BY customer",
        list(customers),
        now,
    )
    return {row["customer"]: row["until"] for row in rows}
