"""Step up: a challenge is answered. If it is met, limits are read again and the payment goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import Result, Verdict
from anfu.kernel.errors import Refused
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.challenge import linked_of
from anfu.payments.document import encode
from anfu.payments.fund import fund
from anfu.payments.observe import keep
from anfu.payments.operations import Open
from anfu.payments.payment import BALANCE, Payment, State
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.event import Event, Kind
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_ENDS = {
    Result.EXPIRED: State.EXPIRED,
    Result.LOCKED: State.BLOCKED,
    Result.MISMATCH: State.BLOCKED,
}
# The status under which a wrong code is remembered.
_WRONG = 422


@dataclass(frozen=True, slots=True)
class Proof:
    """An answer to the challenge of a payment. `merchant` is the scope of the caller's key."""

    claim: Claim
    merchant: str | None
    payment: str
    code: str


async def step_up(tools: Tools, proof: Proof, *, now: datetime) -> Answer | Refused | Payment:
    """The answer; or the payment in SENDING to go on with; or, for a wrong code with attempts
    left, Refused(challenge_failed): the attempt is counted, once under one key.

    Raises Refused: payment_not_found, payment_not_challenged, idempotency_key_reused,
    idempotency_in_flight.
    """
    failed: list[Event] = []

    async def work(tx: Tx) -> Answer | Refused | Payment:
        failed.clear()
        return await _step_up(tx, tools, proof, now, failed)

    result = await tools.database.run(work)
    await tools.engine.observe(failed)
    return result


async def _step_up(
    tx: Tx, tools: Tools, proof: Proof, now: datetime, failed: list[Event]
) -> Answer | Refused | Payment:
    payment = await operations.lock_payment(
        tx, payment=proof.payment, merchant=proof.merchant, claim=proof.claim
    )
    if isinstance(payment, Answer):
        return _again(payment)
    if payment.state is not State.CHALLENGED or payment.challenge is None:
        raise Refused("payment_not_challenged", field="payment", state=payment.state)
    verdict = await _attempt(tx, tools, payment, proof, now)
    record = Record(now, tools.entropy)
    if verdict.result in (Result.WRONG, Result.LOCKED):
        failed.append(_failed(payment, now))
        await keep(tx, tools, failed, record)
    if verdict.result is Result.WRONG:
        wrong = Answer(_WRONG, encode({"attempts_left": verdict.attempts_left}))
        record.claims[proof.claim] = wrong
        await record.write(tx)
        return _again(wrong)
    if verdict.result is Result.MET:
        after = await _go_on(tx, tools, payment, now)
    else:
        after = replace(payment, state=_ENDS[verdict.result], updated_at=now)
    return await _conclude(tx, tools, proof, (payment, after), record)


def _failed(payment: Payment, now: datetime) -> Event:
    """A proof that failed, as behaviour of the account: what a log-in that failed is. In a history
    it has the time of the history."""
    return Event(
        id=payment.challenge or payment.id,
        payer=payment.payer,
        payee="",
        amount=0,
        currency="",
        method="",
        card=None,
        at=payment.occurred_at + (now - payment.created_at),
        kind=Kind.LOGIN_FAILED,
    )


def _again(answer: Answer) -> Answer | Refused:
    if answer.status != _WRONG:
        return answer
    return Refused("challenge_failed", field="code", **msgspec.json.decode(answer.body))


async def _attempt(tx: Tx, tools: Tools, payment: Payment, proof: Proof, now: datetime) -> Verdict:
    assert payment.challenge is not None
    answer = authentication.Answer(payment.challenge, linked_of(payment), proof.code)
    return await authentication.attempt(tx, answer=answer, key=tools.challenge_key, now=now)


async def _go_on(tx: Tx, tools: Tools, payment: Payment, now: datetime) -> Payment:
    parties = await find_parties(tx, [payment.payer, payment.payee])
    proven = replace(
        payment,
        state=State.SUCCEEDED if payment.method == BALANCE else State.SENDING,
        factors=tuple(dict.fromkeys((*payment.factors, "sms_code"))),
        updated_at=now,
    )
    if not all(party.active for party in parties.values()):
        return replace(proven, state=State.REFUSED, refusal={"code": "party_suspended"})
    funding = await fund(tx, payments=[proven], parties=parties, rules=tools.rules, now=now)
    await funding.write(tx, now=now)
    return funding.payments[0]


async def _conclude(
    tx: Tx, tools: Tools, proof: Proof, move: tuple[Payment, Payment], record: Record
) -> Answer | Payment:
    _, after = move
    sending = after.state is State.SENDING
    await operations.advance(tx, moves=[move])
    await operations.close_payments(tx, ids=[after.id])
    if sending:
        note = Open(after.id, record.now + tools.policy.sending, proof.claim.name)
        await operations.open_payments(tx, rows=[note])
    record.parties = await find_parties(tx, [after.payee])
    answer = record.payment(after)
    record.claims[proof.claim] = None if sending else answer
    await record.write(tx)
    return after if sending else answer
