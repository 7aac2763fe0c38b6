"""Entries: what reconciliation moves in the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from anfu.kernel.errors import Refused
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder
from anfu.payments.record import Record
from anfu.storage.transaction import Tx


async def post(tx: Tx, *, orders: Sequence[EntryOrder], record: Record) -> None:
    """All of them, with what they move noted for the evidence. Raises Refused as the ledger denies:
    insufficient_funds, account_not_found, account_closed."""
    for denial in (await ledger.post(tx, orders=orders, now=record.now)).values():
        raise Refused(denial.code, field="target", available=denial.available)
    for order in orders:
        record.posting(order)
