"""Search: one word, and everything of ours that is called so.

What is found exactly: ids of payments, refunds, decisions, cases, devices, customers, firms and
merchants, a merchant's number of an order, a customer's phone and document (by their blind
indexes). Merchants are found by a part of their name. A person's name is under seal and has no
index, and of a card there is nothing but its token: neither is found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Personal, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.kernel.ids import is_id
from anfu.parties import queries as parties
from anfu.parties.customer import Customer
from anfu.parties.devices.queries import get_device
from anfu.parties.party import CUSTOMER_PREFIX, FIRM_PREFIX, MERCHANT_PREFIX
from anfu.parties.person import DocumentType, mask, parse_document
from anfu.payments.document import encode
from anfu.payments.payment import Payment
from anfu.payments.queries import find_payments, find_refunds
from anfu.payments.sought.queries import seek_payments
from anfu.payments.sought.wanted import WantedPayments
from anfu.risk.cases.queries import get_case
from anfu.risk.queries import find_decisions
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Kind = Literal["payment", "refund", "customer", "firm", "merchant", "device", "case", "decision"]
_MOST = 10
"""How many hits of one kind are told."""


class SearchQuery(Request, frozen=True):
    """What is looked for."""

    q: Annotated[str, Meta(min_length=2, max_length=100)]


class HitDocument(Struct, frozen=True):
    """Something that is called so. `title`: how it is told from others, persons masked; `by`: what
    of it agreed."""

    object: Literal["hit"]
    kind: Kind
    id: str
    title: Personal
    state: str | None
    by: Literal["id", "order", "phone", "document", "name"]


class HitList(Struct, frozen=True):
    """Hits. `more`: of some kind there are others, which its own list shows."""

    object: Literal["list"]
    data: list[HitDocument]
    more: bool


_Hits = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Way:
    """A way of looking, for who has `scope`; `prefix`: only for ids of that kind."""

    scope: str
    look: Callable[[Tx, Call, str], Awaitable[_Hits]]
    prefix: str | None = None


async def search(call: Call) -> Answer:
    """Look for it in every way that the caller's scopes allow."""
    word = call.query.q.strip()
    hits: _Hits = []
    more = False
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        for way in _WAYS:
            fits = way.prefix is None or is_id(way.prefix, word)
            if fits and way.scope in call.by.scopes:
                found = await way.look(tx, call, word)
                more = more or len(found) > _MOST
                hits += found[:_MOST]
    call.saw(*(hit["id"] for hit in hits if hit["kind"] in ("customer", "firm")))
    return Answer(200, encode({"object": "list", "data": hits, "more": more}))


async def _payment(tx: Tx, _call: Call, word: str) -> _Hits:
    return [_paid(payment, "id") for payment in await find_payments(tx, [word])]


async def _order(tx: Tx, _call: Call, word: str) -> _Hits:
    found, _ = await seek_payments(tx, WantedPayments(_MOST + 1, order=word))
    return [_paid(payment, "order") for payment in found]


def _paid(payment: Payment, by: str) -> dict[str, Any]:
    title = payment.order or payment.id
    return _hit("payment", payment.id, title, payment.state, by)


async def _refund(tx: Tx, _call: Call, word: str) -> _Hits:
    return [_hit("refund", r.id, r.payment, r.state) for r in await find_refunds(tx, [word])]


async def _decision(tx: Tx, _call: Call, word: str) -> _Hits:
    found = (await find_decisions(tx, [word])).values()
    return [_hit("decision", d.id, d.id, d.verdict.outcome) for d in found]


async def _case(tx: Tx, _call: Call, word: str) -> _Hits:
    with suppress(Refused):
        case = await get_case(tx, word)
        return [_hit("case", case.id, case.id, case.state)]
    return []


async def _device(tx: Tx, _call: Call, word: str) -> _Hits:
    with suppress(Refused):
        device = await get_device(tx, word)
        return [_hit("device", device.id, device.id, None)]
    return []


async def _customer(tx: Tx, call: Call, word: str) -> _Hits:
    ring = call.desk.tools.sealer.ring
    with suppress(Refused):
        return [_person(await parties.get_customer(tx, word, ring=ring, merchant=None), "id")]
    return []


async def _firm(tx: Tx, call: Call, word: str) -> _Hits:
    names = await parties.find_names(tx, [word], ring=call.desk.tools.sealer.ring)
    known = names[word] != parties.UNNAMED
    return [_hit("firm", word, names[word], None)] if known else []


async def _phone(tx: Tx, call: Call, word: str) -> _Hits:
    ring = call.desk.tools.sealer.ring
    with suppress(Refused):
        found = await parties.find_customers_by_phone(tx, word, ring=ring, merchant=None)
        return [_person(customer, "phone") for customer in found[: _MOST + 1]]
    return []


async def _document(tx: Tx, call: Call, word: str) -> _Hits:
    ring = call.desk.tools.sealer.ring
    hits = []
    for kind in DocumentType:
        with suppress(Refused):
            document = parse_document(kind, word)
            found = await parties.find_customer_by_document(tx, document, ring=ring, merchant=None)
            hits += [] if found is None else [_person(found, "document")]
    return hits


def _person(customer: Customer, by: str) -> dict[str, Any]:
    return _hit("customer", customer.id, mask(customer.person).name, customer.status, by)


async def _merchant(tx: Tx, _call: Call, word: str) -> _Hits:
    with suppress(Refused):
        found = await parties.get_merchant(tx, word, merchant=None)
        return [_hit("merchant", found.id, found.name, found.status)]
    return []


async def _named(tx: Tx, _call: Call, word: str) -> _Hits:
    found = await parties.find_merchants_named(tx, word, most=_MOST + 1)
    return [_hit("merchant", one.id, one.name, one.status, "name") for one in found]


def _hit(kind: Kind, id_: str, title: str, state: str | None, by: str = "id") -> dict[str, Any]:
    return {"object": "hit", "kind": kind, "id": id_, "title": title, "state": state, "by": by}


_WAYS = (
    _Way("payments:read", _payment, "pay"),
    _Way("payments:read", _refund, "rfd"),
    _Way("decisions:read", _decision, "dec"),
    _Way("cases:read", _case, "cas"),
    _Way("devices:read", _device, "dev"),
    _Way("customers:read", _customer, CUSTOMER_PREFIX),
    _Way("customers:read", _firm, FIRM_PREFIX),
    _Way("merchants:read", _merchant, MERCHANT_PREFIX),
    _Way("payments:read", _order),
    _Way("customers:read", _phone),
    _Way("customers:read", _document),
    _Way("merchants:read", _named),
)
OPERATIONS = (
    Operation("search", "GET", "/v1/search", "Find what is called so.", search, session=True,
              query=SearchQuery, answer=HitList, institution=True, personal=True),
)  # fmt: skip
