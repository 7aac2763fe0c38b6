"""The customer's page of mandates: what was agreed, every use, and the way to end it at once.

Who holds the customer's ticket sees whom it pays and how much: no name, number or device is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.challenges import TicketDocument, ticket_of
from anfu.entrypoints.api.checkout import ONCE, TICKET, Ticket, TicketForm, claim_of, subject_of
from anfu.entrypoints.api.documents import Id, Request
from anfu.entrypoints.api.mandates import MandateDocument
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.parties.mandates.mandate import Mandate, State
from anfu.parties.mandates.queries import get_mandate, list_mandates
from anfu.parties.queries import find_names, get_acting
from anfu.payments import payment as payments
from anfu.payments.document import encode, rfc3339
from anfu.payments.queries import list_drawn
from anfu.payments.withdraw import revoke
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

_OWNER = "cus"
_PAGE = 20


class UsesForm(Request, frozen=True):
    """A mandate of the customer; `after`: the last use that is known already."""

    ticket: Ticket
    mandate: Id
    after: Id | None = None


class RevokeForm(Request, frozen=True):
    """A mandate to end; `once` is the page's own mark of this request."""

    ticket: Ticket
    once: Id
    mandate: Id


class ShownMandate(Struct, frozen=True):
    """A mandate as its customer sees it. `one_tap`: it is bound to a device."""

    id: str
    state: State
    merchant_name: str
    purpose: str
    currency: str
    per_payment: int
    per_day: int
    per_month: int
    one_tap: bool
    ends_at: datetime
    agreed_at: datetime | None
    ended_at: datetime | None


class ShownMandates(Struct, frozen=True):
    """All of them, the newest first."""

    object: Literal["list"]
    data: list[ShownMandate]


class ShownUse(Struct, frozen=True):
    """One payment under a mandate, refused ones too."""

    id: str
    state: payments.State
    amount: int
    currency: str
    at: datetime


class ShownUses(Struct, frozen=True):
    """A part of them, the newest first."""

    object: Literal["list"]
    data: list[ShownUse]
    more: bool


async def ticket(call: Call) -> Answer:
    """Let the customer's own page show its mandates and end them."""
    tools, customer = call.desk.tools, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=None)
    return ticket_of(call, customer, "mandates")


async def list_(call: Call) -> Answer:
    """The customer's mandates."""
    tools, customer = call.desk.tools, subject_of(call, _OWNER)
    async with tools.database.transaction(readonly=True) as tx:
        found = await list_mandates(tx, customer=customer, merchant=None)
        merchants = sorted({mandate.terms.merchant for mandate in found})
        names = await find_names(tx, merchants, ring=tools.sealer.ring)
    data = [shown_mandate(mandate, names[mandate.terms.merchant]) for mandate in found]
    return Answer(200, encode({"object": "list", "data": data}))


async def uses(call: Call) -> Answer:
    """What was paid under one of them."""
    customer, form = subject_of(call, _OWNER), call.body
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await _own(tx, form.mandate, customer)
        drawn = await list_drawn(tx, mandate=found.id, limit=_PAGE + 1, before=form.after)
    data = [{"id": p.id, "state": p.state, "amount": p.amount, "currency": p.currency,
             "at": rfc3339(p.created_at)} for p in drawn[:_PAGE]]  # fmt: skip
    return Answer(200, encode({"object": "list", "data": data, "more": len(drawn) > _PAGE}))


async def end(call: Call) -> Answer:
    """End one of them, at once."""
    customer, form = subject_of(call, _OWNER), call.body
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await _own(tx, form.mandate, customer)
    claim = claim_of(call, customer)
    return await revoke(call.desk.tools, found.id, None, claim, customer, now=call.now)


async def _own(tx: Tx, mandate: str, customer: str) -> Mandate:
    """Of another customer's mandate the page does not know. Raises Refused(mandate_not_found)."""
    found = await get_mandate(tx, mandate, merchant=None)
    if found.terms.customer != customer:
        raise Refused("mandate_not_found", field="mandate")
    return found


def shown_mandate(mandate: Mandate, merchant_name: str) -> dict[str, Any]:
    """A mandate as its customer sees it, as JSON values."""
    terms = mandate.terms
    return {
        "id": mandate.id, "state": mandate.state, "merchant_name": merchant_name,
        "purpose": terms.purpose, "currency": terms.currency, "per_payment": terms.per_payment,
        "per_day": terms.per_day, "per_month": terms.per_month,
        "one_tap": terms.device is not None, "ends_at": rfc3339(terms.ends_at),
        "agreed_at": mandate.agreed_at and rfc3339(mandate.agreed_at),
        "ended_at": mandate.ended_at and rfc3339(mandate.ended_at),
    }  # fmt: skip


OPERATIONS = (
    Operation("create_mandates_ticket", "POST", "/v1/customers/{customer}/mandates/ticket",
              "Let the customer's own page show its mandates.", ticket, scope="mandates:write",
              answer=TicketDocument, institution=True, refusals=("customer_not_found",)),
    Operation("list_checkout_mandates", "POST", "/v1/checkout/mandates", "The customer's mandates,"
              " for its page.", list_, body=TicketForm, answer=ShownMandates, refusals=TICKET),
    Operation("list_checkout_uses", "POST", "/v1/checkout/mandates/uses", "What was paid under a"
              " mandate, for the customer's page.", uses, body=UsesForm, answer=ShownUses,
              refusals=(*TICKET, "mandate_not_found")),
    Operation("revoke_checkout_mandate", "POST", "/v1/checkout/mandates/revoke", "End a mandate at"
              " once, from the customer's page.", end, body=RevokeForm, answer=MandateDocument,
              refusals=(*ONCE, "mandate_not_found", "mandate_ended")),
)  # fmt: skip
