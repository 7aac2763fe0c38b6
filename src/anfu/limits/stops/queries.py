"""Reads of stop orders."""

from __future__ import annotations

from anfu.limits.stops.stop import StopOrder
from anfu.storage.transaction import Tx

_COLUMNS = "id, customer, number, authority, reference, starts_at, ends_at"


async def list_stops(tx: Tx, *, customer: str) -> list[StopOrder]:
    """Every order on a customer's account, the first one first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM limits.stop_order WHERE customer = $1 ORDER BY number", customer
    )
    return [StopOrder(*row) for row in rows]
