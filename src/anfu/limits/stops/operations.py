"""Writes of stop orders."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.limits.stops.stop import LASTS, LAW, MOST, NewStop, StopOrder
from anfu.storage.transaction import Tx

_INSERT = """
INSERT INTO limits.stop_order (id, customer, number, authority, reference, starts_at, ends_at)
SELECT $1, $2, n.number, $3, $4, $5, $6
FROM (SELECT count(*) + 1 AS number FROM limits.stop_order WHERE customer = $2) n
WHERE n.number <= $7 ON CONFLICT (customer, number) DO NOTHING RETURNING number
"""


async def stop(tx: Tx, *, order: NewStop, now: datetime) -> StopOrder:
    """Stop payments from a customer's account from now on for 48 hours.

    A second order begins now too, however long the first one has to go. Raises
    Refused(stop_order_third) for a third one.
    """
    bounds = (order.id, order.customer, order.authority, order.reference, now, now + LASTS, MOST)
    for _ in range(MOST):  # whoever took the number at the same moment leaves the next one
        row = await tx.fetchrow(_INSERT, *bounds)
        if row is not None:
            return StopOrder(
                order.id, order.customer, row["number"], order.authority, order.reference, now,
                now + LASTS,
            )  # fmt: skip
    raise Refused("stop_order_third", field="customer", law=LAW.number, article=LAW.article)


async def forget_stops(tx: Tx, *, customer: str) -> None:
    """No order on a customer's account is left."""
    await tx.execute("DELETE FROM limits.stop_order WHERE customer = $1", customer)
