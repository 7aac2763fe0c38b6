"""Customers: open, read. Personal data is shown masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Name, PageQuery, Personal, Request, Text, page_to
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties import queries
from anfu.parties.customer import Customer, NewCustomer
from anfu.parties.party import Status
from anfu.parties.person import DocumentType, mask, parse_document, parse_person
from anfu.parties.queries import CustomerPage
from anfu.payments.document import encode, rfc3339
from anfu.payments.enrol import enrol_customer
from anfu.storage.idempotency import Answer


class DocumentForm(Request, frozen=True):
    """An identity document."""

    type: DocumentType
    number: Name


class CustomerForm(Request, frozen=True):
    """A person with one valid document; `reference` is the caller's own number."""

    name: Name
    phone: Name
    document: DocumentForm
    account_class: Literal[1, 2, 3] = 1
    reference: Text | None = None


class MaskedDocument(Struct, frozen=True):
    """A document as a screen shows it."""

    type: DocumentType
    number: Personal


class CustomerDocument(Struct, frozen=True):
    """A customer, masked."""

    id: str
    object: Literal["customer"]
    name: Personal
    phone: Personal
    document: MaskedDocument
    account_class: Literal[1, 2, 3]
    status: Status
    reference: str | None
    created_at: datetime


class CustomerQuery(PageQuery, frozen=True):
    """Customers of one class, in one state."""

    account_class: Literal[1, 2, 3] | None = None
    status: Status | None = None


class CustomerList(Struct, frozen=True):
    """A page of customers, the newest first; `next` as of payments."""

    object: Literal["list"]
    data: list[CustomerDocument]
    more: bool
    next: str | None


async def create(call: Call) -> Answer:
    """Open a customer with its balance account."""
    form: CustomerForm = call.body
    document = parse_document(form.document.type, form.document.number)
    person = parse_person(form.name, form.phone, document)
    order = NewCustomer(person, form.account_class, call.merchant, form.reference)
    return await enrol_customer(
        call.desk.tools, order, call.once, lambda c: encode(describe(c)), now=call.now
    )


async def get(call: Call) -> Answer:
    """One customer."""
    tools = call.desk.tools
    async with tools.database.transaction(readonly=True) as tx:
        customer = await queries.get_customer(
            tx, call.path["customer"], ring=tools.sealer.ring, merchant=call.merchant
        )
    call.saw(customer.id)
    return Answer(200, encode(describe(customer)))


async def list_(call: Call) -> Answer:
    """A page of customers."""
    tools, query = call.desk.tools, call.query
    wanted = CustomerPage(
        query.limit, query.after, call.merchant, query.account_class, query.status
    )
    async with tools.database.transaction(readonly=True) as tx:
        customers, after = await queries.list_customers(tx, wanted, ring=tools.sealer.ring)
    call.saw(*(c.id for c in customers))
    return Answer(200, page_to([describe(c) for c in customers], after))


def describe(customer: Customer) -> dict[str, Any]:
    """A customer as JSON values, masked."""
    masked = mask(customer.person)
    return {
        "id": customer.id,
        "object": "customer",
        "name": masked.name,
        "phone": masked.phone,
        "document": {"type": masked.document_type, "number": masked.document_number},
        "account_class": customer.account_class,
        "status": customer.status,
        "reference": customer.reference,
        "created_at": rfc3339(customer.created_at),
    }


OPERATIONS = (
    Operation("create_customer", "POST", "/v1/customers", "Open a customer.", create,
              scope="customers:write", body=CustomerForm, answer=CustomerDocument, status=201,
              once=True, refusals=("customer_exists", "document_invalid", "name_invalid",
                                   "phone_invalid", "reference_invalid"),
              example={"name": "张小明", "phone": "13800138000", "account_class": 2,
                       "document": {"type": "CITIZEN_ID", "number": "11010519491231002X"}}),
    Operation("list_customers", "GET", "/v1/customers", "List customers.", list_,
              scope="customers:read", query=CustomerQuery, answer=CustomerList, personal=True),
    Operation("get_customer", "GET", "/v1/customers/{customer}", "Read a customer.", get,
              scope="customers:read", answer=CustomerDocument, personal=True,
              refusals=("customer_not_found", "customer_stored")),
)  # fmt: skip
