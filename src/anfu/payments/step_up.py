"""Step up: a challenge is answered. If it is met, limits are read again and the payment goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import msgspec

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import Result, Verdict
from anfu.authentication.face import Seen
from anfu.authentication.operations import SMS_CODE
from anfu.authentication.policy import FACE
from anfu.authentication.queries import get_challenge
from anfu.kernel.errors import Refused
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.challenge import linked_of
from anfu.payments.document import encode
from anfu.payments.fund import fund
from anfu.payments.look import look_at_answer
from anfu.payments.observe import keep_answer, told_of
from anfu.payments.operations import Open
from anfu.payments.payment import BALANCE, Payment, State
from anfu.payments.queries import get_payment
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.event import Event
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_ENDS = {
    Result.EXPIRED: State.EXPIRED,
    Result.LOCKED: State.BLOCKED,
    Result.MISMATCH: State.BLOCKED,
}
_STAYS = frozenset({Result.WRONG, Result.MORE})
# The status under which a wrong code is remembered.
_WRONG = 422


@dataclass(frozen=True, slots=True)
class Proof:
    """An answer to the challenge of a payment. `merchant` is the scope of the caller's key.
    `shown`: payee, amount and currency as the payer saw them, where the page says so. `device`: the
    one the answer was read or made on. `content` of a face is a capture, until it is looked at."""

    claim: Claim
    merchant: str | None
    payment: str
    content: str | Seen = field(repr=False)
    factor: str = SMS_CODE
    shown: tuple[str, int, str] | None = None
    device: str | None = None


async def step_up(tools: Tools, proof: Proof, *, now: datetime) -> Answer | Refused | Payment:
    """The answer; or the payment in SENDING to go on with; or, for a wrong answer with attempts
    left, Refused(challenge_failed): the attempt is counted, once under one key. Where another
    factor is needed the payment stays CHALLENGED.

    Raises Refused: payment_not_found, payment_not_challenged, factor_not_offered,
    consent_missing, face_unavailable, face_checks_spent, idempotency_key_reused,
    idempotency_in_flight.
    """
    proof = await _looked(tools, proof, now)
    told: list[Event] = []

    async def work(tx: Tx) -> Answer | Refused | Payment:
        told.clear()
        return await _step_up(tx, tools, proof, now, told)

    result = await tools.database.run(work)
    await tools.engine.observe(told)
    return result


async def _looked(tools: Tools, proof: Proof, now: datetime) -> Proof:
    """The proof with what was seen of a face, if that is what is waited for."""
    if proof.factor != FACE or isinstance(proof.content, Seen):
        return proof
    check = partial(get_payment, payment=proof.payment, merchant=proof.merchant)
    seen = await look_at_answer(tools, proof.payment, proof.content, check, now=now)
    return proof if seen is None else replace(proof, content=seen)


async def _step_up(
    tx: Tx, tools: Tools, proof: Proof, now: datetime, told: list[Event]
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
    await _note(tx, payment, proof, verdict, record)
    about = partial(told_of, payment, now=now)
    told += await keep_answer(tx, tools, verdict.result, about, record)
    if verdict.result in _STAYS:
        return await _stay(tx, payment, proof, verdict, record)
    if verdict.result is Result.MET:
        after = await _go_on(tx, tools, payment, verdict.proven, now)
    else:
        after = replace(payment, state=_ENDS[verdict.result], updated_at=now)
    return await _conclude(tx, tools, proof, (payment, after), record)


async def _note(tx: Tx, payment: Payment, proof: Proof, verdict: Verdict, record: Record) -> None:
    """Evidence of the answer: what was proven, and whether it was read on the device that the
    payment came from, where it proves less (a stolen telephone reads its own codes)."""
    assert payment.challenge is not None
    opened = await get_challenge(tx, payment.challenge)
    same = None if None in (proof.device, opened.device) else proof.device == opened.device
    content = {"challenge": opened.id, "factor": proof.factor, "result": verdict.result,
               "link": opened.link.hex(), "same_device": same}  # fmt: skip
    record.leaf("proof", payment.id, content)


async def _stay(
    tx: Tx, payment: Payment, proof: Proof, verdict: Verdict, record: Record
) -> Answer | Refused:
    """The payment waits on: for a better answer, or for another factor."""
    if verdict.result is Result.WRONG:
        answer = Answer(_WRONG, encode({"attempts_left": verdict.attempts_left}))
    else:
        answer = Record.describe(payment)
    record.claims[proof.claim] = answer
    await record.write(tx)
    return _again(answer)


def _again(answer: Answer) -> Answer | Refused:
    if answer.status != _WRONG:
        return answer
    return Refused("challenge_failed", field="code", **msgspec.json.decode(answer.body))


async def _attempt(tx: Tx, tools: Tools, payment: Payment, proof: Proof, now: datetime) -> Verdict:
    assert payment.challenge is not None
    linked = linked_of(payment)
    if proof.shown is not None:
        payee, amount, currency = proof.shown
        linked = replace(linked, payee=payee, amount=amount, currency=currency)
    answer = authentication.Answer(payment.challenge, linked, proof.content, proof.factor)
    return await authentication.attempt(tx, answer=answer, means=tools.means, now=now)


async def _go_on(
    tx: Tx, tools: Tools, payment: Payment, proven: Sequence[str], now: datetime
) -> Payment:
    parties = await find_parties(tx, [payment.payer, payment.payee])
    confirmed = replace(
        payment,
        state=State.SUCCEEDED if payment.method == BALANCE else State.SENDING,
        factors=tuple(dict.fromkeys((*payment.factors, *proven))),
        updated_at=now,
    )
    for party in parties.values():
        if not party.active:
            return replace(confirmed, state=State.REFUSED, refusal={"code": party.barred})
    funding = await fund(tx, payments=[confirmed], parties=parties, rules=tools.rules, now=now)
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
