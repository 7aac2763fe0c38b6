"""Notice: a channel tells us by itself how a payment or a refund ended.

The message has been verified by the channel's room. Here, numbered: 1 it speaks of a payment of
ours, 2 made through that channel, 3 of exactly that amount, 4 it is new. What it says is booked in
the transaction that remembers its nonce.
"""

from __future__ import annotations

import logging
from datetime import datetime

from anfu.channels import operations as channels
from anfu.channels.port import ChannelAnswer, Notice
from anfu.kernel.errors import Outcome
from anfu.payments import book, refund
from anfu.payments.attempts.attempt import numbered, read_number
from anfu.payments.attempts.queries import find_attempts
from anfu.payments.book import Booking
from anfu.payments.payment import Payment
from anfu.payments.queries import find_payments, find_refunds
from anfu.payments.strays.queries import is_returning
from anfu.payments.strays.stray import RETURN
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)


async def take_notice(tools: Tools, channel: str, notice: Notice, *, now: datetime) -> bool:
    """Book what a verified notice says; False, and nothing changed, where checks 1 to 3 fail."""

    async def work(tx: Tx) -> bool:
        if not await _matches(tx, channel, notice):
            log.error("a notice of %s for %s is not what we sent", channel, notice.payment)
            return False
        nonces = [notice.nonce]
        if not await channels.record_notices(tx, channel=channel, nonces=nonces, now=now):  # 4
            return True
        answer = ChannelAnswer(notice.outcome, notice.reference, notice.reason)
        if notice.refund is not None and notice.refund.startswith(RETURN):
            return True  # `give_back` asks for itself
        if notice.refund is not None:
            await refund.write_refund(tx, tools, notice.refund, answer, now=now)
        else:
            await book.write(tx, tools, [Booking(notice.payment, answer)], now=now)
        return True

    return await tools.database.run(work)


async def _matches(tx: Tx, channel: str, notice: Notice) -> bool:
    name, attempt = read_number(notice.payment)
    found = await find_payments(tx, [name])
    if not found or await _channel_of(tx, found[0], attempt) != channel:  # 1, 2
        return False
    amount, currency = found[0].amount, found[0].currency
    if notice.refund is not None and notice.refund.startswith(RETURN):
        return await is_returning(tx, notice.refund, amount=notice.amount)
    if notice.refund is not None:
        refunds = await find_refunds(tx, [notice.refund])
        if not refunds or refunds[0].payment != name:
            return False
        amount = refunds[0].amount
    silent = notice.outcome is not Outcome.DONE and notice.amount is None
    return silent or (notice.amount, notice.currency) == (amount, currency)  # 3


async def _channel_of(tx: Tx, payment: Payment, attempt: int) -> str | None:
    """The channel an attempt of a payment went through, None for one that there was not."""
    if attempt == payment.attempt:
        return payment.channel
    earlier = (await find_attempts(tx, [payment.id])).get(payment.id, [])
    number = numbered(payment.id, attempt)
    return next((a.channel for a in earlier if a.number == number), None)
