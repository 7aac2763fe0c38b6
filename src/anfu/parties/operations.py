"""Writes. `merchant` is the caller's scope, as in `queries`: outside it nothing is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.parties import endpoint, queries
from anfu.parties.customer import (
    Customer,
    NewCustomer,
    check_account_class,
    document_index,
    phone_index,
)
from anfu.parties.endpoint import Endpoint, EndpointStatus, IssuedEndpoint, check_url
from anfu.parties.keyring import KeyRing, Sealer
from anfu.parties.merchant import Merchant, check_mcc
from anfu.parties.party import CUSTOMER_PREFIX, FIRM_PREFIX, MERCHANT_PREFIX, Status, clean_text
from anfu.parties.person import person_bytes
from anfu.parties.secret import check_overlap, new_secret
from anfu.storage.transaction import Tx

# Of what stands between a look at parties and the commit, a share waits for every update of the row
# and is waited for; a reference to the row does not.
_SHARED = tuple(
    f"SELECT 1 FROM parties.{table} WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE"
    for table in ("customer", "firm", "merchant")
)


async def hold_parties(tx: Tx, *, ids: Sequence[str]) -> None:
    """Until the commit nobody suspends any of `ids` or stops its account; what was begun before is
    waited for, and seen by what is read next. Locked after a case and a payment, before limits."""
    for statement in _SHARED:
        await tx.fetch(statement, ids)


async def lock_customer(tx: Tx, *, customer: str) -> None:
    """Wait for whoever holds the customer; until the commit nobody else does."""
    table = "firm" if customer.startswith(FIRM_PREFIX) else "customer"
    await tx.fetch(f"SELECT 1 FROM parties.{table} WHERE id = $1 FOR NO KEY UPDATE", customer)


async def create_merchant(
    tx: Tx, *, name: str, mcc: str | None, entropy: Entropy, now: datetime
) -> Merchant:
    """A merchant without an application, which takes part at once: of a trial alone.
    Raises Refused `name_invalid`, `mcc_invalid`."""
    check_mcc(mcc)
    merchant = Merchant(
        id=new_id(MERCHANT_PREFIX, now=now, entropy=entropy),
        name=clean_text(name, field="name"),
        mcc=mcc,
        status=Status.ACTIVE,
        created_at=now,
        enrolled_at=now,
    )
    await tx.execute(
        "INSERT INTO parties.merchant (id, name, mcc, status, created_at, enrolled_at)"
        " VALUES ($1, $2, $3, $4, $5, $5)",
        merchant.id, merchant.name, merchant.mcc, merchant.status, now,
    )  # fmt: skip
    return merchant


async def set_merchant_status(tx: Tx, *, merchant_id: str, status: Status) -> None:
    """Raises Refused `merchant_not_found`."""
    done = await tx.execute(
        "UPDATE parties.merchant SET status = $2 WHERE id = $1", merchant_id, status
    )
    if done == "UPDATE 0":
        raise Refused("merchant_not_found", field="merchant_id")


async def open_customer(tx: Tx, *, order: NewCustomer, sealer: Sealer, now: datetime) -> Customer:
    """Raises Refused `account_class_invalid`, `reference_invalid`, `merchant_not_found`, and
    `customer_exists` when the document is another customer's (43号 art. 6), whose id is told as
    `customer_id` only to the merchant that opened it and to the institution."""
    check_account_class(order.account_class)
    reference = order.reference
    if reference is not None:
        reference = clean_text(reference, field="reference")
    if order.opened_by is not None:
        await queries.get_merchant(tx, order.opened_by, merchant=None)
    customer = Customer(
        id=new_id(CUSTOMER_PREFIX, now=now, entropy=sealer.entropy),
        person=order.person,
        account_class=order.account_class,
        status=Status.ACTIVE,
        opened_by=order.opened_by,
        reference=reference,
        created_at=now,
    )
    if not await _insert_customer(tx, customer, sealer):
        await _refuse_second_identity(tx, order, sealer.ring)
    return customer


async def _insert_customer(tx: Tx, customer: Customer, sealer: Sealer) -> bool:
    done = await tx.execute(
        "INSERT INTO parties.customer (id, account_class, status, opened_by, reference,"
        " created_at, sealed, phone_index, document_index)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (document_index) DO NOTHING",
        customer.id, customer.account_class, customer.status, customer.opened_by,
        customer.reference, customer.created_at,
        sealer.seal(person_bytes(customer.person), bound_to=customer.id),
        phone_index(sealer.ring, customer.person.phone),
        document_index(sealer.ring, customer.person.document),
    )  # fmt: skip
    return done == "INSERT 0 1"


async def _refuse_second_identity(tx: Tx, order: NewCustomer, ring: KeyRing) -> None:
    first = await queries.find_customer_by_document(
        tx, order.person.document, ring=ring, merchant=order.opened_by
    )
    told = {} if first is None else {"customer_id": first.id}
    raise Refused("customer_exists", field="document", **told)


async def set_customer_status(
    tx: Tx, *, customer_id: str, merchant: str | None, status: Status
) -> None:
    """By hand: no onboarding lifts this suspension. Raises Refused `customer_not_found`."""
    done = await tx.execute(
        "UPDATE parties.customer SET status = $3, suspended_by = NULL"
        " WHERE id = $1 AND stored_since IS NULL AND ($2::text IS NULL OR opened_by = $2)",
        customer_id, merchant, status,
    )  # fmt: skip
    if done == "UPDATE 0":
        raise Refused("customer_not_found", field="customer_id")


async def set_account_class(tx: Tx, *, customer_id: str, account_class: int) -> None:
    """For the institution alone: a class follows from verifications (43号 art. 11).
    Raises Refused `account_class_invalid`, `customer_not_found`."""
    check_account_class(account_class)
    done = await tx.execute(
        "UPDATE parties.customer SET account_class = $2 WHERE id = $1 AND stored_since IS NULL",
        customer_id,
        account_class,
    )
    if done == "UPDATE 0":
        raise Refused("customer_not_found", field="customer_id")


async def create_endpoint(
    tx: Tx, *, merchant_id: str, url: str, allow_loopback: bool, sealer: Sealer, now: datetime
) -> IssuedEndpoint:
    """An endpoint and its secret. Raises Refused `url_invalid`, `merchant_not_found`, and
    `endpoint_limit` past 16 active ones."""
    check_url(url, allow_loopback=allow_loopback)
    await _check_room(tx, merchant_id)
    created = Endpoint(
        id=new_id(endpoint.PREFIX, now=now, entropy=sealer.entropy),
        merchant_id=merchant_id,
        url=url,
        status=EndpointStatus.ACTIVE,
        created_at=now,
        old_secret_until=None,
    )
    secret = new_secret(endpoint.SECRET_PREFIX, entropy=sealer.entropy)
    await tx.execute(
        "INSERT INTO parties.webhook_endpoint (id, merchant_id, url, status, created_at, sealed)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        created.id, merchant_id, url, created.status, now,
        sealer.seal(secret.encode(), bound_to=created.id),
    )  # fmt: skip
    return IssuedEndpoint(created, secret)


async def set_endpoint_status(
    tx: Tx, *, endpoint_id: str, merchant: str | None, status: EndpointStatus
) -> Endpoint:
    """Raises Refused `endpoint_not_found`, `endpoint_limit`."""
    before = await queries.get_endpoint(tx, endpoint_id, merchant=merchant)
    if status is EndpointStatus.ACTIVE and before.status is not EndpointStatus.ACTIVE:
        await _check_room(tx, before.merchant_id)
    await tx.execute(
        "UPDATE parties.webhook_endpoint SET status = $2 WHERE id = $1", endpoint_id, status
    )
    return await queries.get_endpoint(tx, endpoint_id, merchant=merchant)


async def _check_room(tx: Tx, merchant_id: str) -> None:
    """Waits for others that add an endpoint to this merchant, then counts."""
    if not await tx.fetch(
        "SELECT 1 FROM parties.merchant WHERE id = $1 FOR NO KEY UPDATE", merchant_id
    ):
        raise Refused("merchant_not_found", field="merchant_id")
    active = await tx.fetchval(
        "SELECT count(*) FROM parties.webhook_endpoint"
        " WHERE merchant_id = $1 AND status = 'ACTIVE'",
        merchant_id,
    )
    if active >= endpoint.MOST_PER_MERCHANT:
        raise Refused("endpoint_limit", field="merchant_id", limit=endpoint.MOST_PER_MERCHANT)


async def roll_endpoint_secret(
    tx: Tx, *, endpoint_id: str, merchant: str | None, overlap_s: int, sealer: Sealer, now: datetime
) -> IssuedEndpoint:
    """A new secret; the one before signs beside it for `overlap_s` (0 to 30 days), any still
    older one ends now. Raises Refused `overlap_invalid`, `endpoint_not_found`."""
    check_overlap(overlap_s)
    await queries.get_endpoint(tx, endpoint_id, merchant=merchant)
    secret = new_secret(endpoint.SECRET_PREFIX, entropy=sealer.entropy)
    await tx.execute(
        "UPDATE parties.webhook_endpoint SET sealed = $2, old_until = $3,"
        " old_sealed = CASE WHEN $3::timestamptz IS NOT NULL THEN sealed END WHERE id = $1",
        endpoint_id, sealer.seal(secret.encode(), bound_to=endpoint_id),
        now + timedelta(seconds=overlap_s) if overlap_s else None,
    )  # fmt: skip
    rolled = await queries.get_endpoint(tx, endpoint_id, merchant=merchant)
    return IssuedEndpoint(rolled, secret)
