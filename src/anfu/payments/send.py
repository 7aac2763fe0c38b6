"""Send: act. The channel is called with no transaction open; the answer goes to `book`."""

from __future__ import annotations

import logging
from dataclasses import replace

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund
from anfu.kernel.errors import Outcome
from anfu.payments.book import Booking
from anfu.payments.payment import Payment, Refund
from anfu.payments.tools import Tools

log = logging.getLogger(__name__)


async def send(tools: Tools, payment: Payment) -> Booking:
    """Ask the channel to take a payment that has just come to SENDING."""
    order = ChannelOrder(
        payment.id,
        payment.amount,
        payment.currency,
        payment.card,
        payment.created_at,
        first=True,
    )
    answer = await tools.channels[payment.method].pay(order)
    return Booking(payment.id, _compared(payment, answer))


async def resolve(tools: Tools, payment: Payment) -> Booking:
    """Learn how a payment left in SENDING or UNKNOWN ended: ask, and failing that, close it.

    That the channel does not know it proves nothing, since a lost request may still arrive; only a
    closed order is certainly not paid.
    """
    channel = tools.channels[payment.method]
    answer = await channel.query(payment.id)
    if answer.outcome is Outcome.UNKNOWN:
        answer = await channel.close(payment.id)
    return Booking(payment.id, _compared(payment, answer))


async def send_refund(tools: Tools, refund: Refund, *, first: bool) -> ChannelAnswer:
    """Ask the channel to give money back; `first` says that it was certainly never asked before."""
    order = ChannelRefund(refund.id, refund.payment, refund.amount, refund.currency, first)
    return _compared(refund, await tools.channels[refund.method].refund(order))


async def resolve_refund(tools: Tools, refund: Refund) -> ChannelAnswer:
    """Learn how a refund left open ended: ask, and failing that, send the same one again."""
    answer = await tools.channels[refund.method].query_refund(refund.id)
    if answer.outcome is Outcome.UNKNOWN:
        return await send_refund(tools, refund, first=False)
    return _compared(refund, answer)


def _compared(ours: Payment | Refund, answer: ChannelAnswer) -> ChannelAnswer:
    """An answer about another amount is not an answer: a person must look at it."""
    said = (answer.amount, answer.currency)
    if answer.outcome is not Outcome.DONE or said in ((None, None), (ours.amount, ours.currency)):
        return answer
    log.error("the channel speaks of another amount for %s", ours.id)
    return replace(answer, outcome=Outcome.UNKNOWN, reason="amount_mismatch")
