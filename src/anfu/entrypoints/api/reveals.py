"""Reveals: personal data in clear, one field at a time, with a reason that is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.privacy.reveal import reveal
from anfu.entrypoints.api.documents import PageQuery, Personal, Request, Text, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.privacy.queries import list_reveals
from anfu.parties.privacy.reveal import Field, Reveal, value_of
from anfu.parties.queries import get_acting
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer


class RevealForm(Request, frozen=True):
    """Which field, and why somebody has to see it."""

    field: Literal["name", "phone", "document_number"]
    reason: Text


class RevealedDocument(Struct, frozen=True):
    """A field in clear. The answer is remembered nowhere: asking again is another look."""

    id: str
    object: Literal["reveal"]
    customer: str
    field: Field
    value: Personal
    reason: str
    revealed_by: str
    created_at: datetime


class RevealDocument(Struct, frozen=True):
    """Who looked at what, when and why."""

    id: str
    object: Literal["reveal"]
    customer: str
    field: Field
    reason: str
    revealed_by: str
    created_at: datetime


class RevealList(Struct, frozen=True):
    """A page of looks at a customer."""

    object: Literal["list"]
    data: list[RevealDocument]
    more: bool


async def create(call: Call) -> Answer:
    """One field in clear."""
    form: RevealForm = call.body
    said = (Field(form.field), form.reason)
    made, person = await reveal(call.desk.tools, call.path["customer"], said, call.by, now=call.now)
    call.saw(made.customer)
    shown = {**describe(made), "value": value_of(person, made.field)}
    return Answer(201, encode(shown))


async def list_(call: Call) -> Answer:
    """Who looked at a customer."""
    tools, query, customer = call.desk.tools, call.query, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=call.merchant)
        found = await list_reveals(tx, customer, before=query.after, most=query.limit + 1)
    return Answer(200, page([describe(made) for made in found], query.limit))


def describe(made: Reveal) -> dict[str, Any]:
    """A look as JSON values, without what was seen."""
    return {
        "id": made.id,
        "object": "reveal",
        "customer": made.customer,
        "field": made.field,
        "reason": made.reason,
        "revealed_by": made.by,
        "created_at": rfc3339(made.at),
    }


OPERATIONS = (
    Operation("reveal_customer", "POST", "/v1/customers/{customer}/reveal",
              "See one field of a customer in clear.", create, scope="personal:reveal",
              body=RevealForm, answer=RevealedDocument, status=201, personal=True,
              refusals=("customer_not_found", "customer_stored", "reason_invalid"),
              example={"field": "phone", "reason": "call back about case 20261123-7"}),
    Operation("list_reveals", "GET", "/v1/customers/{customer}/reveals",
              "Read who saw a customer's data in clear.", list_, scope="customers:read",
              query=PageQuery, answer=RevealList,
              refusals=("customer_not_found", "customer_stored")),
)  # fmt: skip
