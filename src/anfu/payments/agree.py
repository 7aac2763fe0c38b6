"""Agree: a mandate is proposed, proven with two factors, and revoked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import Challenge, Linked, Result
from anfu.authentication.enrolled.queries import find_usable
from anfu.authentication.face import Seen
from anfu.authentication.message import Agreed
from anfu.authentication.operations import SMS_CODE, Order
from anfu.authentication.policy import FACE, Ways, ways
from anfu.authentication.queries import find_open_challenge, list_sent
from anfu.authentication.rates import Source
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.kernel.periods import civil_date
from anfu.parties.mandates.mandate import PREFIX, Mandate, State, Terms, check_terms
from anfu.parties.mandates.operations import insert_mandate, save_mandate
from anfu.parties.mandates.queries import find_mandates, get_mandate, list_mandates
from anfu.parties.queries import find_names, find_parties
from anfu.payments.challenge import WAYS_OUT, tell
from anfu.payments.document import encode, rfc3339
from anfu.payments.look import kinds_of, look_at_answer
from anfu.payments.present import Asked, challenge_document
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_TWO = 2
_OPEN = frozenset({State.PENDING, State.ACTIVE})
_WRONG = 422


@dataclass(frozen=True, slots=True)
class Agreement:
    """The answer of the customer to the challenge of a mandate."""

    claim: Claim
    merchant: str | None
    mandate: str
    content: str = field(repr=False)
    factor: str


async def propose(
    tools: Tools, terms: Terms, merchant: str | None, claim: Claim, *, now: datetime
) -> Answer:
    """A new mandate, PENDING until its customer proves it. `merchant`: the scope of the caller.

    Raises Refused: party_not_found, as `Party.check_active`, payer_not_customer,
    mandate_payee_invalid, currency_unknown, mandate_amounts_invalid, mandate_expiry_invalid,
    mandate_factors_missing, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        check_terms(terms, now=now)
        await _check_parties(tx, terms, merchant)
        id_ = new_id(PREFIX, now=now, entropy=tools.entropy)
        mandate = Mandate(id_, terms, State.PENDING, now)
        await insert_mandate(tx, mandate=mandate)
        await _ask(tx, tools, mandate, now)
        return await _noted(tx, tools, mandate, 201, now)

    return await idempotency.once(tools.database, claim, work, now=now)


async def present_mandate(
    tools: Tools, mandate: str, merchant: str | None, *, now: datetime
) -> dict[str, Any]:
    """What the customer is asked. Raises Refused: mandate_not_found, mandate_not_pending."""
    async with tools.database.transaction(readonly=True) as tx:
        found = await get_mandate(tx, mandate, merchant=merchant)
        challenge = await _challenge(tx, found)
        names = await find_names(tx, [found.terms.merchant], ring=tools.sealer.ring)
        asked = Asked(linked_of(found), challenge, names[found.terms.merchant])
        return await challenge_document(tx, tools, asked, now=now)


async def send_mandate_code(
    tools: Tools, mandate: str, merchant: str | None, claim: Claim, *, now: datetime
) -> Answer:
    """The challenge, with a new code on its way to the customer.

    Raises Refused: mandate_not_found, mandate_not_pending, challenge_ended, factor_not_offered,
    codes_spent, code_rate_exceeded, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        found = await get_mandate(tx, mandate, merchant=merchant, lock=True)
        challenge = await _challenge(tx, found)
        order = await _order(tx, tools, found, challenge.ways)
        message = await authentication.send_code(
            tx, challenge=challenge.id, order=order, key=tools.challenge_key, now=now,
            entropy=tools.entropy,
        )  # fmt: skip
        await tell(tx, tools, [message], now=now)
        asked = Asked(order.linked, challenge, order.payee_name)
        return Answer(200, encode(await challenge_document(tx, tools, asked, now=now)))

    return await idempotency.once(tools.database, claim, work, now=now)


async def prove_mandate(tools: Tools, answer: Agreement, *, now: datetime) -> Answer:
    """The mandate: ACTIVE once two classes of factors are proven, PENDING where another one is
    needed, FAILED after the last wrong answer or too late.

    Raises Refused: mandate_not_found, mandate_not_pending, factor_not_offered, challenge_failed
    (counted), consent_missing, face_unavailable, and as idempotency does.
    """
    content: str | Seen = answer.content
    if answer.factor == FACE:
        check = partial(get_mandate, mandate=answer.mandate, merchant=answer.merchant)
        seen = await look_at_answer(tools, answer.mandate, answer.content, check, now=now)
        content = answer.content if seen is None else seen

    async def work(tx: Tx) -> Answer:
        found = await get_mandate(tx, answer.mandate, merchant=answer.merchant, lock=True)
        challenge = await _challenge(tx, found)
        given = authentication.Answer(challenge.id, linked_of(found), content, answer.factor)
        verdict = await authentication.attempt(tx, answer=given, means=tools.means, now=now)
        if verdict.result is Result.WRONG:
            return Answer(_WRONG, encode({"attempts_left": verdict.attempts_left}))
        if verdict.result is Result.MORE:
            return Answer(200, encode(mandate_document(found)))
        after = replace(found, state=State.FAILED, ended_at=now)
        if verdict.result is Result.MET:
            after = replace(found, state=State.ACTIVE, agreed_at=now)
        await save_mandate(tx, before=found, after=after)
        proof = {"factors": verdict.proven, "link": challenge.link.hex()}
        return await _noted(tx, tools, after, 200, now, **proof)

    done = await idempotency.once(tools.database, answer.claim, work, now=now)
    if done.status == _WRONG:
        raise Refused("challenge_failed", field="code", **msgspec.json.decode(done.body))
    return done


async def revoke(
    tools: Tools, mandate: str, merchant: str | None, claim: Claim, by: str, *, now: datetime
) -> Answer:
    """The mandate, which carries no payment from now on.

    Raises Refused: mandate_not_found, mandate_ended, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        found = await get_mandate(tx, mandate, merchant=merchant, lock=True)
        if found.state not in _OPEN:
            raise Refused("mandate_ended", field="mandate", state=found.state)
        return await _revoked(tx, tools, found, by, now)

    return await idempotency.once(tools.database, claim, work, now=now)


