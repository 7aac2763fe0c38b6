"""Reads. Lists are newest first: `most` rows older than the id `before` (None: from the newest).

`merchant` is the caller's scope: a merchant's id sees what it owns, None is the institution and
sees all. What lies outside the scope is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from anfu.kernel.errors import Refused
from anfu.parties.customer import Customer, document_index, phone_index
from anfu.parties.endpoint import Endpoint, EndpointStatus
from anfu.parties.firms.queries import find_firm_names, find_firms, get_firm
from anfu.parties.keyring import KeyRing
from anfu.parties.merchant import Merchant
from anfu.parties.party import (
    CUSTOMER_PREFIX,
    FIRM_PREFIX,
    GUEST_CLASS,
    GUEST_PREFIX,
    MERCHANT_PREFIX,
    Party,
    Status,
)
from anfu.parties.person import Document, Person, mask, parse_phone, person_of
from anfu.storage.transaction import Tx
from anfu.storage.window import Window, look

_PARTIES = """
SELECT id, status = 'ACTIVE', account_class, NULL, NULL,
       CASE WHEN stored_since IS NULL THEN encode(substring(phone_index FOR 16), 'hex') END,
       document_until, opened_by, 'party_suspended'
  FROM parties.customer WHERE id = ANY($1::text[])
UNION ALL
SELECT m.id, m.status = 'ACTIVE', NULL, ARRAY(
         SELECT e.id FROM parties.webhook_endpoint e
          WHERE e.merchant_id = m.id AND e.status = 'ACTIVE' ORDER BY e.id),
       m.mcc, NULL, NULL, NULL,
       CASE WHEN m.status = 'APPLIED' THEN 'merchant_not_approved'
            WHEN m.status = 'CLOSED' THEN 'merchant_closed'
            WHEN m.overdue THEN 'merchant_overdue' ELSE 'party_suspended' END
  FROM parties.merchant m WHERE m.id = ANY($2::text[])
