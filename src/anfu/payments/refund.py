"""Refund: money of a payment goes back to where it came from, never more than was paid."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from anfu.channels.port import ChannelAnswer
from anfu.kernel.errors import BrokenInvariant, Outcome, Refused
from anfu.kernel.ids import new_id
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder, HoldOrder
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.fund import HOLD_LIFE, sides
from anfu.payments.observe import keep
from anfu.payments.payment import BALANCE, Payment, Refund, RefundState, State
from anfu.payments.queries import find_refunds
from anfu.payments.record import Record
from anfu.payments.tasks.hand_out import open_task
from anfu.payments.tasks.task import TaskKind
from anfu.payments.tools import Tools
from anfu.risk.event import Event, Kind
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

_ENDS = {
    Outcome.DONE: RefundState.SUCCEEDED,
    Outcome.NOT_DONE: RefundState.FAILED,
    Outcome.UNKNOWN: RefundState.UNKNOWN,
}
_PENDING = frozenset({RefundState.SENDING, RefundState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """`amount` None asks for all that is left. `merchant` is the scope of the caller's key. `to`
    (method, card) is where the caller wants it, None for where it came from."""

    claim: Claim
    merchant: str | None
    payment: str
    amount: int | None
    reason: str | None
    to: tuple[str, str | None] | None = None


async def refund(tools: Tools, order: RefundOrder, *, now: datetime) -> Answer | Refund:
    """The answer; or the refund in SENDING that `send_refund` and `book_refund` must go on with.

    Raises Refused: payment_not_found, payment_not_refundable, refund_other_account,
    refund_too_large, insufficient_funds, account_closed, idempotency_key_reused,
    idempotency_in_flight.
    """
    asked: list[Event] = []

    async def work(tx: Tx) -> Answer | Refund:
        asked.clear()
        return await _refund(tx, tools, order, now, asked)

    made = await tools.database.run(work)
    await tools.engine.observe(asked)
    return made


async def _refund(
    tx: Tx, tools: Tools, order: RefundOrder, now: datetime, asked: list[Event]
) -> Answer | Refund:
    payment = await operations.lock_payment(
        tx, payment=order.payment, merchant=order.merchant, claim=order.claim
    )
    if isinstance(payment, Answer):
        return payment
    _check(payment, order)
    made = _made(tools, payment, order, now)
    sending = made.state is RefundState.SENDING
    taken = replace(payment, refunded=payment.refunded + made.amount, updated_at=now)
    await operations.advance(tx, moves=[(payment, taken)])
    await _reverse(tx, payment, made, now)
    await operations.insert_refund(
        tx,
        refund=made,
        due_at=now + tools.policy.sending if sending else None,
        name=order.claim.name if sending else None,
    )
    record = Record(now, tools.entropy, await find_parties(tx, [payment.payee]))
    record.leaf_of(taken)
    answer = record.refund(made)
    record.claims[order.claim] = None if sending else answer
    asked.append(_asked(payment, made))
    await keep(tx, tools, asked, record)
    await record.write(tx)
    return made if sending else answer


def _asked(payment: Payment, made: Refund) -> Event:
    """That a refund was asked for, whatever becomes of it, as behaviour of the payer."""
    return Event(
        id=made.id,
        payer=payment.payer,
        payee=payment.payee,
        amount=made.amount,
        currency=made.currency,
        method=payment.method,
        card=payment.card,
        at=made.created_at,
        kind=Kind.REFUND,
    )


def _check(payment: Payment, order: RefundOrder) -> None:
    if payment.state is not State.SUCCEEDED:
        raise Refused("payment_not_refundable", field="payment", state=payment.state)
    if order.to not in (None, (payment.method, payment.card)):
        raise Refused("refund_other_account", field="to", law="公告〔2015〕43号", article="15")
    left = payment.amount - payment.refunded
    if left == 0 or (order.amount or left) > left:
        raise Refused("refund_too_large", field="amount", left=left)


def _made(tools: Tools, payment: Payment, order: RefundOrder, now: datetime) -> Refund:
    return Refund(
        id=new_id("rfd", now=now, entropy=tools.entropy),
        state=RefundState.SUCCEEDED if payment.method == BALANCE else RefundState.SENDING,
        payment=payment.id,
        payer=payment.payer,
        payee=payment.payee,
        amount=order.amount or payment.amount - payment.refunded,
        currency=payment.currency,
        method=payment.method,
        created_at=now,
        updated_at=now,
        reason=order.reason,
    )


async def _reverse(tx: Tx, payment: Payment, made: Refund, now: datetime) -> None:
    """The payment's entry the other way round: at once, or held until the channel has answered."""
    source, payee = sides(payment)
    common = (made.id, payee, source, made.currency, made.amount)
    if made.state is RefundState.SUCCEEDED:
        denied = await ledger.post(tx, orders=[EntryOrder(*common)], now=now)
    else:
        denied = await ledger.hold(tx, orders=[HoldOrder(*common, now + HOLD_LIFE)], now=now)
    if denied:
        denial = denied[made.id]
        raise Refused(denial.code, field="payment", available=denial.available)


