"""Settle: our bank's statement says which payouts of channels have arrived, and they are booked:
the bank account is debited, what the channel owes is credited.

The same statement again changes nothing. A payout that has not come is in doubt with the first
statement after its day, and short after the days agreed; a movement of a channel that told of no
payout is long. Movements that are no channel's are others' work.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from anfu.kernel.ids import new_id
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder
from anfu.payments.record import Record
from anfu.settlement.reconciliation.bank.assign import Assigned, assign
from anfu.settlement.reconciliation.bank.statement import Statement
from anfu.settlement.reconciliation.bill import BANK, KeptBill, Version, parts
from anfu.settlement.reconciliation.bill import PREFIX as BILL
from anfu.settlement.reconciliation.document import bill_leaf, item_leaf
from anfu.settlement.reconciliation.fetch import Desk, keep
from anfu.settlement.reconciliation.item import AUTO, PREFIX, Item, Leg, State
from anfu.settlement.reconciliation.operations import bank, items
from anfu.settlement.reconciliation.operations.entries import post
from anfu.settlement.reconciliation.suspense import accounts_of, settlement_entry
from anfu.settlement.reconciliation.terms import terms_of
from anfu.storage.transaction import Tx

ENTRY = "rce"
BANK_NAME = "bank"


@dataclass(frozen=True, slots=True)
class Settled:
    """A statement as it is kept, what it said of channels' payouts, and whether it was news."""

    bill: KeptBill
    items: tuple[Item, ...]
    new: bool


async def settle(
    desk: Desk, statement: Statement, content: bytes, *, by: str, now: datetime
) -> Settled:
    """Keep the statement, and book what arrived. Raises Refused as the ledger denies."""
    packed = await asyncio.to_thread(lambda: list(parts(content)))
    bill = KeptBill(
        new_id(BILL, now=now, entropy=desk.tools.entropy), BANK_NAME, BANK, statement.last,
        Version.IN_FORCE, statement.name[:200], sha256(content).digest(), len(content), now, by,
    )  # fmt: skip

    async def work(tx: Tx) -> Settled:
        known, new = await keep(tx, desk.tools, packed, bill)
        if not new or known.state is not Version.IN_FORCE:
            return Settled(known, (), new)
        awaited = await bank.lock_awaited(tx, channels=sorted(desk.terms))
        met = [
            _met(desk, known, one, now=now) for one in assign(statement.lines, awaited, desk.terms)
        ]
        record = Record(now, desk.tools.entropy)
        await _book(tx, met, record)
        await bank.meet(tx, met=met, now=now)
        gone = {item.id for item in met}
        waiting = [item for item in awaited if item.id not in gone]
        await _age(tx, desk, waiting, statement.last, now=now)
        record.leaf("bill", known.id, bill_leaf(known, ()))
        for item in met:
            record.leaf("reconciliation_item", item.id, item_leaf(item))
        await record.write(tx)
        return Settled(known, tuple(met), new)

    return await desk.tools.database.run(work)


def _met(desk: Desk, bill: KeptBill, one: Assigned, *, now: datetime) -> Item:
    """The payout with its movement, or the movement alone; its entry is named and not yet made."""
    entry = new_id(ENTRY, now=now, entropy=desk.tools.entropy)
    line, before = one.line, one.item
    if before is None:
        id_ = new_id(PREFIX, now=now, entropy=desk.tools.entropy)
        before = Item(
            id_, bill.id, one.channel, Leg.BANK, line.day, State.LONG, State.LONG, "", "",
            next(iter(line.references), ""), None, None, None, None, None, None, None, None, None,
            None, None, now, now, None, (), None, False,
        )  # fmt: skip
        state = State.LONG
    else:
        same = (line.amount, line.currency) == (before.our_amount, before.our_currency)
        state = State.MATCHED if same else State.AMOUNT_MISMATCH
    cls = before.cls if state is State.MATCHED else state
    return replace(
        before, cls=cls, state=state, row=line.row, line_amount=line.amount,
        line_currency=line.currency, line_state="DONE", matched_bill=bill.id, by=AUTO,
        entries=(*before.entries, entry), updated_at=now,
    )  # fmt: skip


async def _book(tx: Tx, met: list[Item], record: Record) -> None:
    orders: list[EntryOrder] = []
    for item in met:
        assert item.line_amount is not None and item.line_currency is not None
        accounts = accounts_of(item.channel, item.line_currency)
        await ledger.open_accounts(tx, accounts=accounts, now=record.now)
        entry = item.entries[-1]
        orders.append(settlement_entry(item.channel, item.line_currency, item.line_amount, entry))
    await post(tx, orders=orders, record=record)


async def _age(
    tx: Tx, desk: Desk, waiting: list[Item], last: date, *, now: datetime
) -> None:  # fmt: skip
    moves = []
    for item in waiting:
        late = item.age_days(last) > terms_of(desk.terms, item.channel).bank_days
        if item.state is State.EXPECTED and item.day < last:
            moves.append((item, replace(item, state=State.IN_DOUBT)))
        elif item.state is State.IN_DOUBT and late:
            moves.append((item, replace(item, state=State.SHORT)))
    await items.advance(tx, moves=moves, now=now)
