"""Send: act. The channel is called with no transaction open; the answer goes to `book`."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Scene
from anfu.channels.reasons import unheard
from anfu.kernel.errors import Outcome
from anfu.payments import operations
from anfu.payments.attempts.attempt import expiry, number_of
from anfu.payments.book import Booking
from anfu.payments.payment import Payment, Refund, State
from anfu.payments.queries import find_payments
from anfu.payments.tools import Tools

log = logging.getLogger(__name__)


async def send(tools: Tools, payment: Payment, *, now: datetime) -> Booking:
    """Ask the channel to take a payment that has just come to SENDING.

    Where there is another route and the channel was not heard, it is asked at once what became of
    it, so that the payer does not wait for the recovery.
    """
    number = number_of(payment)
    if payment.scene is Scene.PAYER_CODE and payment.payer_code is None:
        # Held back on its way: the code is not kept, and would be too old.
        return Booking(number, ChannelAnswer(Outcome.NOT_DONE, None, "payer_code_expired"))
    channel = tools.channels[payment.network]
    answer = await channel.pay(order_of(payment, tools, first=True))
    _note(tools, payment, answer, now)
    if unheard(answer.reason) and answer.outcome is Outcome.UNKNOWN and _elsewhere(tools, payment):
        return await resolve(tools, payment, now=now)
    return Booking(number, _compared(payment, answer))


def order_of(payment: Payment, tools: Tools, *, first: bool = False) -> ChannelOrder:
    """What the channel is, or was, asked to do."""
    return ChannelOrder(
        payment=number_of(payment),
        amount=payment.amount,
        currency=payment.currency,
        card=payment.card,
        at=payment.created_at,
        first=first,
        scene=payment.scene or Scene.ON_FILE,
        subject=payment.description or payment.order or payment.id,
        payer=_network_payer(payment, tools),
        code=payment.payer_code,
        address=payment.payer_address,
        expires_at=expiry(payment, tools.policy.order_life),
        return_url=payment.return_url,
    )


def _network_payer(payment: Payment, tools: Tools) -> str | None:
    if payment.network_payer is None:
        return None
    return tools.sealer.ring.unseal(payment.network_payer, bound_to=payment.id).decode()


async def resolve(tools: Tools, payment: Payment, *, now: datetime) -> Booking:
    """Learn how a payment left in SENDING or UNKNOWN ended: ask, and failing that, close it. One
    that waits for its payer is closed once its time is over. By a payer's code that gives back what
    is paid, and is done only to what the channel has said is not.

    That the channel does not know it proves nothing, since a lost request may still arrive; only a
    closed order is certainly not paid.
    """
    ends = expiry(payment, tools.policy.order_life)
    waited, over = payment.state is State.AWAITING, ends is None or ends <= now
    booking = await (_closed if payment.reversing else _asked)(tools, payment, now=now)
    unclear = booking.answer.outcome is Outcome.UNKNOWN and not booking.closing
    by_code = payment.scene is Scene.PAYER_CODE
    if unclear and (over or not waited) and not (by_code and unheard(booking.answer.reason)):
        booking = await _closed(tools, payment, now=now)
    if waited and over and booking.answer.reason in ("closed", "already_closed"):
        booking = replace(booking, answer=replace(booking.answer, reason="order_expired"))
    return booking


async def close(tools: Tools, payment: Payment, *, now: datetime) -> Booking:
    """Make sure that a payment which waits for its payer will not be paid."""
    if payment.scene is Scene.PAYER_CODE and not payment.reversing:
        booking = await _asked(tools, payment, now=now)
        if booking.answer.outcome is not Outcome.UNKNOWN or unheard(booking.answer.reason):
            return booking
    return await _closed(tools, payment, now=now)


async def _asked(tools: Tools, payment: Payment, *, now: datetime) -> Booking:
    answer = await tools.channels[payment.network].query(order_of(payment, tools))
    _note(tools, payment, answer, now)
    return Booking(number_of(payment), _compared(payment, answer))


async def _closed(tools: Tools, payment: Payment, *, now: datetime) -> Booking:
    """Closing an order by a payer's code undoes it where it is paid, and does so as well when the
    request arrives late. So that is decided and written down first, and asked until it is done."""
    order = order_of(payment, tools)
    if payment.scene is Scene.PAYER_CODE:
        await tools.database.run(lambda tx: operations.mark_reversing(tx, payment=payment.id))
        order = replace(order, undo=True)
    answer = await tools.channels[payment.network].close(order)
    _note(tools, payment, answer, now)
    return Booking(number_of(payment), _compared(payment, answer), closing=True)


def _note(tools: Tools, payment: Payment, answer: ChannelAnswer, now: datetime) -> None:
    heard = not unheard(answer.reason)
    tools.health.note(payment.network, heard=heard, now=now)


def _elsewhere(tools: Tools, payment: Payment) -> bool:
    return len(tools.routes_of(payment.method)) > 1


async def send_refund(tools: Tools, refund: Refund, *, first: bool) -> ChannelAnswer:
    """Ask the channel to give money back; `first` says that it was certainly never asked before."""
    channel, order = await _refund_order(tools, refund, first=first)
    return _compared(refund, await tools.channels[channel].refund(order))


async def resolve_refund(tools: Tools, refund: Refund) -> ChannelAnswer:
    """Learn how a refund left open ended: ask, and failing that, send the same one again."""
    channel, order = await _refund_order(tools, refund, first=False)
    answer = await tools.channels[channel].query_refund(order)
    if answer.outcome is Outcome.UNKNOWN:
        return await send_refund(tools, refund, first=False)
    return _compared(refund, answer)


async def _refund_order(tools: Tools, refund: Refund, *, first: bool) -> tuple[str, ChannelRefund]:
    """The channel that has taken the payment, and what it is asked to give back."""
    async with tools.database.transaction(readonly=True) as tx:
        [payment] = await find_payments(tx, [refund.payment])
    order = ChannelRefund(
        refund=refund.id,
        payment=number_of(payment),
        amount=refund.amount,
        currency=refund.currency,
        at=refund.created_at,
        total=payment.amount,
        reference=payment.channel_reference,
        first=first,
    )
    return payment.network, order


def _compared(ours: Payment | Refund, answer: ChannelAnswer) -> ChannelAnswer:
    """An answer about another amount is not an answer: a person must look at it."""
    said = (answer.amount, answer.currency)
    if answer.outcome is not Outcome.DONE or said in ((None, None), (ours.amount, ours.currency)):
        return answer
    log.error("the channel speaks of another amount for %s", ours.id)
    return replace(answer, outcome=Outcome.UNKNOWN, reason="amount_mismatch")
