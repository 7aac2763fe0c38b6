"""Replace: another file for a day that was matched before, once a second person has agreed.

All that came of the former file is taken back by entries of its own, and the day is matched anew.
Where people have cleared something of it since, or a statement of the bank has met it, it is too
late for that: then the differences are treated one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from anfu.channels.bills.bill import BillKind
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.ledger.entry import EntryOrder
from anfu.ledger.queries import find_entries
from anfu.payments.document import encode
from anfu.payments.record import Record
from anfu.risk.proposals.proposal import check_two_people
from anfu.settlement.reconciliation import queries
from anfu.settlement.reconciliation.bill import BANK, KeptBill, Version
from anfu.settlement.reconciliation.document import bill_document, bill_leaf
from anfu.settlement.reconciliation.fetch import Desk, file_of
from anfu.settlement.reconciliation.item import AUTO, FINAL, Item, Leg, State
from anfu.settlement.reconciliation.operations import bills as kept
from anfu.settlement.reconciliation.operations import items
from anfu.settlement.reconciliation.operations.entries import post
from anfu.settlement.reconciliation.reconcile import ENTRY, match
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Verdict:
    """`by` agrees that a proposed bill replaces the one in force, or refuses it."""

    claim: Claim
    bill: str
    approved: bool
    by: str


async def decide_version(desk: Desk, verdict: Verdict, *, now: datetime) -> Answer:
    """The bill as it stands then. Raises Refused: bill_not_found, bill_decided, bill_in_use,
    second_person_needed, insufficient_funds, channel_unknown, and as idempotency."""

    async def work(tx: Tx) -> Answer:
        found = await queries.get_bill(tx, verdict.bill)
        await kept.lock_channel(tx, channel=found.channel)
        bill = await kept.lock_bill(tx, bill=verdict.bill)
        if bill.state is not Version.PROPOSED:
            raise Refused("bill_decided", field="bill", state=bill.state)
        check_two_people(bill.by, verdict.by, field="bill")
        if verdict.approved and bill.kind == BANK:  # what arrived is booked: nothing takes it back
            raise Refused("bill_in_use", field="bill", items=0)
        record = Record(now, desk.tools.entropy)
        if verdict.approved:
            await _put_in_place(tx, desk, bill, verdict.by, record)
        else:
            await kept.advance_bill(tx, bill=bill, to=Version.REFUSED, by=verdict.by, now=now)
        after = await queries.get_bill(tx, bill.id)
        sums = await queries.sums_of(tx, bill.id)
        record.leaf("bill", bill.id, bill_leaf(after, sums))
        await record.write(tx)
        return Answer(200, encode(bill_document(after, sums)))

    return await idempotency.once(desk.tools.database, verdict.claim, work, now=now)


async def _put_in_place(tx: Tx, desk: Desk, bill: KeptBill, by: str, record: Record) -> None:
    now = record.now
    former = await queries.find_bill(tx, bill.channel, bill.kind, bill.day)
    if former is None:
        raise Refused("bill_decided", field="bill", state=bill.state)
    funds = None
    if bill.kind == BillKind.TRADE:
        funds = await queries.find_bill(tx, bill.channel, BillKind.FUND, bill.day)
    if funds is not None:  # it was compared with the former trade bill
        await _take_back(tx, desk, funds, record)
    await _take_back(tx, desk, former, record)
    await kept.advance_bill(tx, bill=former, to=Version.REPLACED, by=None, now=now)
    await kept.advance_bill(tx, bill=bill, to=Version.IN_FORCE, by=by, now=now)
    for one in (bill, funds):
        if one is not None:
            file = await file_of(tx, desk.tools.sealer.ring, one)
            await match(tx, desk, one, file, record)
    record.leaf("bill", former.id, {"state": Version.REPLACED, "replaced_by": bill.id})


async def _take_back(tx: Tx, desk: Desk, bill: KeptBill, record: Record) -> None:
    now = record.now
    await kept.forget_sums(tx, bill=bill.id)
    await kept.release_waiting(tx, bill=bill.id, now=now)
    found = await items.lock_items(tx, ids=[i.id for i in await queries.items_of(tx, bill.id)])
    if any(_is_past(item) for item in found):
        raise Refused("bill_in_use", field="bill", items=sum(map(_is_past, found)))
    ids = [*bill.fee_entries, *(id_ for item in found for id_ in item.entries)]
    orders = [
        EntryOrder(
            new_id(ENTRY, now=now, entropy=desk.tools.entropy), entry.credit, entry.debit,
            entry.asset, entry.amount,
        )
        for entry in (await find_entries(tx, ids)).values()
    ]  # fmt: skip
    await post(tx, orders=orders, record=record)
    moves = [(item, _withdrawn(item)) for item in found if item.state not in FINAL]
    await items.advance(tx, moves=moves, now=now)


def _is_past(item: Item) -> bool:
    """Whether more has come of it than the policy makes: by people, or by our bank's statement."""
    met = item.leg is Leg.BANK and item.row is not None
    by_hand = item.state in (State.POSTED, State.CLEARED) and item.by != AUTO
    return met or by_hand


def _withdrawn(item: Item) -> Item:
    state = State.CLEARED if item.state is State.POSTED else State.VOID
    return replace(item, state=state, by=AUTO, tasked=False)
