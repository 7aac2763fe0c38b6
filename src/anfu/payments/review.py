"""Review: a person, the caller or the time ends what waits: release, reject, cancel, expire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from anfu.authentication import operations as authentication
from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.ledger import operations as ledger
from anfu.limits import operations as limits
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.observe import keep_unmet
from anfu.payments.operations import Open
from anfu.payments.payment import BALANCE, Payment, State
from anfu.payments.record import Record
from anfu.payments.refer import leave_case
from anfu.payments.release import check_release
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import Case, Verdict
from anfu.risk.cases.case import State as CaseState
from anfu.risk.cases.queries import get_policy
from anfu.risk.event import Event, Kind
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

# What may be asked for, and from which states.
ALLOWED: Mapping[State, frozenset[State]] = {
    State.SUCCEEDED: frozenset({State.IN_REVIEW}),
    State.REJECTED: frozenset({State.IN_REVIEW}),
    State.CANCELLED: frozenset({State.IN_REVIEW, State.CHALLENGED}),
}


# What ending a payment by itself says of it to its case.
VERDICTS: Mapping[State, Verdict] = {
    State.SUCCEEDED: Verdict.RELEASE,
    State.REJECTED: Verdict.REJECT,
}


@dataclass(frozen=True, slots=True)
class Disposition:
    """`end` is SUCCEEDED to release, REJECTED to reject, CANCELLED to cancel; `by` and `note` go
    into the evidence. `merchant` is the scope of the caller's key."""

    claim: Claim
    merchant: str | None
    payment: str
    end: State
    by: str
    note: str | None = None


async def dispose(tools: Tools, wish: Disposition, *, now: datetime) -> Answer | Payment:
    """The answer; or the released payment in SENDING that `send` must go on with.

    Raises Refused: payment_not_found, payment_not_waiting, as `check_release` (to release only),
    case_not_yours, case_decided, case_two_people (not to cancel), idempotency_key_reused,
    idempotency_in_flight.
    """
    told: list[Event] = []

    async def work(tx: Tx) -> Answer | Payment:
        told.clear()
        return await _dispose(tx, tools, wish, told, now)

    result = await tools.database.run(work)
    await tools.engine.observe(told)
    return result


async def _dispose(
    tx: Tx, tools: Tools, wish: Disposition, told: list[Event], now: datetime
) -> Answer | Payment:
    case = await cases.lock_case_of(tx, event=wish.payment)  # before the payment, as everywhere
    payment = await operations.lock_payment(
        tx, payment=wish.payment, merchant=wish.merchant, claim=wish.claim
    )
    if isinstance(payment, Answer):
        return payment
    if payment.state not in ALLOWED[wish.end]:
        raise Refused("payment_not_waiting", field="payment", state=payment.state)
    if case is not None:
        await _check_case(tx, case, wish)
    parties = await find_parties(tx, [payment.payer, payment.payee])
    if wish.end is State.SUCCEEDED:
        await check_release(tx, [payment], field="payment", now=now)
    record = Record(now, tools.entropy, parties)
    after = await end_wait(tx, tools, payment, wish.end, record)
    told += await keep_unmet(tx, tools, payment, Kind.CHALLENGE_ABANDONED, record)
    sending = after.state is State.SENDING
    if sending:
        waiting = Open(after.id, now + tools.policy.sending, wish.claim.name)
        await operations.open_payments(tx, rows=[waiting])
    # Free text may be personal data: the log, which is never erased, keeps its digest.
    note = None if wish.note is None else digest(wish.note).hex()
    answer = record.payment(after, by=wish.by, note=note)
    record.claims[wish.claim] = None if sending else answer
    if case is not None:
        verdict = VERDICTS.get(wish.end)
        said = None if verdict is None else (verdict, wish.by)
        await leave_case(tx, record, case, payment.id, fate=after.state, said=said)
    await record.write(tx)
    return after if sending else answer


async def _check_case(tx: Tx, case: Case, wish: Disposition) -> None:
    """A payment alone is ended as its case may be: not past the person who works on it, not past
    the second person, not against what was said."""
    if wish.end not in VERDICTS:
        return
    if case.holder not in (None, wish.by):
        raise Refused("case_not_yours", field="payment", case=case.id)
    if case.state in (CaseState.CONFIRMING, CaseState.CLOSED):
        raise Refused("case_decided", field="payment", case=case.id)
    if (await get_policy(tx)).takes_two(case.amount, case.currency):
        raise Refused("case_two_people", field="payment", case=case.id)


async def end_wait(tx: Tx, tools: Tools, payment: Payment, end: State, record: Record) -> Payment:
    """The locked payment, no longer CHALLENGED or IN_REVIEW; its hold, reservation and challenge
    are resolved with it. A released payment through a channel is SENDING."""
    now = record.now
    releasing = end is State.SUCCEEDED
    if releasing and payment.method != BALANCE:
        end = State.SENDING
    after = replace(payment, state=end, updated_at=now)
    if payment.state is State.IN_REVIEW and end is State.SUCCEEDED:
        await limits.settle(tx, ids=[payment.id])
        await ledger.post_holds(tx, amounts={payment.id: None}, now=now)
    elif payment.state is State.IN_REVIEW and not releasing:
        await limits.give_back(tx, ids=[payment.id])  # before accounts, as `pay` locks them
        await ledger.void_holds(tx, ids=[payment.id], now=now)
    elif payment.challenge is not None and payment.state is State.CHALLENGED:
        await authentication.cancel(tx, ids=[payment.challenge], now=now)
    await operations.advance(tx, moves=[(payment, after)])
    await operations.close_payments(tx, ids=[payment.id])
    return after
