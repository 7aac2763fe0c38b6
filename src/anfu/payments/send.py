"""Send: act. The channel is called with no transaction open; the answer goes to `book`."""

from __future__ import annotations

import logging
from dataclasses import replace

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund
from anfu.kernel.errors import Outcome
from anfu.payments.book import Booking
from anfu.payments.payment import Payment, Refund
from anfu.payments.queries import find_payments
from anfu.payments.tools import Tools

log = logging.getLogger(__name__)


async def send(tools: Tools, payment: Payment) -> Booking:
    """Ask the channel to take a payment that has just come to SENDING."""
    answer = await tools.channels[payment.method].pay(order_of(payment, first=True))
    return Booking(payment.id, _compared(payment, answer))


def order_of(payment: Payment, *, first: bool = False) -> ChannelOrder:
    """What the channel is, or was, asked to do."""
    return ChannelOrder(
        payment.id,
        payment.amount,
        payment.currency,
        payment.card,
        payment.created_at,
        first=first,
    )


async def resolve(tools: Tools, payment: Payment) -> Booking:
    """Learn how a payment left in SENDING or UNKNOWN ended: ask, and failing that, close it.

    That the channel does not know it proves nothing, since a lost request may still arrive; only a
    closed order is certainly not paid.
    """
    channel, order = tools.channels[payment.method], order_of(payment)
    answer = await channel.query(order)
    if answer.outcome is Outcome.UNKNOWN:
        answer = await channel.close(order)
    return Booking(payment.id, _compared(payment, answer))


async def send_refund(tools: Tools, refund: Refund, *, first: bool) -> ChannelAnswer:
    """Ask the channel to give money back; `first` says that it was certainly never asked before."""
    order = await _refund_order(tools, refund, first=first)
    return _compared(refund, await tools.channels[refund.method].refund(order))


async def resolve_refund(tools: Tools, refund: Refund) -> ChannelAnswer:
    """Learn how a refund left open ended: ask, and failing that, send the same one again."""
    order = await _refund_order(tools, refund, first=False)
    answer = await tools.channels[refund.method].query_refund(order)
    if answer.outcome is Outcome.UNKNOWN:
        return await send_refund(tools, refund, first=False)
    return _compared(refund, answer)


async def _refund_order(tools: Tools, refund: Refund, *, first: bool) -> ChannelRefund:
    async with tools.database.transaction(readonly=True) as tx:
        [payment] = await find_payments(tx, [refund.payment])
    return ChannelRefund(
        refund.id,
        payment.id,
        refund.amount,
        refund.currency,
        refund.created_at,
        payment.amount,
        payment.channel_reference,
        first,
    )


def _compared(ours: Payment | Refund, answer: ChannelAnswer) -> ChannelAnswer:
    """An answer about another amount is not an answer: a person must look at it."""
    said = (answer.amount, answer.currency)
    if answer.outcome is not Outcome.DONE or said in ((None, None), (ours.amount, ours.currency)):
        return answer
    log.error("the channel speaks of another amount for %s", ours.id)
    return replace(answer, outcome=Outcome.UNKNOWN, reason="amount_mismatch")
