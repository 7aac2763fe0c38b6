"""Mandates: agreed once, drawn on without a proof, revoked at once."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from anfu.entrypoints.api.challenges import (
    ChallengeDocument,
    ProofForm,
    TicketDocument,
    content_of,
    saw_payee,
    ticket_document,
    veiled,
)
from anfu.entrypoints.api.documents import (
    BARRED,
    Amount,
    Currency,
    Id,
    Limit,
    Moment,
    Personal,
    Request,
    Text,
    page_to,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import PaymentList
from anfu.kernel.errors import Refused
from anfu.parties.mandates.mandate import State, Terms
from anfu.parties.mandates.queries import get_mandate, list_mandates
from anfu.parties.queries import get_acting
from anfu.payments.agree import (
    Agreement,
    present_mandate,
    propose,
    prove_mandate,
    send_mandate_code,
)
from anfu.payments.document import encode, payment_document
from anfu.payments.mandate_document import mandate_document
from anfu.payments.queries import list_drawn
from anfu.payments.withdraw import revoke
from anfu.storage.idempotency import Answer


class MandateForm(Request, frozen=True):
    """What the customer is to agree to: the most in one payment, a natural day and a natural month,
    until when, what for, and, if it is for one-tap payment, from which device."""

    customer: Id
    merchant: Id
    currency: Currency
    per_payment: Amount
    per_day: Amount
    per_month: Amount
    ends_at: Moment
    purpose: Text
    device: Id | None = None


class MandateDocument(Struct, frozen=True):
    """A mandate as it stands. `quiet_until`: payments before then are proven all the same."""

    id: str
    object: Literal["mandate"]
    state: State
    customer: str
    merchant: str
    currency: str
    per_payment: int
    per_day: int
    per_month: int
    purpose: str
    device: Personal | None
    ends_at: datetime
    created_at: datetime
    agreed_at: datetime | None
    ended_at: datetime | None
    quiet_until: datetime | None


class ProposedDocument(MandateDocument, frozen=True):
    """A mandate that was proposed. `page`: where its customer agrees to it."""

    page: TicketDocument


class MandateList(Struct, frozen=True):
    """Every mandate of a customer, the newest first."""

    object: Literal["list"]
    data: list[MandateDocument]
    more: bool


class DrawnQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the list, the newest first."""

    limit: Limit = 20
    after: Id | None = None


async def create(call: Call) -> Answer:
    """Propose a mandate to a customer."""
    form: MandateForm = call.body
    terms = Terms(**{name: getattr(form, name) for name in Terms.__slots__})
    if call.merchant not in (None, terms.merchant):
        raise Refused("payee_not_yours", field="merchant")
    made = await propose(call.desk.tools, terms, call.merchant, call.once, now=call.now)
    proposed = msgspec.json.decode(made.body)
    # Of the time of the proposal, so that the same request has the same answer; and stored nowhere.
    since = datetime.fromisoformat(proposed["created_at"])
    ticket = ticket_document(call, proposed["id"], "agree", since=since)
    return Answer(made.status, encode({**proposed, "page": ticket}))


async def get(call: Call) -> Answer:
    """One mandate."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await get_mandate(tx, call.path["mandate"], merchant=call.merchant)
    call.saw(found.terms.customer)
    return Answer(200, encode(mandate_document(found)))


async def list_(call: Call) -> Answer:
    """A customer's mandates."""
    tools, customer = call.desk.tools, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=call.merchant)
        found = await list_mandates(tx, customer=customer, merchant=call.merchant)
    call.saw(customer)
    data = [mandate_document(mandate) for mandate in found]
    return Answer(200, encode({"object": "list", "data": data, "more": False}))


async def drawn(call: Call) -> Answer:
    """Every payment under a mandate: the payer sees each."""
    query: DrawnQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await get_mandate(tx, call.path["mandate"], merchant=call.merchant)
        payments = await list_drawn(tx, mandate=found.id, limit=query.limit + 1, before=query.after)
    shown = payments[: query.limit]
    after = shown[-1].id if len(payments) > query.limit else None
    return Answer(200, page_to([payment_document(p) for p in shown], after))


