"""Showings: the institution lets a customer's device show codes that shops are paid by."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.authentication.ticket import new_ticket
from anfu.entrypoints.api.documents import BARRED, Id, Name, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_card
from anfu.payments.document import encode, rfc3339
from anfu.payments.payment import BALANCE
from anfu.payments.showings.queries import find_last_payment, get_showing
from anfu.payments.showings.show import NewShowing, begin_showing, show_next
from anfu.payments.showings.showing import Means, Showing
from anfu.storage.idempotency import Answer

PAGE = "/checkout/show#"


class MeansForm(Request, frozen=True):
    """What is paid with: as of a payment."""

    type: Name = BALANCE
    card: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    debit: Literal["bank", "institution"] | None = None
    verified_by: Literal["bank", "institution"] | None = None


class ShowingForm(Request, frozen=True):
    """`factors`: what you have verified of the customer, which the limits of its payments go by;
    `session`: the device session of the device that shows the codes."""

    customer: Id
    method: MeansForm = MeansForm()
    factors: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    session: Id | None = None


class MeansDocument(Struct, frozen=True):
    """What is paid with."""

    type: str
    card: str | None
    debit: Literal["bank", "institution"] | None
    verified_by: Literal["bank", "institution"] | None


class ShowingDocument(Struct, frozen=True):
    """A showing. `url`: the page on which the customer shows the codes, told when it is made and
    not again; `payment`: what was paid last by one of its codes."""

    id: str
    object: Literal["showing"]
    customer: str
    method: MeansDocument
    factors: list[str]
    session: str | None
    url: str | None
    payment: str | None
    opened_at: datetime
    ends_at: datetime


class PayerCodeDocument(Struct, frozen=True):
    """A code, told once: draw it as a bar code (Code 128) and a QR code, and ask for the next one
    ten seconds before this one ends."""

    object: Literal["payer_code"]
    code: str
    expires_at: datetime


async def create(call: Call) -> Answer:
    """Begin a showing."""
    form: ShowingForm = call.body
    check_card(form.method.card)
    method = form.method
    means = Means(method.type, method.card, method.debit, method.verified_by)
    wish = NewShowing(call.once, form.customer, means, form.factors, form.session)
    tools = call.desk.tools
    made = await begin_showing(tools, wish, now=call.now)
    async with tools.database.transaction(readonly=True) as tx:
        showing = await get_showing(tx, made)
        paid = await find_last_payment(tx, made)
    ticket, _ = new_ticket(tools.challenge_key, made, now=showing.opened_at)
    return Answer(201, _document(showing, paid, tools.policy.party.origins[0] + PAGE + ticket))


async def get(call: Call) -> Answer:
    """One showing."""
    id_ = call.path["showing"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        showing, paid = await get_showing(tx, id_), await find_last_payment(tx, id_)
    return Answer(200, _document(showing, paid, None))


async def code(call: Call) -> Answer:
    """The next code, for an app that draws it itself. What is asked again is another code, so that
    none has to be kept to be told twice."""
    fresh = await show_next(call.desk.tools, call.path["showing"], now=call.now)
    return Answer(201, encode({"object": "payer_code", "code": fresh.text,
                               "expires_at": rfc3339(fresh.expires_at)}))  # fmt: skip


def _document(showing: Showing, paid: str | None, url: str | None) -> bytes:
    means = showing.means
    return encode({
        "id": showing.id, "object": "showing", "customer": showing.customer,
        "method": {"type": means.method, "card": means.card, "debit": means.debit,
                   "verified_by": means.verified_by},
        "factors": list(showing.factors), "session": showing.session, "url": url, "payment": paid,
        "opened_at": rfc3339(showing.opened_at), "ends_at": rfc3339(showing.ends_at),
    })  # fmt: skip


MORE = ("showing_over", "showing_used_up", "party_not_found", *BARRED)
OPERATIONS = (
    Operation("create_showing", "POST", "/v1/showings", "Let a customer's device show payer's"
              " codes for a quarter of an hour.", create, scope="payments:write",
              body=ShowingForm, answer=ShowingDocument, status=201, once=True, institution=True,
              refusals=("party_not_found", *BARRED, "method_unknown", "card_required",
                        "card_not_allowed", "debit_not_allowed", "card_number_refused",
                        "factor_unknown"),
              example={"customer": "cus_01kaw000000000000000000000",
                       "method": {"type": "balance"}, "factors": ["password"]}),
    Operation("get_showing", "GET", "/v1/showings/{showing}", "Read a showing.", get,
              scope="payments:read", answer=ShowingDocument, institution=True,
              refusals=("showing_not_found",)),
    Operation("create_payer_code", "POST", "/v1/showings/{showing}/code", "Make the next payer's"
              " code of a showing.", code, scope="payments:write", answer=PayerCodeDocument,
              status=201, institution=True, refusals=("showing_not_found", *MORE)),
)  # fmt: skip
