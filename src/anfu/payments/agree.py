"""Agree: a mandate is proposed, and proven with two factors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from anfu.authentication import operations as authentication
from anfu.authentication.challenge import Challenge, Result, Verdict
from anfu.authentication.enrolled.queries import find_usable
from anfu.authentication.face import Seen
from anfu.authentication.message import Agreed
from anfu.authentication.operations import SMS_CODE, Order
from anfu.authentication.policy import FACE, Ways, ways
from anfu.authentication.queries import find_open_challenge, list_sent
from anfu.authentication.rates import Source
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.kernel.periods import last_date
from anfu.parties.mandates.mandate import PREFIX, Mandate, State, Terms, check_terms
from anfu.parties.mandates.operations import insert_mandate, save_mandate
from anfu.parties.mandates.queries import get_mandate
from anfu.parties.queries import find_names, find_parties
from anfu.payments.challenge import WAYS_OUT, tell
from anfu.payments.document import encode
from anfu.payments.look import kinds_of, look_at_answer
from anfu.payments.mandate_document import linked_of, mandate_document, noted
from anfu.payments.observe import challenge_event, keep_answer, once_observed
from anfu.payments.present import Asked, challenge_document
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.event import Event
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_TWO = 2
_WRONG = 422


@dataclass(frozen=True, slots=True)
class Agreement:
    """The answer of the customer to the challenge of a mandate. `shown`: the digest of the terms as
    the customer saw them, where the page says so."""

    claim: Claim
    merchant: str | None
    mandate: str
    content: str = field(repr=False)
    factor: str
    shown: str | None = None


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
        record = Record(now, tools.entropy)
        done = noted(mandate, 201, record)
        await record.write(tx)
        return done

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


async def find_asked(
    tx: Tx, tools: Tools, mandate: Mandate, payee_name: str, *, now: datetime
) -> dict[str, Any] | None:
    """What the customer is asked; None when no answer would be good any more."""
    linked, challenge = linked_of(mandate), await find_open_challenge(tx, mandate.id)
    if challenge is None or not challenge.is_open(linked.digest(), now=now):
        return None
    return await challenge_document(tx, tools, Asked(linked, challenge, payee_name), now=now)


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
    needed, FAILED after the last wrong answer, too late, or where other terms were shown. What
    looks like an attack has the payments under the customer's other mandates proven for a while.

    Raises Refused: mandate_not_found, mandate_not_pending, factor_not_offered, challenge_failed
    (counted), consent_missing, face_unavailable, face_checks_spent, and as idempotency does.
    """
    content: str | Seen = answer.content
    if answer.factor == FACE:
        check = partial(get_mandate, mandate=answer.mandate, merchant=answer.merchant)
        seen = await look_at_answer(tools, answer.mandate, answer.content, check, now=now)
        content = answer.content if seen is None else seen

    told: list[Event] = []

    async def work(tx: Tx) -> Answer:
        found = await get_mandate(tx, answer.mandate, merchant=answer.merchant, lock=True)
        challenge = await _challenge(tx, found)
        linked = linked_of(found)
        if answer.shown is not None:
            linked = replace(linked, order=answer.shown)
        given = authentication.Answer(challenge.id, linked, content, answer.factor)
        verdict = await authentication.attempt(tx, answer=given, means=tools.means, now=now)
        record = Record(now, tools.entropy)
        about = partial(challenge_event, challenge.id, challenge.customer, at=now)
        told[:] = await keep_answer(tx, tools, verdict.result, about, record)
        done = await _proven(tx, found, challenge, verdict, record)
        await record.write(tx)
        return done

    done = await once_observed(tools, answer.claim, work, told, now=now)
    if done.status == _WRONG:
        raise Refused("challenge_failed", field="code", **msgspec.json.decode(done.body))
    return done


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
    agreed = Agreed(terms.per_day, terms.per_month, last_date(terms.ends_at))
    linked, name = linked_of(mandate), names[terms.merchant]
    return Order(customer.id, linked, name, source, allowed, agreed)


async def _challenge(tx: Tx, mandate: Mandate) -> Challenge:
    found = (
        None if mandate.state is not State.PENDING else await find_open_challenge(tx, mandate.id)
    )
    if found is None:
        raise Refused("mandate_not_pending", field="mandate", state=mandate.state)
    return found


async def _proven(
    tx: Tx, locked: Mandate, challenge: Challenge, verdict: Verdict, record: Record
) -> Answer:
    """The answer to a proof; the mandate moves where it was the last one."""
    if verdict.result is Result.WRONG:
        return Answer(_WRONG, encode({"attempts_left": verdict.attempts_left}))
    if verdict.result is Result.MORE:
        return Answer(200, encode(mandate_document(locked)))
    after = replace(locked, state=State.FAILED, ended_at=record.now)
    if verdict.result is Result.MET:
        after = replace(locked, state=State.ACTIVE, agreed_at=record.now)
    await save_mandate(tx, before=locked, after=after)
    proof = {"factors": verdict.proven, "link": challenge.link.hex(), "result": verdict.result}
    return noted(after, 200, record, **proof)