"""
# The customers operations read: not those that are only stored.
_KNOWN = "(SELECT * FROM parties.customer WHERE stored_since IS NULL) AS known"
_KINDS = (CUSTOMER_PREFIX, FIRM_PREFIX, MERCHANT_PREFIX)
UNNAMED = "***"
_ENDPOINT = "id, merchant_id, url, status, created_at, old_until"


async def find_parties(tx: Tx, ids: Sequence[str]) -> dict[str, Party]:
    """Payers and payees by id, in one statement where none is a firm; those that do not exist are
    left out. Of a guest nothing is kept but its checkout, which says whether there is one."""
    firms = [id_ for id_ in ids if id_.startswith(FIRM_PREFIX)]
    guests = [id_ for id_ in ids if id_.startswith(GUEST_PREFIX)]
    customers = [id_ for id_ in ids if id_.startswith(CUSTOMER_PREFIX)]
    merchants = [id_ for id_ in ids if not id_.startswith(CUSTOMER_PREFIX)]
    found = await find_firms(tx, firms) if firms else {}
    found |= {id_: Party(id_, "CUSTOMER", True, GUEST_CLASS, ()) for id_ in guests}
    return found | {
        id_: Party(id_, "CUSTOMER", active, account_class, (), phone=phone, document_until=until,
                   opened_by=opened_by)
        if endpoints is None
        else Party(id_, "MERCHANT", active, None, tuple(endpoints), mcc, barred=barred)
        for id_, active, account_class, endpoints, mcc, phone, until, opened_by, barred
        in await tx.fetch(_PARTIES, customers, merchants)
    }  # fmt: skip


async def find_names(tx: Tx, ids: Sequence[str], *, ring: KeyRing) -> dict[str, str]:
    """How the parties `ids` are called towards others: a merchant and a firm by its name, a person
    by its masked one, and who is only stored, or not there, by `UNNAMED`."""
    names = dict.fromkeys(ids, UNNAMED)
    kinds = {kind: [id_ for id_ in names if id_.startswith(kind)] for kind in _KINDS}
    if customers := kinds[CUSTOMER_PREFIX]:
        rows = await tx.fetch(f"SELECT * FROM {_KNOWN} WHERE id = ANY($1::text[])", customers)
        people = [_customer(row, ring) for row in rows]
        names.update({customer.id: mask(customer.person).name for customer in people})
    if firms := kinds[FIRM_PREFIX]:
        names.update(await find_firm_names(tx, firms, ring=ring))
    if merchants := kinds[MERCHANT_PREFIX]:
        named = "SELECT id, name FROM parties.merchant WHERE id = ANY($1::text[])"
        names.update({row["id"]: row["name"] for row in await tx.fetch(named, merchants)})
    return names


async def get_merchant(tx: Tx, merchant_id: str, *, merchant: str | None) -> Merchant:
    """Raises Refused `merchant_not_found`. A merchant sees only itself."""
    row = await tx.fetchrow(
        "SELECT * FROM parties.merchant WHERE id = $1 AND ($2::text IS NULL OR id = $2)",
        merchant_id,
        merchant,
    )
    if row is None:
        raise Refused("merchant_not_found", field="merchant_id")
    return _merchant(row)


async def list_merchants(
    tx: Tx, *, merchant: str | None, status: Status | None, before: str | None, most: int
) -> list[Merchant]:
    """A page, of those in one state when it is named."""
    rows = await tx.fetch(
        "SELECT * FROM parties.merchant WHERE ($1::text IS NULL OR id = $1)"
        " AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        merchant, status, before, most,
    )  # fmt: skip
    return [_merchant(row) for row in rows]


async def find_merchants_named(tx: Tx, part: str, *, most: int) -> list[Merchant]:
    """Merchants with `part` in their name, in either case, by name. Looks at every merchant."""
    rows = await tx.fetch(
        "SELECT * FROM parties.merchant WHERE position(lower($1) IN lower(name)) > 0"
        " ORDER BY name, id LIMIT $2",
        part,
        most,
    )
    return [_merchant(row) for row in rows]


async def get_customer(
    tx: Tx, customer_id: str, *, ring: KeyRing, merchant: str | None
) -> Customer:
    """Raises Refused `customer_not_found`, and `customer_stored` for one that asked to be
    forgotten: what the law keeps of it no operation reads."""
    rows = await _customers(tx, "id", customer_id, merchant)
    if not rows:
        await _refuse(tx, customer_id, merchant)
    return _customer(rows[0], ring)


async def get_acting(tx: Tx, payer: str, *, ring: KeyRing, merchant: str | None) -> Person:
    """The natural person behind a payer: the customer itself, or who acts for the firm. Raises
    Refused as `get_customer`, for a firm too."""
    if not payer.startswith(FIRM_PREFIX):
        return (await get_customer(tx, payer, ring=ring, merchant=merchant)).person
    try:
        firm = await get_firm(tx, payer, ring=ring, merchant=merchant)
    except Refused as refused:
        stored = refused.code == "customer_stored"
        code = "customer_stored" if stored else "customer_not_found"
        raise Refused(code, field="customer_id") from None
    return firm.dossier.acting.person


async def check_not_stored(tx: Tx, party: str) -> None:
    """Raises Refused `customer_stored` for a customer that asked to be forgotten; whoever else it
    is passes, known or not."""
    if await tx.fetchval(
        "SELECT 1 FROM parties.customer WHERE id = $1 AND stored_since IS NOT NULL"
        " UNION ALL SELECT 1 FROM parties.firm WHERE id = $1 AND stored_since IS NOT NULL",
        party,
    ):
        raise Refused("customer_stored", field="customer_id")


async def find_customer_by_document(
    tx: Tx, document: Document, *, ring: KeyRing, merchant: str | None
) -> Customer | None:
    """The customer with this document."""
    rows = await _customers(tx, "document_index", document_index(ring, document), merchant)
    return _customer(rows[0], ring) if rows else None


async def find_customers_by_phone(
    tx: Tx, phone: str, *, ring: KeyRing, merchant: str | None
) -> list[Customer]:
    """Everyone with this phone number, oldest first: numbers are shared and handed on.
    Raises Refused `phone_invalid`."""
    index = phone_index(ring, parse_phone(phone))
    return [_customer(row, ring) for row in await _customers(tx, "phone_index", index, merchant)]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """At most `limit` customers with an id before `before`; None is any class or status.
    `merchant` is the caller's scope."""

    limit: int
    before: str | None = None
    merchant: str | None = None
    account_class: int | None = None
    status: Status | None = None


async def list_customers(
    tx: Tx, page: CustomerPage, *, ring: KeyRing
) -> tuple[list[Customer], str | None]:
    """A page, and the cursor of the one after."""
    # Most are ACTIVE: the newest are looked at one by one. The others have an index.
    active = page.status is Status.ACTIVE
    reach = (
        ("opened_by = {}", page.merchant),
        ("status = {} AND status <> 'ACTIVE'", None if active else page.status),
    )
    sieve = (
        ("account_class = {}", page.account_class),
        ("status = {}", page.status if active else None),
    )
    seen = await look(tx, Window("*", _KNOWN, page.limit, page.before, [reach], sieve))
    return [_customer(row, ring) for row in seen.rows], seen.next