async def book_refund(
    tools: Tools, refund_id: str, answer: ChannelAnswer, *, now: datetime, first: bool = False
) -> Answer:
    """Write what the channel answered; the document of the refund as it stands afterwards. `first`:
    answered to the first sending; that nothing was done then is believed as long as nobody has come
    back to the refund, since it was sent again by that."""
    return await tools.database.run(
        lambda tx: write_refund(tx, tools, refund_id, answer, now=now, first=first)
    )


async def write_refund(
    tx: Tx,
    tools: Tools,
    refund_id: str,
    answer: ChannelAnswer,
    *,
    now: datetime,
    first: bool = False,
) -> Answer:
    """`book_refund` within a transaction that does something else besides."""
    found = await find_refunds(tx, [refund_id])
    if not found:
        raise BrokenInvariant(f"an answer for {refund_id}, which does not exist")
    payment = (await operations.lock_payments(tx, ids=[found[0].payment]))[found[0].payment]
    before, name = await operations.lock_refund(tx, refund=refund_id)
    record = Record(now, tools.entropy, await find_parties(tx, [before.payee]))
    end = _ENDS[answer.outcome]
    failed = end is RefundState.FAILED
    if first and failed and await operations.has_come_back(tx, refund=refund_id):
        return record.describe_refund(before)
    if before.state not in _PENDING or end is before.state:
        if RefundState.UNKNOWN is not end is not before.state:
            log.error("channel contradicts itself on %s: %s", before.id, end)
            said = {"state": before.state, "answer": answer.outcome, "reference": answer.reference}
            record.leaf("contradiction", before.id, said)
            await record.write(tx)
        return record.describe_refund(before)
    after = replace(
        before,
        state=end,
        failure=answer.reason if end is not RefundState.SUCCEEDED else None,
        channel_reference=answer.reference or before.channel_reference,
        updated_at=now,
    )
    due = now + tools.policy.sending if end is RefundState.UNKNOWN else None
    await operations.advance_refund(tx, before=before, after=after, due_at=due)
    await _settle(tx, payment, after, record)
    if after.state is RefundState.FAILED:
        why = {"payment": payment.id, "failure": after.failure}
        await open_task(tx, tools, TaskKind.REFUND_FAILED, after.id, why, record)
    told = record.refund(after)
    if name is not None:
        record.answers[name] = told
    await record.write(tx)
    return told


async def _settle(tx: Tx, payment: Payment, after: Refund, record: Record) -> None:
    if after.state is RefundState.SUCCEEDED:
        await ledger.post_holds(tx, amounts={after.id: None}, now=record.now)
    if after.state is RefundState.FAILED:
        await ledger.void_holds(tx, ids=[after.id], now=record.now)
        given = replace(payment, refunded=payment.refunded - after.amount, updated_at=record.now)
        await operations.advance(tx, moves=[(payment, given)])
        record.leaf_of(given)
