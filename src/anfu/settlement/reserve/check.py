"""Check: the reserve fund of a day against the bank's statement, and what came back by it."""

from __future__ import annotations

from datetime import date, datetime

from anfu.channels.banks.port import Statement
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.ledger.queries import find_entries, sums_by_purpose
from anfu.payments.record import Record
from anfu.payments.tasks.hand_out import open_task
from anfu.payments.tasks.task import TaskKind
from anfu.payments.tools import Tools
from anfu.settlement.payouts.book import book_returns
from anfu.settlement.payouts.payout import PAID, RETURN
from anfu.settlement.payouts.queries import find_payouts
from anfu.settlement.reserve.document import kept_document
from anfu.settlement.reserve.operations import insert_check
from anfu.settlement.reserve.queries import Kept
from anfu.settlement.reserve.reserve import Check, books_of, check_document
from anfu.settlement.terms.cycle import T1, until
from anfu.storage.transaction import Tx

PREFIX = "rsv"


async def check(tools: Tools, day: date, currency: str, *, now: datetime) -> Kept:
    """The check of a day that is over. Raises Refused: bank_missing, bank_statement_missing; and
    OutsideFailure."""
    if tools.reserve is None:
        raise Refused("bank_missing", field="bank")
    statement = await tools.reserve.bank.statement(day, currency)
    if statement is None:
        raise Refused("bank_statement_missing", field="day", day=day.isoformat())

    async def work(tx: Tx) -> Kept:
        # 1. Payouts that the statement says came back.
        await book_returns(tx, tools, statement.bookings, now=now)
        # 2. The books as they were when the day ended.
        end = until(T1, day)
        owed = await sums_by_purpose(tx, currency, before=end)
        found = Check(books_of(owed), statement.closing, await _unbooked(tx, statement, end))
        # 3. Kept, proven, and told where it differs.
        kept = Kept(
            new_id(PREFIX, now=now, entropy=tools.entropy), day, currency, now, found.whole,
            check_document(found),
        )  # fmt: skip
        await _keep(tx, tools, kept, found, now=now)
        return kept

    return await tools.database.run(work)


async def _unbooked(tx: Tx, statement: Statement, end: datetime) -> int:
    """What of the statement's movements of payouts was not in the books when the day ended. What
    names no payout of ours, or not its amount, explains nothing."""
    named = [b for b in statement.bookings if b.transfer is not None]
    payouts = await find_payouts(tx, sorted({str(b.transfer) for b in named}))
    amounts = {payout.id: payout.amount for payout in payouts}
    by_entry = {
        f"{b.transfer}{RETURN if b.returned else PAID}": b.amount
        for b in named if amounts.get(str(b.transfer)) == abs(b.amount)
    }  # fmt: skip
    entries = await find_entries(tx, list(by_entry))
    booked = {id_ for id_, entry in entries.items() if entry.at < end}
    return sum(amount for id_, amount in by_entry.items() if id_ not in booked)


async def _keep(tx: Tx, tools: Tools, kept: Kept, found: Check, *, now: datetime) -> None:
    await insert_check(tx, check=kept)
    record = Record(now, tools.entropy)
    if not found.whole:
        subject, differences = f"{kept.day.isoformat()}/{kept.currency}", dict(found.differences)
        await open_task(tx, tools, TaskKind.RESERVE_DIFFERENCE, subject, differences, record)
    record.leaf("reserve_check", kept.id, kept_document(kept))
    await record.write(tx)
