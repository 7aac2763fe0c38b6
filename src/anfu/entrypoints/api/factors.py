"""Factors: what a customer proves with: set up, confirm, read, end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.authentication.enrolled.enrolled import Enrolled, State
from anfu.authentication.enrolled.queries import list_factors
from anfu.authentication.factor import FactorClass
from anfu.entrypoints.api.challenges import (
    Capture,
    Code,
    Password,
    Signature,
    TicketDocument,
    ticket_of,
    veiled,
)
from anfu.entrypoints.api.documents import Personal, PersonalFacts, Request, Text
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.parties.queries import get_acting
from anfu.payments.document import encode
from anfu.payments.factor_document import factor_document
from anfu.payments.set_up import (
    Confirmation,
    Ending,
    SetUp,
    confirm_factor,
    end_factor,
    read_setup,
    set_up,
)
from anfu.storage.idempotency import Answer

KindName = Literal["password", "totp", "hotp", "passkey", "device_key", "face"]
_KEY = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=256)]


class FactorForm(Request, frozen=True):
    """A new factor. `password`: for that kind. `public_key`: a device's, DER in base64url."""

    kind: KindName
    label: Text
    password: Password | None = None
    public_key: _KEY | None = None

    def __repr__(self) -> str:
        return f"FactorForm(kind={self.kind!r})"


class ConfirmationForm(Request, frozen=True):
    """The first answer: a code, a signature of a device key (base64url), the attestation of a
    passkey (RegistrationResponseJSON), or the capture of a face."""

    code: Code | None = None
    signature: Signature | None = None
    attestation: dict[str, Any] | None = None
    capture: Capture | None = None

    def __repr__(self) -> str:
        return "ConfirmationForm(…)"


class EndingForm(Request, frozen=True):
    """Why the factor ends."""

    why: Literal["lost", "removed"]


class FactorDocument(Struct, frozen=True, rename={"class_": "class"}):
    """A factor as it stands. `usable_from`: the end of the cooling-off."""

    id: str
    object: Literal["factor"]
    customer: str
    kind: KindName
    class_: FactorClass
    label: Personal
    state: State
    usable_from: datetime | None
    locked_until: datetime | None
    created_at: datetime
    ended_at: datetime | None


class FactorList(Struct, frozen=True):
    """Every factor a customer set up, the newest first."""

    object: Literal["list"]
    data: list[FactorDocument]
    more: bool


class SetupDocument(Struct, frozen=True):
    """What the customer's side needs: an otpauth address, options for
    `navigator.credentials.create`, or the bytes that a device key signs or a face is shown for,
    in base64url."""

    object: Literal["factor_setup"]
    factor: str
    kind: KindName
    uri: Personal | None
    options: PersonalFacts | None
    sign: str | None


async def create(call: Call) -> Answer:
    """Set a factor up."""
    form: FactorForm = call.body
    wish = SetUp(
        veiled(call, call.once), call.merchant, call.path["customer"], form.kind, form.label,
        form.password, form.public_key,
    )  # fmt: skip
    return await set_up(call.desk.tools, wish, now=call.now)


async def list_(call: Call) -> Answer:
    """A customer's factors."""
    tools, customer = call.desk.tools, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=call.merchant)
        found: list[Enrolled] = await list_factors(tx, customer)
    call.saw(customer)
    data = [factor_document(factor) for factor in reversed(found)]
    return Answer(200, encode({"object": "list", "data": data, "more": False}))


async def setup(call: Call) -> Answer:
    """What setting a factor up needs."""
    customer, document = await read_setup(call.desk.tools, call.path["factor"], call.merchant)
    call.saw(customer)
    return Answer(200, encode(document))


async def confirm(call: Call) -> Answer:
    """Confirm a factor by its first answer."""
    wish = Confirmation(
        veiled(call, call.once), call.merchant, call.path["factor"], first_answer(call.body)
    )
    return call.saw_in(await confirm_factor(call.desk.tools, wish, now=call.now))


async def end(call: Call) -> Answer:
    """End a factor."""
    wish = Ending(call.once, call.merchant, call.path["factor"], call.body.why)
    return call.saw_in(await end_factor(call.desk.tools, wish, now=call.now))


async def ticket(call: Call) -> Answer:
    """Let the customer's own page set the factor up."""
    await read_setup(call.desk.tools, call.path["factor"], call.merchant)
    return ticket_of(call, call.path["factor"], "setup")


def first_answer(form: ConfirmationForm) -> str:
    """The one part that is there. Raises Refused(field_invalid) for none or several."""
    parts = (form.code, form.signature, form.attestation, form.capture)
    given = [part for part in parts if part is not None]
    if len(given) != 1:
        raise Refused(
            "field_invalid", field="body", reason="one of code, signature, attestation, capture"
        )
    first = given[0]
    return first if isinstance(first, str) else msgspec.json.encode(first).decode()


WRONG = ("factor_not_found", "factor_not_pending", "factor_setup_expired", "factor_not_confirmed",
         "passkey_invalid", "factor_exists", "consent_missing", "face_unavailable",
         "face_checks_spent")  # fmt: skip
_MISSING = ("factor_not_found", "factor_not_pending")
OPERATIONS = (
    Operation("create_factor", "POST", "/v1/customers/{customer}/factors", "Set a factor up.",
              create, scope="factors:write", body=FactorForm, answer=FactorDocument, status=201,
              once=True, refusals=("customer_not_found", "customer_stored", "factor_exists",
                                   "factors_too_many", "password_weak", "password_missing",
                                   "device_key_invalid", "consent_missing", "face_unavailable",
                                   "factor_not_found"),
              example={"kind": "totp", "label": "my phone"}),
    Operation("list_factors", "GET", "/v1/customers/{customer}/factors", "List the factors of a"
              " customer.", list_, scope="factors:read", answer=FactorList, personal=True,
              refusals=("customer_not_found", "customer_stored")),
    Operation("get_factor_setup", "GET", "/v1/factors/{factor}/setup", "Read what setting a factor"
              " up needs.", setup, scope="factors:write", answer=SetupDocument,
              personal=True, refusals=_MISSING),
    Operation("confirm_factor", "POST", "/v1/factors/{factor}/confirm", "Confirm a factor by its"
              " first answer.", confirm, scope="factors:write", body=ConfirmationForm,
              answer=FactorDocument, once=True, personal=True, refusals=WRONG,
              example={"code": "123456"}),
    Operation("end_factor", "POST", "/v1/factors/{factor}/end", "Report a factor lost, or remove"
              " it.", end, scope="factors:write", body=EndingForm, answer=FactorDocument,
              once=True, personal=True, refusals=("factor_not_found", "factor_ended"),
              example={"why": "lost"}),
    Operation("create_factor_ticket", "POST", "/v1/factors/{factor}/ticket", "Let the customer's"
              " own page set the factor up.", ticket, scope="factors:write",
              answer=TicketDocument, refusals=_MISSING),
)  # fmt: skip
