"""Reads. Lists are newest first: `most` rows older than the id `before` (None: from the newest).

`merchant` is the caller's scope: a merchant's id sees what it owns, None is the institution and
sees all. What lies outside the scope is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.apikey import ApiKey, Credential
from anfu.parties.customer import Customer, document_index, phone_index
from anfu.parties.endpoint import Endpoint, EndpointStatus
from anfu.parties.keyring import KeyRing
from anfu.parties.merchant import Merchant
from anfu.parties.party import CUSTOMER_PREFIX, Party, Status
from anfu.parties.person import Document, mask, parse_phone, person_of
from anfu.storage.transaction import Tx

_PARTIES = """
SELECT id, status = 'ACTIVE', account_class, NULL, NULL,
       encode(substring(phone_index FOR 16), 'hex'), document_until, opened_by
  FROM parties.customer WHERE id = ANY($1::text[])
UNION ALL
SELECT m.id, m.status = 'ACTIVE', NULL, ARRAY(
         SELECT e.id FROM parties.webhook_endpoint e
          WHERE e.merchant_id = m.id AND e.status = 'ACTIVE' ORDER BY e.id), m.mcc, NULL, NULL, NULL
  FROM parties.merchant m WHERE m.id = ANY($2::text[])
"""
_KEY = """id, merchant_id, label, scopes, created_at, expires_at, revoked_at, rotated_at"""
_ENDPOINT = "id, merchant_id, url, status, created_at, old_until"
_SEALED_VERSIONS = """
SELECT get_byte(sealed, 0) AS version, count(*) FROM (
    SELECT sealed FROM parties.customer
    UNION ALL SELECT sealed FROM parties.api_key
    UNION ALL SELECT sealed FROM parties.onboarding
    UNION ALL SELECT sealed FROM parties.verification
    UNION ALL SELECT sealed FROM parties.webhook_endpoint
    UNION ALL SELECT old_sealed FROM parties.webhook_endpoint WHERE old_sealed IS NOT NULL
) AS everything GROUP BY 1 ORDER BY 1
"""


async def find_parties(tx: Tx, ids: Sequence[str]) -> dict[str, Party]:
    """Payers and payees by id, in one statement; those that do not exist are left out."""
    customers = [id_ for id_ in ids if id_.startswith(CUSTOMER_PREFIX)]
    merchants = [id_ for id_ in ids if not id_.startswith(CUSTOMER_PREFIX)]
    return {
        id_: Party(id_, "CUSTOMER", active, account_class, (), phone=phone, document_until=until,
                   opened_by=opened_by)
        if endpoints is None
        else Party(id_, "MERCHANT", active, None, tuple(endpoints), mcc)
        for id_, active, account_class, endpoints, mcc, phone, until, opened_by in await tx.fetch(
            _PARTIES, customers, merchants
        )
    }  # fmt: skip


async def find_names(tx: Tx, ids: Sequence[str], *, ring: KeyRing) -> dict[str, str]:
    """How the parties among `ids` are called towards others: a merchant by its name, a customer
    by its masked one."""
    merchants = await tx.fetch(
        "SELECT id, name FROM parties.merchant WHERE id = ANY($1::text[])", ids
    )
    customers = await tx.fetch("SELECT * FROM parties.customer WHERE id = ANY($1::text[])", ids)
    people = [_customer(row, ring) for row in customers]
    return {row["id"]: row["name"] for row in merchants} | {
        customer.id: mask(customer.person).name for customer in people
    }


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
    tx: Tx, *, merchant: str | None, before: str | None = None, most: int = 50
) -> list[Merchant]:
    """A page."""
    rows = await _page(tx, "* FROM parties.merchant", ("id", merchant), before, most)
    return [_merchant(row) for row in rows]


async def get_customer(
    tx: Tx, customer_id: str, *, ring: KeyRing, merchant: str | None
) -> Customer:
    """Raises Refused `customer_not_found`."""
    return _one_customer(await _customers(tx, "id", customer_id, merchant), ring)


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


async def list_customers(
    tx: Tx, *, ring: KeyRing, merchant: str | None, before: str | None = None, most: int = 50
) -> list[Customer]:
    """A page."""
    rows = await _page(tx, "* FROM parties.customer", ("opened_by", merchant), before, most)
    return [_customer(row, ring) for row in rows]


async def get_key(tx: Tx, key_id: str, *, merchant: str | None) -> ApiKey:
    """Raises Refused `key_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {_KEY} FROM parties.api_key"
        " WHERE id = $1 AND ($2::text IS NULL OR merchant_id = $2)",
        key_id,
        merchant,
    )
    if row is None:
        raise Refused("key_not_found", field="key_id")
    return _key(row)


async def list_keys(
    tx: Tx, *, merchant: str | None, before: str | None = None, most: int = 50
) -> list[ApiKey]:
    """A page, revoked and expired ones among them."""
    rows = await _page(tx, f"{_KEY} FROM parties.api_key", ("merchant_id", merchant), before, most)
    return [_key(row) for row in rows]


async def find_credentials(tx: Tx, ids: Sequence[str], *, ring: KeyRing) -> dict[str, Credential]:
    """Keys with what proves them, in one statement; those that do not exist are left out.
    For `verify_bearer` and `verify_signed`, not to be shown."""
    rows = await tx.fetch(
        f"SELECT {_KEY}, secret_hash, sealed FROM parties.api_key WHERE id = ANY($1::text[])", ids
    )
    return {row["id"]: _credential(row, ring) for row in rows}


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
    rows = await _page(
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


async def sealed_versions(tx: Tx) -> dict[int, int]:
    """How many values are sealed by each version of the key ring. Reads every row."""
    return {row["version"]: row["count"] for row in await tx.fetch(_SEALED_VERSIONS)}


async def _page(
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
        f"SELECT * FROM parties.customer WHERE {column} = $1"
        " AND ($2::text IS NULL OR opened_by = $2) ORDER BY id",
        value,
        merchant,
    )


def _one_customer(rows: Sequence[Any], ring: KeyRing) -> Customer:
    if not rows:
        raise Refused("customer_not_found", field="customer_id")
    return _customer(rows[0], ring)


def _merchant(row: Any) -> Merchant:
    return Merchant(row["id"], row["name"], row["mcc"], Status(row["status"]), row["created_at"])


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


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row["id"],
        merchant_id=row["merchant_id"],
        label=row["label"],
        scopes=frozenset(row["scopes"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        rotated_at=row["rotated_at"],
    )


def _credential(row: Any, ring: KeyRing) -> Credential:
    signing_key = ring.unseal(row["sealed"], bound_to=row["id"])
    return Credential(_key(row), row["secret_hash"], signing_key)


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=row["id"],
        merchant_id=row["merchant_id"],
        url=row["url"],
        status=EndpointStatus(row["status"]),
        created_at=row["created_at"],
        old_secret_until=row["old_until"],
    )
