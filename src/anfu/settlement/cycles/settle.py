"""Settle: close the periods of a day, each merchant in one transaction.

A merchant's settlement, its lines, its entries in the ledger and its payout are written together or
not at all, once for a day: whoever dies before the commit has done nothing, and who comes after
him, or beside him, finds what is there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import new_id
from anfu.kernel.periods import BEGINNING, civil_month
from anfu.ledger import operations as ledger
from anfu.ledger.entry import Entry
from anfu.ledger.queries import get_balances, list_moves
from anfu.parties import queries as parties
from anfu.parties.party import Status
from anfu.payments.fund import balance_key
from anfu.payments.queries import find_refunds
from anfu.payments.record import Record
from anfu.payments.tasks.hand_out import open_task
from anfu.payments.tasks.queries import is_open
from anfu.payments.tasks.task import TaskKind
from anfu.payments.tools import Tools
from anfu.settlement.accounts import accounts_of, arrears_key
from anfu.settlement.cycles import operations, queries
from anfu.settlement.cycles.booking import entries_of
from anfu.settlement.cycles.document import settlement_leaf
from anfu.settlement.cycles.line import Known, Line, lines_of, month_of
from anfu.settlement.cycles.settlement import (
    PREFIX,
    Settlement,
    Span,
    Standing,
    Withheld,
    settle_lines,
)
from anfu.settlement.payouts.operations import insert_payout
from anfu.settlement.payouts.payout import PREFIX as PAYOUT
from anfu.settlement.payouts.payout import Payout
from anfu.settlement.terms import queries as terms_queries
from anfu.settlement.terms.approve import SameDay
from anfu.settlement.terms.cycle import T1, Cycle, Kind, closes, payable_on, until
from anfu.settlement.terms.terms import Terms, terms_on
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

# How long a merchant may owe us before somebody looks at it.
NEGATIVE_DAYS = 7
# An entry may be dated before a period closed and be written after it was settled; the next
# settlement takes it. No transaction lives longer.
_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run needs besides the tools: for which day, and who may be settled on the same."""

    day: date
    same_day: SameDay


@dataclass(frozen=True, slots=True)
class Closing:
    """A merchant whose period closes: by which terms, of which versions, after which settlement."""

    terms: Terms
    versions: Sequence[Terms]
    last: Settlement | None
    span: Span


async def settle_day(tools: Tools, run: Run, *, now: datetime) -> list[Settlement]:
    """The settlements made; none where the day was settled already. A merchant that cannot be is
    left, with a task, and keeps no other from it."""
    async with tools.database.transaction(readonly=True) as tx:
        waiting = await terms_queries.list_unsettled(tx, day=run.day)
    made = []
    for merchant, currency in waiting:
        try:
            one = await settle_merchant(tools, merchant, currency, run, now=now)
        except Refused as refusal:
            log.warning("%s is not settled: %s", merchant, refusal.code)
            await _note_refusal(tools, merchant, refusal, now=now)
            continue
        if one is not None:
            made.append(one)
    return made


async def settle_merchant(
    tools: Tools, merchant: str, currency: str, run: Run, *, now: datetime
) -> Settlement | None:
    """The settlement of the day, None if no period closes with it, it is not over, or it, or a
    later one, is settled. Raises Refused: calendar_missing, merchant_not_found."""

    async def work(tx: Tx) -> Settlement | None:
        await operations.lock_merchant(tx, merchant=merchant, currency=currency)
        closing = await _closing(tx, tools, merchant, currency, run)
        if closing is None or closing.span.until > now:
            return None
        return await _settle(tx, tools, closing, now=now)

    return await tools.database.run(work)


async def _closing(tx: Tx, tools: Tools, merchant: str, currency: str, run: Run) -> Closing | None:
    versions = await terms_queries.list_approved(tx, merchant, currency, ring=tools.sealer.ring)
    terms = terms_on(versions, run.day)
    last = await queries.find_last(tx, merchant, currency)
    if terms is None or (last is not None and last.span.day >= run.day):
        return None
    cycle = await _cycle(tx, terms, run)
    if not closes(cycle, run.day):
        return None
    since = BEGINNING if last is None else last.span.until
    payable = payable_on(cycle, run.day)
    return Closing(
        terms, versions, last, Span(run.day, since, until(cycle, run.day), cycle.kind, payable)
    )


async def _cycle(tx: Tx, terms: Terms, run: Run) -> Cycle:
    """T+0 is asked for on each day: who may no longer have it has T+1."""
    cycle = terms.agreed.cycle
    if cycle.kind is not Kind.SAME_DAY:
        return cycle
    at = until(cycle, run.day)
    return cycle if await run.same_day(tx, terms.merchant, now=at) else T1