async def get_endpoint(tx: Tx, endpoint_id: str, *, merchant: str | None) -> Endpoint:
    """Raises Refused `endpoint_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {_ENDPOINT} FROM parties.webhook_endpoint"
        " WHERE id = $1 AND ($2::text IS NULL OR merchant_id = $2)",
        endpoint_id,
        merchant,
    )
    if row is None:
        raise Refused("endpoint_not_found", field="endpoint_id")
    return _endpoint(row)


async def find_endpoints(tx: Tx, ids: Sequence[str]) -> dict[str, Endpoint]:
    """Endpoints by id, for the sender; those that do not exist are left out."""
    rows = await tx.fetch(
        f"SELECT {_ENDPOINT} FROM parties.webhook_endpoint WHERE id = ANY($1::text[])", ids
    )
    return {row["id"]: _endpoint(row) for row in rows}


async def list_endpoints(
    tx: Tx, *, merchant: str | None, before: str | None = None, most: int = 50
) -> list[Endpoint]:
    """A page, disabled ones among them."""
    rows = await list_page(
        tx, f"{_ENDPOINT} FROM parties.webhook_endpoint", ("merchant_id", merchant), before, most
    )
    return [_endpoint(row) for row in rows]


async def secrets_of(
    tx: Tx, ring: KeyRing, endpoint_ids: Sequence[str], *, now: datetime
) -> dict[str, tuple[str, ...]]:
    """The secrets each endpoint's deliveries are signed with, the newest first; two while a roll
    overlaps. Endpoints that are disabled or do not exist are left out."""
    rows = await tx.fetch(
        "SELECT id, sealed, CASE WHEN old_until > $2 THEN old_sealed END"
        " FROM parties.webhook_endpoint WHERE id = ANY($1::text[]) AND status = 'ACTIVE'",
        endpoint_ids,
        now,
    )
    return {
        id_: tuple(ring.unseal(s, bound_to=id_).decode() for s in sealed if s is not None)
        for id_, *sealed in rows
    }


async def list_page(
    tx: Tx, columns: str, scope: tuple[str, str | None], before: str | None, most: int
) -> Sequence[Any]:
    """Rows in the scope (its column, the merchant), each case with a condition an index serves."""
    column, merchant = scope
    conditions = [(f"{column} = ", merchant), ("id < ", before)]
    asked = [(text, value) for text, value in conditions if value is not None]
    where = " AND ".join([f"{text}${number}" for number, (text, _) in enumerate(asked, 2)])
    query = f"SELECT {columns} WHERE {where or 'true'} ORDER BY id DESC LIMIT $1"
    return await tx.fetch(query, most, *(value for _, value in asked))


async def _customers(tx: Tx, column: str, value: object, merchant: str | None) -> Sequence[Any]:
    return await tx.fetch(
        f"SELECT * FROM {_KNOWN} WHERE {column} = $1"
        " AND ($2::text IS NULL OR opened_by = $2) ORDER BY id",
        value,
        merchant,
    )


async def _refuse(tx: Tx, customer_id: str, merchant: str | None) -> NoReturn:
    stored = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM parties.customer"
        " WHERE id = $1 AND ($2::text IS NULL OR opened_by = $2))",
        customer_id, merchant,
    )  # fmt: skip
    raise Refused("customer_stored" if stored else "customer_not_found", field="customer_id")


def _merchant(row: Any) -> Merchant:
    return Merchant(
        row["id"], row["name"], row["mcc"], Status(row["status"]), row["created_at"],
        row["enrolled_at"],
    )  # fmt: skip


def _customer(row: Any, ring: KeyRing) -> Customer:
    return Customer(
        id=row["id"],
        person=person_of(ring.unseal(row["sealed"], bound_to=row["id"])),
        account_class=row["account_class"],
        status=Status(row["status"]),
        opened_by=row["opened_by"],
        reference=row["reference"],
        created_at=row["created_at"],
    )


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=row["id"],
        merchant_id=row["merchant_id"],
        url=row["url"],
        status=EndpointStatus(row["status"]),
        created_at=row["created_at"],
        old_secret_until=row["old_until"],
    )