async def revoke_all(tx: Tx, tools: Tools, customer: str, by: str, *, now: datetime) -> None:
    """Every mandate of a customer that could still carry a payment, as `revoke`."""
    held = await list_mandates(tx, customer=customer, merchant=None)
    locked = await find_mandates(tx, [mandate.id for mandate in held], lock=True)
    for mandate in locked.values():
        if mandate.state in _OPEN:
            await _revoked(tx, tools, mandate, by, now)


def linked_of(mandate: Mandate) -> Linked:
    """What a proof confirms of a mandate: payee, amount of one payment, and all terms by digest."""
    terms = mandate.terms
    return Linked(mandate.id, terms.merchant, terms.per_payment, terms.currency, terms.digest())


def mandate_document(mandate: Mandate) -> dict[str, Any]:
    """A mandate as JSON values."""
    terms = mandate.terms
    moments = {name: getattr(mandate, name) for name in ("agreed_at", "ended_at", "quiet_until")}
    return {
        "id": mandate.id,
        "object": "mandate",
        "state": mandate.state,
        "customer": terms.customer,
        "merchant": terms.merchant,
        "currency": terms.currency,
        "per_payment": terms.per_payment,
        "per_day": terms.per_day,
        "per_month": terms.per_month,
        "purpose": terms.purpose,
        "device": terms.device,
        "ends_at": rfc3339(terms.ends_at),
        "created_at": rfc3339(mandate.created_at),
        **{name: at and rfc3339(at) for name, at in moments.items()},
    }


async def _check_parties(tx: Tx, terms: Terms, merchant: str | None) -> None:
    parties = await find_parties(tx, [terms.customer, terms.merchant])
    for name in ("customer", "merchant"):
        party = parties.get(getattr(terms, name))
        if party is None or not party.known_to(merchant):
            raise Refused("party_not_found", field=name)
        party.check_active(field=name)
    if parties[terms.customer].kind != "CUSTOMER":
        raise Refused("payer_not_customer", field="customer")
    if parties[terms.merchant].kind != "MERCHANT":
        raise Refused("mandate_payee_invalid", field="merchant")


async def _ask(tx: Tx, tools: Tools, mandate: Mandate, now: datetime) -> None:
    terms = mandate.terms
    order = await _order(tx, tools, mandate, ())
    usable = (await find_usable(tx, [terms.customer], now=now)).get(terms.customer, ())
    has = kinds_of(tools, usable)
    if (await list_sent(tx, [order.source], now=now))[0].exceeded is None:
        has.add(SMS_CODE)
    allowed = ways(has=has, claimed=(), classes=_TWO)
    if not allowed:
        raise Refused("mandate_factors_missing", field="customer", ways_out=list(WAYS_OUT))
    opened = await authentication.open(
        tx, orders=[replace(order, ways=allowed)], key=tools.challenge_key, now=now,
        entropy=tools.entropy,
    )  # fmt: skip
    await tell(tx, tools, [o.message for o in opened.values() if o.message is not None], now=now)


async def _order(tx: Tx, tools: Tools, mandate: Mandate, allowed: Ways) -> Order:
    """What the customer is asked, and where a code for it goes."""
    terms = mandate.terms
    customer = (await find_parties(tx, [terms.customer]))[terms.customer]
    names = await find_names(tx, [terms.merchant], ring=tools.sealer.ring)
    source = Source(customer.phone or customer.id, None, terms.device)
    agreed = Agreed(terms.per_day, terms.per_month, civil_date(terms.ends_at))
    linked, name = linked_of(mandate), names[terms.merchant]
    return Order(customer.id, linked, name, source, allowed, agreed)


async def _challenge(tx: Tx, mandate: Mandate) -> Challenge:
    found = (
        None if mandate.state is not State.PENDING else await find_open_challenge(tx, mandate.id)
    )
    if found is None:
        raise Refused("mandate_not_pending", field="mandate", state=mandate.state)
    return found


async def _revoked(tx: Tx, tools: Tools, locked: Mandate, by: str, now: datetime) -> Answer:
    waiting = await find_open_challenge(tx, locked.id)
    if waiting is not None:
        await authentication.cancel(tx, ids=[waiting.id], now=now)
    after = replace(locked, state=State.REVOKED, ended_at=now, ended_by=by)
    await save_mandate(tx, before=locked, after=after)
    return await _noted(tx, tools, after, 200, now, by=by)


async def _noted(
    tx: Tx, tools: Tools, mandate: Mandate, status: int, now: datetime, **more: Any
) -> Answer:
    document = mandate_document(mandate)
    record = Record(now, tools.entropy)
    record.notice(f"mandate.{mandate.state.lower()}", mandate.id, encode(document))
    kept = {k: v for k, v in document.items() if k not in ("purpose", "object")}
    record.leaf("mandate", mandate.id, {**kept, "terms": mandate.terms.digest(), **more})
    await record.write(tx)
    return Answer(status, encode(document))
