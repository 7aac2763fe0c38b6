"""Present: what the payer is asked, as the payer's page shows it; and a code once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import Challenge, Linked, State, signed_bytes
from anfu.authentication.enrolled.queries import find_usable
from anfu.authentication.operations import Order
from anfu.authentication.passkey import request_options
from anfu.authentication.policy import factors_of
from anfu.authentication.queries import find_open_challenge
from anfu.kernel.errors import Refused
from anfu.parties.devices.proof import base64url
from anfu.parties.queries import find_names
from anfu.payments import operations
from anfu.payments.challenge import linked_of, source_of, tell
from anfu.payments.document import encode, rfc3339
from anfu.payments.payment import Payment
from anfu.payments.queries import get_payment
from anfu.payments.tools import Tools
from anfu.risk.queries import find_decisions, find_events
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge that waits, what it is linked to, and the payee as the payer knows it."""

    linked: Linked
    challenge: Challenge
    payee_name: str


async def present(
    tools: Tools, payment: str, merchant: str | None, *, now: datetime
) -> dict[str, Any]:
    """The challenge of a payment. Raises Refused: payment_not_found, payment_not_challenged."""
    async with tools.database.transaction(readonly=True) as tx:
        found = await get_payment(tx, payment, merchant=merchant)
        return await challenge_document(tx, tools, await _asked(tx, tools, found), now=now)


async def send_code(
    tools: Tools, payment: str, merchant: str | None, claim: Claim, *, now: datetime
) -> Answer:
    """The challenge, with a new code on its way to the payer.

    Raises Refused: payment_not_found, payment_not_challenged, challenge_ended, factor_not_offered,
    codes_spent, code_rate_exceeded, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        locked = (await operations.lock_payments(tx, ids=[payment])).get(payment)
        if locked is None or merchant not in (None, locked.payee):
            raise Refused("payment_not_found", field="payment")
        asked = await _asked(tx, tools, locked)
        stored = await find_decisions(tx, [locked.decision or ""])
        event = (await find_events(tx, stored.values()))[locked.decision or ""]
        order = Order(locked.payer, linked_of(locked), asked.payee_name, source_of(event))
        message = await authentication.send_code(
            tx, challenge=asked.challenge.id, order=order, key=tools.challenge_key, now=now,
            entropy=tools.entropy,
        )  # fmt: skip
        await tell(tx, tools, [message], now=now)
        return Answer(200, encode(await challenge_document(tx, tools, asked, now=now)))

    return await idempotency.once(tools.database, claim, work, now=now)


async def _asked(tx: Tx, tools: Tools, payment: Payment) -> Asked:
    challenge = await find_open_challenge(tx, payment.id)
    if challenge is None or challenge.state is not State.OPEN:
        raise Refused("payment_not_challenged", field="payment", state=payment.state)
    names = await find_names(tx, [payment.payee], ring=tools.sealer.ring)
    return Asked(linked_of(payment), challenge, names[payment.payee])


async def challenge_document(
    tx: Tx, tools: Tools, asked: Asked, *, now: datetime
) -> dict[str, Any]:
    """What is asked, as JSON values."""
    challenge = asked.challenge
    signed = signed_bytes(challenge.id, challenge.link)
    mine = (await find_usable(tx, [challenge.customer], now=now)).get(challenge.customer, [])
    handles = [f.handle for f in mine if f.handle is not None]
    following = sorted(factors_of(challenge.ways, challenge.proven))
    asks_passkey = "passkey" in following and bool(handles)
    options = request_options(tools.policy.party, challenge=signed, handles=handles)
    return {
        "id": challenge.id,
        "object": "challenge",
        "ways": challenge.ways,
        "proven": challenge.proven,
        "next": following,
        "linked": linked_document(asked.linked),
        "payee_name": asked.payee_name,
        "sign": base64url(signed),
        "options": options if asks_passkey else None,
        "attempts_left": challenge.attempts_left,
        "expires_at": rfc3339(challenge.expires_at),
    }


def linked_document(linked: Linked) -> dict[str, Any]:
    """What a proof confirms, as JSON values."""
    return {
        "payment": linked.payment,
        "payee": linked.payee,
        "amount": linked.amount,
        "currency": linked.currency,
        "order": linked.order,
    }
