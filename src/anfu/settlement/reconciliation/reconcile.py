"""Reconcile: a day's bill is kept, read in a stream, matched, and what follows is booked: one
transaction. A file that is refused half way leaves nothing; the same file again changes nothing.

What the policy then does about the differences is `treat`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.channels.bills.bill import BillFile, BillKind, Bills
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.ledger import operations as ledger
from anfu.payments.fund import channel_key
from anfu.payments.record import Record
from anfu.settlement.reconciliation import queries
from anfu.settlement.reconciliation.bill import KeptBill, Sum, Version, parts, period_of
from anfu.settlement.reconciliation.document import bill_leaf, encode_bill
from anfu.settlement.reconciliation.fetch import Desk, file_of, keep, kept_bill, reader_of
from anfu.settlement.reconciliation.item import positions
from anfu.settlement.reconciliation.operations import bills as kept
from anfu.settlement.reconciliation.operations import buffer, funds, items, matching, working
from anfu.settlement.reconciliation.operations.entries import post
from anfu.settlement.reconciliation.operations.matching import Matching
from anfu.settlement.reconciliation.suspense import (
    accounts_of,
    clearing,
    fee_entry,
)
from anfu.settlement.reconciliation.terms import terms_of
from anfu.storage.transaction import Tx

ENTRY = "rce"


@dataclass(frozen=True, slots=True)
class Taken:
    """A bill as it is kept, what it came to, and whether this was news."""

    bill: KeptBill
    sums: Sequence[Sum]
    new: bool


async def reconcile(desk: Desk, file: BillFile, *, by: str, now: datetime) -> Taken:
    """Keep the file and, if it is the first of its day, match it.

    Raises Refused: channel_unknown, bill_malformed, bill_too_large, bill_missing (a fund bill
    comes after its day's trade bill).
    """
    reader = reader_of(desk.bills, file.channel)
    bill = kept_bill(file, by, now=now, entropy=desk.tools.entropy)
    packed = await asyncio.to_thread(lambda: list(parts(file.content)))

    async def work(tx: Tx) -> Taken:
        known, new = await keep(tx, desk.tools, packed, bill)
        if not new:
            return Taken(known, await queries.sums_of(tx, known.id), new)
        record = Record(now, desk.tools.entropy)
        if known.state is Version.IN_FORCE:
            await match(tx, desk, known, file, record)
        else:
            await asyncio.to_thread(_read_through, reader, file)
        sums = await queries.sums_of(tx, known.id)
        record.leaf("bill", known.id, bill_leaf(known, sums))
        record.notice(f"bill.{known.state.lower()}", known.id, encode_bill(known, sums))
        await record.write(tx)
        return Taken(known, sums, new)

    return await desk.tools.database.run(work)


async def match(tx: Tx, desk: Desk, bill: KeptBill, file: BillFile, record: Record) -> None:
    """Match a kept bill, within a transaction that has locked its channel."""
    step = _match_funds if file.kind is BillKind.FUND else _match_trades
    await step(tx, desk, bill, file, record)


async def _match_trades(tx: Tx, desk: Desk, bill: KeptBill, file: BillFile, record: Record) -> None:
    now = record.now
    terms, reader = terms_of(desk.terms, bill.channel), reader_of(desk.bills, bill.channel)
    begins = timedelta(hours=terms.begins)
    done = await queries.matched_days(tx, bill.channel, BillKind.TRADE)
    others = [day for day in done if day != bill.day]
    job = Matching(bill.id, bill.channel, bill.day, terms, begins, others)
    await working.open_tables(tx)
    if file.content:
        await working.load_trades(tx, reader.trades(file))
    await working.load_ours(tx, bill.channel, period_of(bill.day, begins))
    await open_channel(tx, bill.channel, await kept.currencies_of(tx), now=now)
    await _settle_late(tx, job, record)
    await buffer.match_waiting(tx, job, now=now)
    await matching.judge(tx, job, desk.tools.entropy, now=now)
    await items.ask_again(tx, channel=bill.channel)
    await _book_fees(tx, bill, record)


async def _match_funds(tx: Tx, desk: Desk, bill: KeptBill, file: BillFile, record: Record) -> None:
    """Against the day's trade bill as it was kept."""
    reader = reader_of(desk.bills, bill.channel)
    trade = await queries.find_bill(tx, bill.channel, BillKind.TRADE, bill.day)
    if trade is None:
        raise Refused("bill_missing", field="day", kind=BillKind.TRADE)
    await working.open_tables(tx)
    if trade.size:
        told = await file_of(tx, desk.tools.sealer.ring, trade)
        await working.load_trades(tx, reader.trades(told))
    if file.content:
        await working.load_funds(tx, reader.funds(file))
    await open_channel(tx, bill.channel, await funds.currencies_of(tx), now=record.now)
    await funds.match(tx, bill=bill, entropy=desk.tools.entropy, now=record.now)


def _read_through(reader: Bills, file: BillFile) -> None:
    """Only to learn whether it can be read."""
    lines = reader.funds(file) if file.kind is BillKind.FUND else reader.trades(file)
    for _ in lines if file.content else ():
        pass


async def open_channel(tx: Tx, channel: str, currencies: Sequence[str], *, now: datetime) -> None:
    """The accounts that reconciling a channel needs."""
    accounts = [account for currency in currencies for account in accounts_of(channel, currency)]
    await ledger.open_accounts(tx, accounts=accounts, now=now)


async def _settle_late(tx: Tx, job: Matching, record: Record) -> None:
    """What was posted as short and has come after all is taken off suspense."""
    posted = await buffer.lock_posted(tx, job)
    orders = []
    for item in posted:
        found = positions(item)
        ids = [new_id(ENTRY, now=record.now, entropy=record.entropy) for _ in found]
        against = {currency: channel_key(item.channel, currency) for currency in found}
        orders += clearing(item.channel, found, ids, against=against)
    await post(tx, orders=orders, record=record)
    late = [item.id for item in posted]
    await buffer.settle_late(tx, late, bill=job.bill, now=record.now)


async def _book_fees(tx: Tx, bill: KeptBill, record: Record) -> None:
    fees = await kept.fees_of(tx, bill=bill.id)
    orders = [
        fee_entry(
            bill.channel, currency, fee, new_id(ENTRY, now=record.now, entropy=record.entropy)
        )
        for currency, fee in fees.items()
    ]
    await post(tx, orders=orders, record=record)
    await kept.note_fees(tx, bill=bill.id, entries=[order.id for order in orders])
