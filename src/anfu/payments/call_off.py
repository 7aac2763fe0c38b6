"""Call off: the merchant does not wait any longer for a payer to confirm at the network (关单)."""

from __future__ import annotations

from datetime import datetime

from anfu.payments import book
from anfu.payments.payment import Payment, State
from anfu.payments.queries import get_payment
from anfu.payments.review import Disposition
from anfu.payments.send import close
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


async def call_off(tools: Tools, wish: Disposition, *, now: datetime) -> Answer | None:
    """The payment once the network was asked to close its order: FAILED, or SUCCEEDED where the
    payer was quicker, or AWAITING still where the network was not heard. None for one that does not
    wait at a network.

    Raises Refused: payment_not_found, idempotency_key_reused, idempotency_in_flight.
    """

    async def find(tx: Tx) -> Answer | Payment:
        known = await idempotency.find(tx, [wish.claim])
        if known:
            return idempotency.answer_again(wish.claim, known[wish.claim.name])
        return await get_payment(tx, wish.payment, merchant=wish.merchant)

    found = await tools.database.run(find)
    if isinstance(found, Answer):
        return found
    if found.state is not State.AWAITING:
        return None
    booking = await close(tools, found, now=now)

    async def work(tx: Tx) -> Answer:
        [booked] = await book.write(tx, tools, [booking], now=now)
        assert isinstance(booked, Answer)  # nothing goes on by another route here
        await idempotency.remember(tx, claims={wish.claim: booked}, now=now)
        return booked

    return await tools.database.run(work)
