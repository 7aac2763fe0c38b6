"""Challenge: ask the payer of some payments for a proof, and hand over the message to send.

Risk asks for one, or the law does: a payment over what its factors allow (43号 art. 24) is not
refused where the payer has a factor that would lift it. Where nobody can prove anything, the payer
is told what to do about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import LIFETIME, Linked
from anfu.authentication.enrolled.queries import find_usable
from anfu.authentication.factor import factor_count
from anfu.authentication.message import Message
from anfu.authentication.operations import SMS_CODE, Order
from anfu.authentication.policy import Ways, ways
from anfu.authentication.queries import list_sent
from anfu.authentication.rates import Source
from anfu.channels import operations as channels
from anfu.channels.development import DevelopmentMessage
from anfu.channels.texts.text import PREFIX as TEXT
from anfu.channels.texts.text import WaitingText
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.ids import new_id
from anfu.limits.breach import Breach
from anfu.limits.queries import foresee
from anfu.limits.rule import Step
from anfu.parties.party import Party
from anfu.parties.queries import find_names
from anfu.payments.fund import refusal_of, use_of
from anfu.payments.look import kinds_of
from anfu.payments.payment import Payment, State
from anfu.payments.tools import Tools
from anfu.risk.event import Event
from anfu.storage.transaction import Tx

# A notice that comes a day late would only frighten.
_NOTICE_LIFE = timedelta(days=1)
NO_FACTOR = "factor_unavailable"
WAYS_OUT = ("enrol_factor", "wait", "contact_us")
_TWO = 2


@dataclass(frozen=True, slots=True)
class Asking:
    """What a batch knows: its events by payment id, and its parties."""

    events: Mapping[str, Event]
    parties: Mapping[str, Party]


async def challenge(
    tx: Tx, tools: Tools, payments: Sequence[Payment], asking: Asking, *, now: datetime
) -> list[Payment]:
    """The payments, those that wait for a proof with the id of their challenge."""
    asked = {p.id: p for p in payments if p.state is State.CHALLENGED or _lifted(p)}
    if not asked:
        return list(payments)
    breaches = await _foreseen(tx, tools, list(asked.values()), asking.parties)
    orders = await _orders(tx, tools, list(asked.values()), (asking, frozenset(breaches)), now)
    opened = await authentication.open(
        tx, orders=orders, key=tools.challenge_key, now=now, entropy=tools.entropy
    )
    await tell(tx, tools, [o.message for o in opened.values() if o.message is not None], now=now)
    begun = {payment: one.challenge for payment, one in opened.items()}
    return [
        _after(p, begun.get(p.id), breaches.get(p.id)) if p.id in asked else p for p in payments
    ]


def linked_of(payment: Payment) -> Linked:
    """What a proof confirms of a payment (dynamic linking, 43号 art. 27)."""
    return Linked(payment.id, payment.payee, payment.amount, payment.currency, payment.order)


async def tell(tx: Tx, tools: Tools, messages: Sequence[Message], *, now: datetime) -> None:
    """Queue messages to customers' telephones; the worker hands them over after the commit. In a
    test installation they are kept for who has no telephone."""
    if not messages:
        return
    if tools.policy.development:
        kept = [_kept(tools, message, now) for message in messages]
        await channels.put_development_messages(tx, messages=kept)
    if tools.texts is not None:
        waiting = [_waiting(tools, message, now) for message in messages]
        await channels.put_texts(tx, texts=waiting, now=now)


async def _orders(
    tx: Tx,
    tools: Tools,
    asked: Sequence[Payment],
    known: tuple[Asking, frozenset[str]],
    now: datetime,
) -> list[Order]:
    """An order for each payment whose payer has a way to meet it; a guest has none. `known`: what
    the batch knows, and the payments that the law asks another class of factors of."""
    asking, two = known
    names = await find_names(tx, [p.payee for p in asked], ring=tools.sealer.ring)
    usable = await find_usable(tx, sorted({p.payer for p in asked}), now=now)
    sources = [source_of(asking.events[p.id]) for p in asked]
    sent = await list_sent(tx, sources, now=now)
    orders = []
    for payment, source, codes in zip(asked, sources, sent, strict=True):
        if asking.parties[payment.payer].guest:
            continue
        has = kinds_of(tools, usable.get(payment.payer, ()))
        if codes.exceeded is None:
            has.add(SMS_CODE)
        if _lifted(payment) and not _adds_class(has - {SMS_CODE}, payment):
            continue
        classes = _TWO if payment.id in two or _lifted(payment) else 1
        allowed: Ways = ways(has=has, claimed=payment.factors, classes=classes)
        if allowed:
            order = Order(payment.payer, linked_of(payment), names[payment.payee], source, allowed)
            orders.append(order)
    return orders


async def _foreseen(
    tx: Tx, tools: Tools, asked: Sequence[Payment], parties: Mapping[str, Party]
) -> dict[str, Breach]:
    """The limits that the payments would break and a second class of factors would lift."""
    uses = [use_of(p, parties[p.payer]) for p in asked]
    breaches = await foresee(tx, uses=uses, rules=tools.rules)
    return {id_: b for id_, b in breaches.items() if Step.SECOND_FACTOR in b.raise_by}


def source_of(event: Event) -> Source:
    """Where a code for the payer goes, and who asks for it."""
    seen = event.environment
    return Source(event.phone or event.payer, seen.address, seen.device)


def _lifted(payment: Payment) -> bool:
    """Whether another factor lifts the limit that the payment was refused for."""
    refusal = payment.refusal
    return refusal is not None and Step.SECOND_FACTOR in refusal.get("raise_by", ())


def _adds_class(kinds: set[str], payment: Payment) -> bool:
    """Whether the payer set up a factor of a class that the payment is not confirmed by yet."""
    before = factor_count(payment.factors)
    return any(factor_count((*payment.factors, f)) > before for f in kinds)


def _after(payment: Payment, challenge: str | None, breach: Breach | None) -> Payment:
    if challenge is not None:
        return replace(payment, state=State.CHALLENGED, challenge=challenge, refusal=None)
    if payment.state is not State.CHALLENGED:
        return payment
    out = {"code": NO_FACTOR, "ways_out": WAYS_OUT}
    refusal = out if breach is None else refusal_of(breach)
    return replace(payment, state=State.REFUSED, refusal=refusal)


def _waiting(tools: Tools, message: Message, now: datetime) -> WaitingText:
    """Sealed for the customer, whose number is looked up when it is handed over."""
    id_ = new_id(TEXT, now=now, entropy=tools.entropy)
    body = f"{message.text_zh} {message.text_en}"
    plain = canonical_bytes({"customer": message.to, "body": body})
    sealed = tools.sealer.seal(plain, bound_to=id_)
    return WaitingText(id_, sealed, now + (LIFETIME if message.code else _NOTICE_LIFE))


def _kept(tools: Tools, message: Message, now: datetime) -> DevelopmentMessage:
    id_ = new_id("msg", now=now, entropy=tools.entropy)
    text = f"{message.text_zh} {message.text_en}"
    sealed = tools.sealer.seal(text.encode(), bound_to=id_)
    return DevelopmentMessage(id_, message.to, message.kind, sealed, now)
