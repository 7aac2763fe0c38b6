"""Challenge: ask the payer of some payments for a proof, and hand over the message to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import Linked
from anfu.authentication.message import Message
from anfu.channels import operations as channels
from anfu.channels.development import DevelopmentMessage
from anfu.kernel.ids import new_id
from anfu.parties.queries import find_names
from anfu.payments.payment import Payment, State
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


async def challenge(
    tx: Tx, tools: Tools, payments: Sequence[Payment], *, now: datetime
) -> list[Payment]:
    """The payments, those that are CHALLENGED with the id of their challenge."""
    asked = [payment for payment in payments if payment.state is State.CHALLENGED]
    if not asked:
        return list(payments)
    names = await find_names(tx, [p.payee for p in asked], ring=tools.sealer.ring)
    orders = [authentication.Order(p.payer, linked_of(p), names[p.payee]) for p in asked]
    messages = await authentication.open(
        tx, orders=orders, key=tools.challenge_key, now=now, entropy=tools.entropy
    )
    if tools.policy.development:
        kept = [_kept(tools, message, now) for message in messages.values()]
        await channels.put_development_messages(tx, messages=kept)
    opened = {payment: message.challenge for payment, message in messages.items()}
    return [replace(p, challenge=opened[p.id]) if p.id in opened else p for p in payments]


def linked_of(payment: Payment) -> Linked:
    """What a code confirms of a payment (dynamic linking, 43号 art. 27)."""
    return Linked(payment.id, payment.payee, payment.amount, payment.currency)


def _kept(tools: Tools, message: Message, now: datetime) -> DevelopmentMessage:
    id_ = new_id("msg", now=now, entropy=tools.entropy)
    text = f"{message.text_zh} {message.text_en}"
    sealed = tools.sealer.seal(text.encode(), bound_to=id_)
    return DevelopmentMessage(id_, message.to, message.kind, sealed, now)
