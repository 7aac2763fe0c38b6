"""Notice: a channel tells us by itself how a payment or a refund ended.

The message has been verified by the channel's room. Here, numbered: 1 it speaks of a payment of
ours, 2 made through that channel, 3 of exactly that amount, 4 it is new. What it says is booked in
the transaction that remembers its nonce.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Told:
    """A verified notice of a channel."""

    channel: str
    notice: Notice


async def take_notices(tools: Tools, told: Sequence[Told], *, now: datetime) -> list[bool]:
    """Book what notices say, those about payments together; False, and nothing changed, for one
    that fails checks 1 to 3. In their order."""
    taken: dict[int, bool] = {}
    payments = {n: one for n, one in enumerate(told) if one.notice.refund is None}
    if payments:

        async def work(tx: Tx) -> list[bool]:
            return await _take_payments(tx, tools, list(payments.values()), now)

        taken |= dict(zip(payments, await tools.database.run(work), strict=True))
    for n, one in enumerate(told):
        if n not in taken:

            async def give(tx: Tx, one: Told = one) -> bool:
                return await _take_refund(tx, tools, one, now)

            taken[n] = await tools.database.run(give)
    return [taken[n] for n in range(len(told))]


async def _take_payments(tx: Tx, tools: Tools, told: Sequence[Told], now: datetime) -> list[bool]:
    right = [await _matches(tx, one.channel, one.notice) for one in told]
    bookings: dict[tuple[str, str], Booking] = {}
    for one, fits in zip(told, right, strict=True):
        if fits:
            said, notice = (one.channel, one.notice.nonce), one.notice
            answer = ChannelAnswer(notice.outcome, notice.reference, notice.reason)
            bookings.setdefault(said, Booking(notice.payment, answer))
    new = []
    for channel in sorted({channel for channel, _ in bookings}):
        nonces = [nonce for name, nonce in bookings if name == channel]
        fresh = await channels.record_notices(tx, channel=channel, nonces=nonces, now=now)  # 4
        new += [bookings[channel, nonce] for nonce in nonces if nonce in fresh]
    if new:
        await book.write(tx, tools, new, now=now)
    return right


async def _take_refund(tx: Tx, tools: Tools, told: Told, now: datetime) -> bool:
    notice = told.notice
    if not await _matches(tx, told.channel, notice):
        return False
    nonces = [notice.nonce]
    fresh = await channels.record_notices(tx, channel=told.channel, nonces=nonces, now=now)  # 4
    assert notice.refund is not None
    # What goes back as a stray is asked about by `give_back` itself.
    if fresh and not notice.refund.startswith(RETURN):
        answer = ChannelAnswer(notice.outcome, notice.reference, notice.reason)
        await refund.write_refund(tx, tools, notice.refund, answer, now=now)
    return True


async def _matches(tx: Tx, channel: str, notice: Notice) -> bool:
    fits = await _fits(tx, channel, notice)
    if not fits:
        log.error("a notice of %s for %s is not what we sent", channel, notice.payment)
    return fits


async def _fits(tx: Tx, channel: str, notice: Notice) -> bool:
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
