"""Deny: the payer answers a challenge with "not me". The payment is blocked and risk is told.

It is the earliest label of fraud there is: from who would lose the money, before it is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from anfu.authentication import operations as authentication
from anfu.kernel.errors import Refused
from anfu.parties.mandates.operations import quieten
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.label import learn, put
from anfu.payments.observe import happened_at, keep, told_of
from anfu.payments.payment import Payment, State
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.event import Event, Kind
from anfu.risk.label import Label, Told, Truth
from anfu.risk.queries import find_decisions, find_events
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

LABEL_SOURCE = "payer"


@dataclass(frozen=True, slots=True)
class Denial:
    """The payer of `payment` says that somebody else ordered it. `merchant` is the scope of the
    caller's key."""

    claim: Claim
    merchant: str | None
    payment: str


async def deny(tools: Tools, denial: Denial, *, now: datetime) -> Answer:
    """The payment, BLOCKED: labelled as fraud, its challenge ended, the payer's mandates quiet.

    Raises Refused: payment_not_found, payment_not_challenged, idempotency_key_reused,
    idempotency_in_flight.
    """
    events: list[Event] = []
    labels: list[Told] = []

    async def work(tx: Tx) -> Answer:
        events.clear()
        labels.clear()
        return await _deny(tx, tools, denial, (events, labels), now)

    answer = await tools.database.run(work)
    await tools.engine.observe(events)
    await learn(tools, labels)
    return answer


async def _deny(
    tx: Tx, tools: Tools, denial: Denial, told: tuple[list[Event], list[Told]], now: datetime
) -> Answer:
    payment = await operations.lock_payment(
        tx, payment=denial.payment, merchant=denial.merchant, claim=denial.claim
    )
    if isinstance(payment, Answer):
        return payment
    if payment.state is not State.CHALLENGED or payment.challenge is None:
        raise Refused("payment_not_challenged", field="payment", state=payment.state)
    events, labels = told
    await authentication.cancel(tx, ids=[payment.challenge], now=now)
    after = replace(payment, state=State.BLOCKED, updated_at=now)
    await operations.advance(tx, moves=[(payment, after)])
    await operations.close_payments(tx, ids=[payment.id])
    await quieten(tx, customers=[payment.payer], until=now + tools.policy.quiet)
    record = Record(now, tools.entropy, await find_parties(tx, [payment.payee]))
    labels += await _labels(tx, payment, now)
    await put(tx, labels, record)
    events.append(told_of(payment, Kind.CHALLENGE_FAILED, now=now))
    await keep(tx, tools, events, record)
    record.leaf("proof", payment.id, {"challenge": payment.challenge, "result": "DENIED"})
    answer = record.payment(after)
    record.claims[denial.claim] = answer
    await record.write(tx)
    return answer


async def _labels(tx: Tx, payment: Payment, now: datetime) -> list[Told]:
    stored = await find_decisions(tx, [payment.decision or ""])
    found = await find_events(tx, stored.values())
    at = happened_at(payment, now=now)
    return [
        Told(event, Label(event.id, Truth.FRAUD, at, LABEL_SOURCE, decision, now))
        for decision, event in found.items()
    ]
