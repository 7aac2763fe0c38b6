"""Writes of API keys. `merchant` is the caller's scope, as in `queries`."""

from __future__ import annotations

from datetime import datetime, timedelta

from anfu.kernel.clock import aware
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.access.queries import get_staff
from anfu.parties.apikey import (
    PREFIX,
    SECRET_PREFIX,
    ApiKey,
    IssuedKey,
    NewKey,
    check_grant,
    check_usable,
)
from anfu.parties.caller import Caller
from anfu.parties.keyring import Sealer
from anfu.parties.keys.queries import get_key
from anfu.parties.party import clean_text
from anfu.parties.queries import get_merchant
from anfu.parties.secret import check_overlap, new_secret, secret_hash
from anfu.parties.signature import signing_key
from anfu.storage.transaction import Tx


async def create_key(
    tx: Tx, *, order: NewKey, by: Caller | None, sealer: Sealer, now: datetime
) -> IssuedKey:
    """A key and its secret. `by` is who asks, None the command line. Whoever asks stands behind the
    key, so that nobody becomes two people by making one.

    Raises Refused as `check_grant`, and `staff_not_you` when it would belong to somebody else,
    `label_invalid`, `expires_at_invalid`, `merchant_not_found`, `staff_not_found`.
    """
    if order.staff_id is not None and by is not None and by.staff_id != order.staff_id:
        raise Refused("staff_not_you", field="staff")
    check_grant(scopes=order.scopes, merchant_id=order.merchant_id, by=by)
    if order.expires_at is not None and aware(order.expires_at) <= now:
        raise Refused("expires_at_invalid", field="expires_at")
    if order.merchant_id is not None:
        await get_merchant(tx, order.merchant_id, merchant=None)
    if order.staff_id is not None:
        if order.merchant_id is not None:
            raise Refused("staff_not_you", field="staff")
        await get_staff(tx, order.staff_id)
    id_ = new_id(PREFIX, now=now, entropy=sealer.entropy)
    key = ApiKey(
        id=id_,
        merchant_id=order.merchant_id,
        label=clean_text(order.label, field="label"),
        scopes=order.scopes,
        created_at=now,
        expires_at=order.expires_at,
        revoked_at=None,
        rotated_at=None,
        person=order.staff_id or (id_ if by is None else by.person),
        staff_id=order.staff_id,
    )
    return await _issue(tx, key, sealer)


async def _issue(tx: Tx, key: ApiKey, sealer: Sealer) -> IssuedKey:
    secret = new_secret(SECRET_PREFIX, entropy=sealer.entropy)
    await tx.execute(
        "INSERT INTO parties.api_key (id, merchant_id, label, scopes, created_at, expires_at,"
        " secret_hash, sealed, person, staff_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        key.id, key.merchant_id, key.label, sorted(key.scopes), key.created_at, key.expires_at,
        secret_hash(secret), sealer.seal(signing_key(secret), bound_to=key.id), key.person,
        key.staff_id,
    )  # fmt: skip
    return IssuedKey(key, secret)


async def rotate_key(
    tx: Tx, *, key_id: str, by: Caller | None, overlap_s: int, sealer: Sealer, now: datetime
) -> IssuedKey:
    """A new key with the label, merchant, scopes and whole lifetime of `key_id`, which expires
    after `overlap_s` (0 to 30 days) if not before.

    Raises Refused `overlap_invalid`, `key_not_found`, `key_revoked`, `key_expired`,
    `key_rotated` when that was done before, `staff_not_you` for a key that belongs to somebody
    else, and as `check_grant`.
    """
    check_overlap(overlap_s)
    old = await get_key(tx, key_id, merchant=None if by is None else by.merchant_id)
    check_usable(old, now=now)
    if old.staff_id is not None and by is not None and by.staff_id != old.staff_id:
        raise Refused("staff_not_you", field="key_id")
    check_grant(scopes=old.scopes, merchant_id=old.merchant_id, by=by)
    done = await tx.execute(
        "UPDATE parties.api_key SET rotated_at = $2, expires_at = least(expires_at, $3)"
        " WHERE id = $1 AND rotated_at IS NULL AND revoked_at IS NULL",
        key_id, now, now + timedelta(seconds=overlap_s),
    )  # fmt: skip
    if done == "UPDATE 0":
        check_usable(await get_key(tx, key_id, merchant=None), now=now)
        raise Refused("key_rotated", field="key_id")
    lifetime = None if old.expires_at is None else old.expires_at - old.created_at
    new = ApiKey(
        id=new_id(PREFIX, now=now, entropy=sealer.entropy),
        merchant_id=old.merchant_id,
        label=old.label,
        scopes=old.scopes,
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
        revoked_at=None,
        rotated_at=None,
        # Whoever is handed the secret stands behind it.
        person=old.person if by is None else by.person,
        staff_id=old.staff_id,
    )
    return await _issue(tx, new, sealer)


async def revoke_key(tx: Tx, *, key_id: str, merchant: str | None, now: datetime) -> ApiKey:
    """At once and for good; a key revoked before keeps its time. Raises Refused
    `key_not_found`."""
    await tx.execute(
        "UPDATE parties.api_key SET revoked_at = $3 WHERE id = $1 AND revoked_at IS NULL"
        " AND ($2::text IS NULL OR merchant_id = $2)",
        key_id, merchant, now,
    )  # fmt: skip
    return await get_key(tx, key_id, merchant=merchant)
