"""Give back: money that came for an attempt which was over returns to its payer (原路退回)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Scene
from anfu.kernel.clock import Clock
from anfu.kernel.errors import BrokenInvariant, Outcome
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder
from anfu.payments.document import encode
from anfu.payments.fund import channel_key, strays_key
from anfu.payments.queries import find_payments
from anfu.payments.record import Record
from anfu.payments.strays import operations
from anfu.payments.strays.stray import Stray, StrayState, stray_document
from anfu.payments.tasks.hand_out import open_task
from anfu.payments.tasks.task import TaskKind
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

# Longer than a channel may answer; what stays unknown is asked about again after it.
_LEASE = timedelta(seconds=30)


async def give_back(tools: Tools, clock: Clock, *, most: int) -> int:
    """Give back at most `most` strays that are due; how many were tried."""
    due = await tools.database.run(
        lambda tx: operations.take_due_strays(tx, now=clock.now(), most=most, lease=_LEASE)
    )
    for stray in due:
        answer = await _ask(tools, stray)
        if answer.outcome is not Outcome.UNKNOWN:
            await _end(tools, clock, stray, answer)
    return len(due)


async def _ask(tools: Tools, stray: Stray) -> ChannelAnswer:
    channel = tools.channels[stray.channel]
    order = ChannelRefund(
        refund=stray.refund,
        payment=stray.number,
        amount=stray.amount,
        currency=stray.currency,
        at=stray.seen_at,
        total=stray.amount,
        reference=stray.reference,
    )
    answer = await channel.query_refund(order)
    if answer.outcome is Outcome.UNKNOWN:
        answer = await channel.refund(order)
    return await _undone(tools, stray, answer)


async def _undone(tools: Tools, stray: Stray, answer: ChannelAnswer) -> ChannelAnswer:
    """What was paid by a payer's code may have gone back by itself: an order to undo it, sent
    before it was paid, came after it."""
    if answer.reason != "payment_not_paid":
        return answer
    async with tools.database.transaction(readonly=True) as tx:
        [payment] = await find_payments(tx, [stray.payment])
    if payment.scene is not Scene.PAYER_CODE:
        return answer
    order = ChannelOrder(
        stray.number, stray.amount, stray.currency, None, payment.created_at, scene=payment.scene
    )
    known = await tools.channels[stray.channel].query(order)
    gone = known.outcome is Outcome.NOT_DONE and known.reason in ("closed", "already_closed")
    return replace(answer, outcome=Outcome.DONE, reason=None) if gone else answer


async def _end(tools: Tools, clock: Clock, stray: Stray, answer: ChannelAnswer) -> None:
    done = answer.outcome is Outcome.DONE
    state = StrayState.RETURNED if done else StrayState.STUCK
    if not done:
        log.error("%s cannot be given back: %s", stray.number, answer.reason)

    async def work(tx: Tx) -> None:
        record = Record(clock.now(), tools.entropy)
        await end_stray(tx, stray, state, None if done else answer.reason, record)
        if not done:
            why = {"payment": stray.payment, "failure": answer.reason}
            await open_task(tx, tools, TaskKind.STRAY_STUCK, stray.id, why, record)
        await record.write(tx)

    await tools.database.run(work)


async def take_strays(tx: Tx, strays: Sequence[Stray], record: Record) -> None:
    """Book strays as owed, each number once; whoever listens for the payment is told."""
    fresh = await operations.insert_strays(tx, strays=strays)
    orders = [
        EntryOrder(
            s.id, channel_key(s.channel, s.currency), strays_key(s.currency), s.currency, s.amount
        )
        for s in fresh
    ]
    await _post(tx, orders, record)
    for stray in fresh:
        _tell(stray, "payment.paid_late", record)


async def end_stray(
    tx: Tx, stray: Stray, state: StrayState, failure: str | None, record: Record
) -> Stray:
    """Book a stray as given back, or note that it cannot be."""
    after = replace(stray, state=state, failure=failure, ended_at=record.now, due_at=None)
    if not await operations.advance_stray(tx, before=stray, after=after):
        return stray
    if state is StrayState.RETURNED:
        accounts = strays_key(stray.currency), channel_key(stray.channel, stray.currency)
        order = EntryOrder(stray.refund, *accounts, stray.currency, stray.amount)
        await _post(tx, [order], record)
    kind = "payment.given_back" if state is StrayState.RETURNED else "payment.give_back_failed"
    _tell(after, kind, record)
    return after


def _tell(stray: Stray, kind: str, record: Record) -> None:
    document = stray_document(stray)
    record.notice(kind, stray.payment, encode(document))
    record.leaf("stray", stray.payment, document)


async def _post(tx: Tx, orders: Sequence[EntryOrder], record: Record) -> None:
    if not orders:
        return
    denied = await ledger.post(tx, orders=orders, now=record.now)
    if denied:
        raise BrokenInvariant(f"strays could not be booked: {denied}")
    for order in orders:
        record.posting(order)
