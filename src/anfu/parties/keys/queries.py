"""Reads of API keys. `merchant` is the caller's scope, as in the queries of parties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.access.queries import get_staff
from anfu.parties.access.role import scopes_of
from anfu.parties.access.staff import PREFIX as STAFF
from anfu.parties.apikey import ApiKey, Credential, check_usable
from anfu.parties.caller import Caller
from anfu.parties.keyring import KeyRing
from anfu.parties.network import parse_networks
from anfu.parties.queries import list_page
from anfu.storage.transaction import Tx

_KEY = (
    "id, merchant_id, label, scopes, created_at, expires_at, revoked_at, rotated_at, person,"
    " staff_id, networks, public_key, nonces"
)
# A key of staff ends when its account does, and never does more than the account may.
_CREDENTIALS = """
SELECT k.id, k.merchant_id, k.label, k.scopes, k.created_at, k.expires_at, k.rotated_at, k.person,
       k.staff_id, k.networks, k.public_key, k.nonces, s.roles, k.secret_hash, k.sealed,
       CASE WHEN s.state <> 'ACTIVE' THEN coalesce(k.revoked_at, s.changed_at) ELSE k.revoked_at
       END AS revoked_at
  FROM parties.api_key k LEFT JOIN parties.staff s ON s.id = k.staff_id
 WHERE k.id = ANY($1::text[])
"""


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


async def get_person(tx: Tx, named: str, *, now: datetime) -> Caller:
    """Who is meant by the id of an account or of a key, and what he may do. Raises Refused
    `staff_not_found`, `key_not_found`, `key_revoked`, `key_expired`."""
    if named.startswith(STAFF):
        staff = await get_staff(tx, named)
        return Caller(staff.id, staff.id, None, staff.scopes, staff.id)
    key = await get_key(tx, named, merchant=None)
    check_usable(key, now=now)
    if key.staff_id is None:
        return Caller(key.id, key.person, key.merchant_id, key.scopes)
    scopes = key.scopes & (await get_staff(tx, key.staff_id)).scopes
    return Caller(key.id, key.person, None, scopes, key.staff_id)


async def list_keys(
    tx: Tx, *, merchant: str | None, before: str | None = None, most: int = 50
) -> list[ApiKey]:
    """A page, revoked and expired ones among them."""
    rows = await list_page(
        tx, f"{_KEY} FROM parties.api_key", ("merchant_id", merchant), before, most
    )
    return [_key(row) for row in rows]


async def find_credentials(tx: Tx, ids: Sequence[str], *, ring: KeyRing) -> dict[str, Credential]:
    """Keys with what proves them, in one statement; those that do not exist are left out.
    For `verify_bearer` and `verify_signed`, not to be shown."""
    rows = await tx.fetch(_CREDENTIALS, ids)
    return {row["id"]: _credential(row, ring) for row in rows}


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
        person=row["person"],
        staff_id=row["staff_id"],
        networks=tuple(row["networks"]),
        public_key=row["public_key"],
        nonces=row["nonces"],
    )


def _credential(row: Any, ring: KeyRing) -> Credential:
    sealed = row["sealed"]
    signing_key = None if sealed is None else ring.unseal(sealed, bound_to=row["id"])
    networks = parse_networks(row["networks"], field="networks")
    held = None if row["staff_id"] is None else scopes_of(row["roles"])
    return Credential(_key(row), row["secret_hash"], signing_key, held, networks)