async def challenge(call: Call) -> Answer:
    """What the customer is asked."""
    asked = await present_mandate(
        call.desk.tools, call.path["mandate"], call.merchant, now=call.now
    )
    saw_payee(call, asked)
    return Answer(200, encode(asked))


async def code(call: Call) -> Answer:
    """A code to the customer, in place of the one before."""
    sent = await send_mandate_code(
        call.desk.tools, call.path["mandate"], call.merchant, call.once, now=call.now
    )
    saw_payee(call, msgspec.json.decode(sent.body))
    return sent


async def prove(call: Call) -> Answer:
    """The customer's answer."""
    form: ProofForm = call.body
    answer = Agreement(
        veiled(call, call.once), call.merchant, call.path["mandate"], content_of(form), form.factor
    )
    return call.saw_in(await prove_mandate(call.desk.tools, answer, now=call.now))


async def end(call: Call) -> Answer:
    """Revoke a mandate."""
    ended = await revoke(
        call.desk.tools, call.path["mandate"], call.merchant, call.once, call.person, now=call.now
    )
    return call.saw_in(ended)


_PATH = "/v1/mandates/{mandate}"
OPERATIONS = (
    Operation("create_mandate", "POST", "/v1/mandates", "Propose a mandate to a customer.", create,
              scope="mandates:write", body=MandateForm, answer=ProposedDocument, status=201,
              once=True, refusals=("party_not_found", *BARRED, "payer_not_customer",
                                   "payee_not_yours", "mandate_payee_invalid", "currency_unknown",
                                   "mandate_amounts_invalid", "mandate_expiry_invalid",
                                   "mandate_factors_missing"),
              example={"customer": "cus_...", "merchant": "mer_...", "currency": "CNY",
                       "per_payment": 20000, "per_day": 50000, "per_month": 200000,
                       "ends_at": "2027-01-01T00:00:00Z", "purpose": "rides"}),
    Operation("get_mandate", "GET", _PATH, "Read a mandate.", get, scope="mandates:read",
              answer=MandateDocument, personal=True, refusals=("mandate_not_found",)),
    Operation("list_mandates", "GET", "/v1/customers/{customer}/mandates", "List the mandates of a"
              " customer.", list_, scope="mandates:read", answer=MandateList, personal=True,
              refusals=("customer_not_found", "customer_stored")),
    Operation("list_drawn", "GET", f"{_PATH}/payments", "List the payments under a mandate.", drawn,
              scope="mandates:read", query=DrawnQuery, answer=PaymentList,
              refusals=("mandate_not_found",)),
    Operation("get_mandate_challenge", "GET", f"{_PATH}/challenge", "Read what the customer is"
              " asked.", challenge, scope="mandates:read", answer=ChallengeDocument,
              personal=True, refusals=("mandate_not_found", "mandate_not_pending")),
    Operation("send_mandate_code", "POST", f"{_PATH}/challenge/code", "Send the customer a code.",
              code, scope="mandates:write", answer=ChallengeDocument, once=True, personal=True,
              refusals=("mandate_not_found", "mandate_not_pending", "challenge_ended",
                        "factor_not_offered", "codes_spent", "code_rate_exceeded")),
    Operation("prove_mandate", "POST", f"{_PATH}/challenge", "Answer for a mandate.", prove,
              scope="mandates:write", body=ProofForm, answer=MandateDocument, once=True,
              personal=True, refusals=("mandate_not_found", "mandate_not_pending",
                                       "factor_not_offered", "challenge_failed",
                                       "consent_missing", "face_unavailable", "face_checks_spent"),
              example={"factor": "totp", "code": "123456"}),
    Operation("revoke_mandate", "POST", f"{_PATH}/revoke", "Revoke a mandate at once.", end,
              scope="mandates:write", answer=MandateDocument, once=True, personal=True,
              refusals=("mandate_not_found", "mandate_ended")),
)  # fmt: skip