async def _settle(tx: Tx, tools: Tools, closing: Closing, *, now: datetime) -> Settlement:
    terms, span = closing.terms, closing.span
    merchant, currency = terms.merchant, terms.currency
    # 1. Nothing moves on the merchant's accounts from here on.
    accounts = accounts_of(merchant, currency)
    await ledger.open_accounts(tx, accounts=accounts, now=now)
    keys = [balance_key(merchant, currency), *(account.key for account in accounts)]
    await ledger.lock_accounts(tx, keys=keys)
    # 2. What no settlement has taken, and how the merchant stands.
    lines = await _lines(tx, closing)
    kept = await queries.due_retentions(tx, merchant, currency, span.day)
    standing = await _standing(tx, closing, sum(kept.values()))
    made = settle_lines(
        new_id(PREFIX, now=now, entropy=tools.entropy), terms, span, lines, standing, at=now
    )
    # 3. All of it is written.
    await operations.insert_settlement(tx, made=made, lines=lines)
    await operations.release(tx, settlements=list(kept), made=made)
    if made.retained:
        release_on = span.day + timedelta(days=terms.agreed.retention.days)
        await operations.keep_back(tx, made=made, release_on=release_on)
    await _book(tx, tools, made, standing, now=now)
    await _watch(tx, tools, made, now=now)
    return made


async def _lines(tx: Tx, closing: Closing) -> list[Line]:
    terms, span = closing.terms, closing.span
    account = balance_key(terms.merchant, terms.currency)
    since = max(BEGINNING, span.since - _LATE) if closing.last else BEGINNING
    entries = await list_moves(tx, account, since=since, until=span.until)
    taken = await queries.find_taken(tx, [entry.id for entry in entries])
    left = [entry for entry in entries if entry.id not in taken]
    return lines_of(left, account, closing.versions, await _known(tx, terms.merchant, left))


async def _known(tx: Tx, merchant: str, entries: Sequence[Entry]) -> Known:
    refunds = await find_refunds(tx, [e.id for e in entries if e.id.startswith("rfd_")])
    payments = sorted({refund.payment for refund in refunds})
    months = {month_of(entry.at): civil_month(entry.at) for entry in entries}
    volumes = {
        month: await queries.volume_in(tx, merchant, period) for month, period in months.items()
    }
    return Known(
        {refund.id: refund.payment for refund in refunds},
        volumes,
        await queries.find_charged(tx, payments),
        await queries.find_refunded(tx, payments),
    )


async def _standing(tx: Tx, closing: Closing, released: int) -> Standing:
    merchant, currency = closing.terms.merchant, closing.terms.currency
    balance, arrears = balance_key(merchant, currency), arrears_key(merchant, currency)
    found = await get_balances(tx, [balance, arrears])
    last = closing.last
    return Standing(
        carried_in=0 if last is None else last.carried_out,
        negative_since=None if last is None else last.negative_since,
        available=found[balance].available,
        owes=found[arrears].posted,
        released=released,
        barred=await _barred(tx, merchant),
    )


async def _barred(tx: Tx, merchant: str) -> Withheld | None:
    """43号 art. 17: of a merchant that is stopped, settlement is delayed (延迟结算)."""
    found = await parties.get_merchant(tx, merchant, merchant=None)
    if found.status is not Status.ACTIVE:
        return Withheld.MERCHANT_NOT_ACTIVE
    if await is_open(tx, TaskKind.PAYOUT_RETURNED, merchant):
        return Withheld.PAYOUT_RETURNED
    return None


async def _book(
    tx: Tx, tools: Tools, made: Settlement, standing: Standing, *, now: datetime
) -> None:
    payout = new_id(PAYOUT, now=now, entropy=tools.entropy)
    orders = entries_of(made, standing, payout)
    if denied := await ledger.post(tx, orders=orders, now=now):
        raise BrokenInvariant(f"settlement {made.id}: {sorted(denied)} denied")
    if made.paid:
        order = Payout(
            payout, made.id, made.merchant, made.currency, made.paid, made.span.payable_on,
            made.terms, made_at=now, moved_at=now,
        )  # fmt: skip
        await insert_payout(tx, payout=order)
    record = Record(now, tools.entropy)
    for entry in orders:
        record.posting(entry)
    record.leaf("settlement", made.id, settlement_leaf(made))
    await record.write(tx)


async def _watch(tx: Tx, tools: Tools, made: Settlement, *, now: datetime) -> None:
    since = made.negative_since
    if since is not None and (made.span.day - since).days >= NEGATIVE_DAYS:
        owed = {"amount": made.carried_out, "currency": made.currency, "since": since.isoformat()}
        record = Record(now, tools.entropy)
        await open_task(tx, tools, TaskKind.NEGATIVE_BALANCE, made.merchant, owed, record)
        await record.write(tx)


async def _note_refusal(tools: Tools, merchant: str, refusal: Refused, *, now: datetime) -> None:
    async def work(tx: Tx) -> None:
        record = Record(now, tools.entropy)
        why = {"code": refusal.code}
        await open_task(tx, tools, TaskKind.SETTLEMENT_REFUSED, merchant, why, record)
        await record.write(tx)

    await tools.database.run(work)
