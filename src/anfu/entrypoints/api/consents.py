"""Consent of customers and applicants: given, withdrawn, listed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.compliance.privacy.agree import agree, agreed
from anfu.entrypoints.api.documents import Name, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.privacy.consent import LAW, Act, Consent, Purpose, Word, in_force
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]


class ConsentForm(Request, frozen=True):
    """What a person says about one purpose. `text_version` and `text_sha256` name the words agreed
    to; `separate`: by an action for this purpose alone."""

    purpose: Purpose
    act: Act
    separate: bool = False
    text_version: Name | None = None
    text_sha256: Sha256 | None = None


class ConsentDocument(Struct, frozen=True):
    """One record of the ledger."""

    id: str
    object: Literal["consent"]
    person: str
    purpose: Purpose
    act: Act
    separate: bool
    text_version: str | None
    text_sha256: str | None
    law: str
    recorded_by: str
    created_at: datetime


class ConsentList(Struct, frozen=True):
    """Every record, newest first, and the purposes consented to now."""

    object: Literal["list"]
    data: list[ConsentDocument]
    more: bool
    in_force: list[Purpose]


async def create_of_customer(call: Call) -> Answer:
    """A customer gives or withdraws consent."""
    return await _create(call, call.path["customer"])


async def create_of_onboarding(call: Call) -> Answer:
    """An applicant gives or withdraws consent."""
    return await _create(call, call.path["onboarding"])


async def list_of_customer(call: Call) -> Answer:
    """What a customer said."""
    return await _list(call, call.path["customer"])


async def list_of_onboarding(call: Call) -> Answer:
    """What an applicant said."""
    return await _list(call, call.path["onboarding"])


async def _create(call: Call, person: str) -> Answer:
    form: ConsentForm = call.body
    word = Word(form.purpose, form.act, form.separate, form.text_version, form.text_sha256)
    made = await agree(call.desk.tools, person, word, call.by, call.once, now=call.now)
    return Answer(201, encode(describe(made)))


async def _list(call: Call, person: str) -> Answer:
    consents = await agreed(call.desk.tools, person, call.merchant)
    data = [describe(consent) for consent in reversed(consents)]
    standing = sorted(in_force(consents))
    return Answer(
        200, encode({"object": "list", "data": data, "more": False, "in_force": standing})
    )


def describe(consent: Consent) -> dict[str, Any]:
    """A record as JSON values."""
    word = consent.word
    return {
        "id": consent.id,
        "object": "consent",
        "person": consent.person,
        "purpose": word.purpose,
        "act": word.act,
        "separate": word.separate,
        "text_version": word.text_version,
        "text_sha256": word.text_sha256,
        "law": LAW[word.purpose][0],
        "recorded_by": consent.by,
        "created_at": rfc3339(consent.at),
    }


_EXAMPLE = {
    "purpose": "BIOMETRICS",
    "act": "GIVEN",
    "separate": True,
    "text_version": "2026-11",
    "text_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_REFUSALS = ("consent_text_missing", "consent_text_unwanted", "consent_not_separate",
             "consent_not_given", "text_version_invalid", "customer_stored")  # fmt: skip
OPERATIONS = (
    Operation("create_customer_consent", "POST", "/v1/customers/{customer}/consents",
              "Give or withdraw a customer's consent.", create_of_customer, scope="consents:write",
              body=ConsentForm, answer=ConsentDocument, status=201, once=True, example=_EXAMPLE,
              refusals=(*_REFUSALS, "customer_not_found")),
    Operation("list_customer_consents", "GET", "/v1/customers/{customer}/consents",
              "Read what a customer consented to.", list_of_customer, scope="customers:read",
              answer=ConsentList, refusals=("customer_not_found", "customer_stored")),
    Operation("create_onboarding_consent", "POST", "/v1/onboardings/{onboarding}/consents",
              "Give or withdraw an applicant's consent.", create_of_onboarding,
              scope="consents:write", body=ConsentForm, answer=ConsentDocument, status=201,
              once=True, example=_EXAMPLE, refusals=(*_REFUSALS, "onboarding_not_found")),
    Operation("list_onboarding_consents", "GET", "/v1/onboardings/{onboarding}/consents",
              "Read what an applicant consented to.", list_of_onboarding, scope="customers:read",
              answer=ConsentList, refusals=("onboarding_not_found", "customer_stored")),
)  # fmt: skip
