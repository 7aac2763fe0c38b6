"""Bank: payouts of channels that wait for our bank's statement, and those it has shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.settlement.reconciliation.item import Item
from anfu.settlement.reconciliation.queries import COLUMNS, item_of
from anfu.storage.transaction import Raced, Tx

# A payout that waited keeps what our side says of it; a movement alone is a new item.
_MEET = """
INSERT INTO settlement.item AS i (id, bill, channel, leg, day, class, state, number, refund,
    reference, row, line_amount, line_currency, line_state, matched_bill, entries, by, found_at,
    updated_at)
VALUES ($1, $2, $3, 'BANK', $4, $5, $6, '', '', $7, $8, $9, $10, 'DONE', $11, $12, $13, $14, $14)
ON CONFLICT (id) DO UPDATE
   SET class = EXCLUDED.class, state = EXCLUDED.state, row = EXCLUDED.row,
       line_amount = EXCLUDED.line_amount, line_currency = EXCLUDED.line_currency,
       line_state = EXCLUDED.line_state, matched_bill = EXCLUDED.matched_bill,
       entries = EXCLUDED.entries, by = EXCLUDED.by, updated_at = EXCLUDED.updated_at
 WHERE i.state IN ('EXPECTED', 'IN_DOUBT', 'SHORT')
"""


async def lock_awaited(tx: Tx, *, channels: Sequence[str]) -> list[Item]:
    """What channels have paid out and our bank has not shown, the oldest first; locked."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM settlement.item i WHERE channel = ANY($1) AND leg = 'BANK'"
        " AND state IN ('EXPECTED', 'IN_DOUBT', 'SHORT') AND our_amount IS NOT NULL"
        " ORDER BY day, id FOR NO KEY UPDATE",
        list(channels),
    )
    return [item_of(row) for row in rows]


async def meet(tx: Tx, *, met: Sequence[Item], now: datetime) -> None:
    """Write items with the movements that met them. Raises Raced where one has moved meanwhile."""
    for i in met:
        done = await tx.execute(
            _MEET, i.id, i.bill, i.channel, i.day, i.cls, i.state, i.reference, i.row,
            i.line_amount, i.line_currency, i.matched_bill, list(i.entries), i.by, now,
        )  # fmt: skip
        if done != "INSERT 0 1":
            raise Raced
