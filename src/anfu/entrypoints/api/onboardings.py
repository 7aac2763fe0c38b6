"""Onboardings: apply for an account, have it verified outside, see what class it earned."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.onboard import Standing, Wish, apply, stand, verify
from anfu.entrypoints.api.challenges import veiled
from anfu.entrypoints.api.customers import DocumentForm, MaskedDocument
from anfu.entrypoints.api.documents import Name, Personal, Request, Text
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.parties.identity.bankcard import parse_card
from anfu.parties.identity.onboarding import CHANNELS, State, class_of
from anfu.parties.identity.queries import find_onboarding_of
from anfu.parties.identity.verification import Kind, Particulars, Verification
from anfu.parties.identity.verification import State as VerificationState
from anfu.parties.person import mask, parse_document, parse_person
from anfu.parties.queries import get_customer
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer


class OnboardingForm(Request, frozen=True):
    """A person with one valid document; `document_until` is its last day."""

    name: Name
    phone: Name
    document: DocumentForm
    document_until: date


class VerificationForm(Request, frozen=True):
    """One question. `card` belongs to BANK_CARD; `capture`, the token of a face vendor, to FACE;
    `document_until`, a renewed document's last day, to CITIZEN_REGISTRY."""

    kind: Kind
    card: Name | None = None
    capture: Text | None = None
    document_until: date | None = None


class VerificationDocument(Struct, frozen=True):
    """A question. `counts`: it is a channel in the sense of 43号 art. 11."""

    id: str
    kind: Kind
    state: VerificationState
    counts: bool
    reason: str | None
    source: str | None
    attempts: int
    asked_at: datetime
    answered_at: datetime | None


class OnboardingDocument(Struct, frozen=True):
    """An onboarding, masked. `missing`: independent channels still needed for each higher class."""

    id: str
    object: Literal["onboarding"]
    state: State
    customer: str | None
    account_class: Literal[1, 2, 3] | None
    channels: int
    missing: dict[str, int]
    name: Personal
    phone: Personal
    document: MaskedDocument
    document_until: str
    verifications: list[VerificationDocument]
    created_at: datetime


async def create(call: Call) -> Answer:
    """Apply for an account."""
    form: OnboardingForm = call.body
    document = parse_document(form.document.type, form.document.number)
    person = parse_person(form.name, form.phone, document)
    made = await apply(
        call.desk.tools, person, form.document_until, call.merchant, veiled(call, call.once),
        now=call.now,
    )  # fmt: skip
    return Answer(201, encode(describe(made)))


async def get(call: Call) -> Answer:
    """One onboarding."""
    found = await stand(call.desk.tools, call.path["onboarding"], call.merchant)
    call.saw(_person(found))
    return Answer(200, encode(describe(found)))


async def get_of_customer(call: Call) -> Answer:
    """The onboarding a customer came by."""
    tools, customer = call.desk.tools, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_customer(tx, customer, ring=tools.sealer.ring, merchant=call.merchant)
        came_by = await find_onboarding_of(tx, customer)
    if came_by is None:
        raise Refused("onboarding_not_found", field="customer")
    found = await stand(tools, came_by, call.merchant)
    call.saw(customer)
    return Answer(200, encode(describe(found)))


async def ask(call: Call) -> Answer:
    """Ask an outside channel; the answer is the onboarding as it stands then."""
    form: VerificationForm = call.body
    wish = Wish(call.path["onboarding"], form.kind, _particulars(form))
    standing = await verify(
        call.desk.tools, wish, call.merchant, veiled(call, call.once), call.desk.clock
    )
    call.saw(_person(standing))
    return Answer(201, encode(describe(standing)))


def _person(standing: Standing) -> str:
    """Who is meant in the access log: an applicant who is no customer yet by the onboarding."""
    return standing.onboarding.customer or standing.onboarding.id


def describe(standing: Standing) -> dict[str, Any]:
    """An onboarding as JSON values, masked."""
    onboarding, channels = standing.onboarding, standing.channels
    masked = mask(onboarding.person)
    return {
        "id": onboarding.id,
        "object": "onboarding",
        "state": onboarding.state,
        "customer": onboarding.customer,
        "account_class": class_of(channels),
        "channels": channels,
        "missing": {str(c): n - channels for c, n in CHANNELS.items() if n > channels},
        "name": masked.name,
        "phone": masked.phone,
        "document": {"type": masked.document_type, "number": masked.document_number},
        "document_until": onboarding.document_until.isoformat(),
        "verifications": [describe_verification(v) for v in standing.verifications],
        "created_at": rfc3339(onboarding.created_at),
    }


def describe_verification(verification: Verification) -> dict[str, Any]:
    """A question as JSON values."""
    answered = verification.answered_at
    return {
        "id": verification.id,
        "kind": verification.kind,
        "state": verification.reply.state,
        "counts": verification.counts,
        "reason": verification.reply.reason,
        "source": verification.reply.source,
        "attempts": verification.attempts,
        "asked_at": rfc3339(verification.asked_at),
        "answered_at": None if answered is None else rfc3339(answered),
    }


_BELONGS = {
    Kind.BANK_CARD: "card",
    Kind.FACE: "capture",
    Kind.CITIZEN_REGISTRY: "document_until",
}


def _particulars(form: VerificationForm) -> Particulars:
    """Raises Refused `particulars_invalid`, `card_invalid`."""
    own = _BELONGS.get(form.kind)
    for name in _BELONGS.values():
        given = getattr(form, name) is not None
        needed = name == own and form.kind is not Kind.CITIZEN_REGISTRY
        if (given and name != own) or (needed and not given):
            raise Refused("particulars_invalid", field=name)
    card = None if form.card is None else parse_card(form.card)
    return Particulars(card, form.capture, form.document_until)


OPERATIONS = (
    Operation("create_onboarding", "POST", "/v1/onboardings", "Apply for an account.", create,
              scope="customers:write", body=OnboardingForm, answer=OnboardingDocument, status=201,
              once=True, refusals=("customer_exists", "onboarding_exists", "document_invalid",
                                   "document_expired", "name_invalid", "phone_invalid"),
              example={"name": "张小明", "phone": "13800138000", "document_until": "2036-11-23",
                       "document": {"type": "CITIZEN_ID", "number": "11010519491231002X"}}),
    Operation("get_onboarding", "GET", "/v1/onboardings/{onboarding}", "Read an onboarding.", get,
              scope="customers:read", answer=OnboardingDocument, personal=True,
              refusals=("onboarding_not_found", "customer_stored")),
    Operation("get_onboarding_of", "GET", "/v1/customers/{customer}/onboarding", "Read the"
              " onboarding a customer came by.", get_of_customer, scope="customers:read",
              answer=OnboardingDocument, personal=True,
              refusals=("customer_not_found", "customer_stored", "onboarding_not_found")),
    Operation("verify_onboarding", "POST", "/v1/onboardings/{onboarding}/verifications",
              "Verify a person at an outside channel.", ask, scope="customers:write",
              body=VerificationForm, answer=OnboardingDocument, status=201, once=True,
              personal=True,
              refusals=("onboarding_not_found", "verification_open", "registry_unknown",
                        "consent_missing", "document_expired", "particulars_invalid",
                        "card_invalid", "customer_stored"),
              example={"kind": "CITIZEN_REGISTRY"}),
)  # fmt: skip
