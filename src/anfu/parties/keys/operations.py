"""Writes of API keys. `merchant` is the caller's scope, as in `queries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    parse_public_key,
)
from anfu.parties.caller import Caller
from anfu.parties.keyring import Sealer
from anfu.parties.keys.queries import get_key
from anfu.parties.network import parse_networks
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
    networks = parse_networks(order.networks, field="networks")
    public_key = None if order.public_key is None else parse_public_key(order.public_key)
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
        networks=tuple(map(str, networks)),
        public_key=public_key,
        nonces=order.nonces or public_key is not None,
    )
    return await _issue(tx, key, sealer)


async def _issue(tx: Tx, key: ApiKey, sealer: Sealer) -> IssuedKey:
    secret, hashed, sealed = "", None, None
    if key.public_key is None:
        secret = new_secret(SECRET_PREFIX, entropy=sealer.entropy)
        hashed = secret_hash(secret)
        sealed = sealer.seal(signing_key(secret), bound_to=key.id)
    await tx.execute(
        "INSERT INTO parties.api_key (id, merchant_id, label, scopes, created_at, expires_at,"
        " secret_hash, sealed, person, staff_id, networks, public_key, nonces)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        key.id, key.merchant_id, key.label, sorted(key.scopes), key.created_at, key.expires_at,
        hashed, sealed, key.person, key.staff_id, list(key.networks), key.public_key, key.nonces,
    )  # fmt: skip
    return IssuedKey(key, secret)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The new key takes the place of `key_id`, which goes on for `overlap_s`, 0 to 30 days. A key
    that signs with a key pair is given the public half of the new one."""

    key_id: str
    overlap_s: int
    public_key: str | None = None


async def rotate_key(
    tx: Tx, *, wish: Rotation, by: Caller | None, sealer: Sealer, now: datetime
) -> IssuedKey:
    """A new key with label, merchant, scopes, networks and whole lifetime of the old one, which
    ends by itself: both are good meanwhile, so that nothing stands still.

    Raises Refused `overlap_invalid`, `key_not_found`, `key_revoked`, `key_expired`,
    `key_rotated` when that was done before, `staff_not_you` for a key that belongs to somebody
    else, `public_key_invalid`, and as `check_grant`.
    """
    check_overlap(wish.overlap_s)
    old = await _own_key(tx, wish.key_id, by)
    check_usable(old, now=now)
    if (wish.public_key is None) is not (old.public_key is None):
        raise Refused("public_key_invalid", field="public_key")
    done = await tx.execute(
        "UPDATE parties.api_key SET rotated_at = $2, expires_at = least(expires_at, $3)"
        " WHERE id = $1 AND rotated_at IS NULL AND revoked_at IS NULL",
        old.id, now, now + timedelta(seconds=wish.overlap_s),
    )  # fmt: skip
    if done == "UPDATE 0":
        check_usable(await get_key(tx, old.id, merchant=None), now=now)
        raise Refused("key_rotated", field="key_id")
    lifetime = None if old.expires_at is None else old.expires_at - old.created_at
    new = replace(
        old,
        id=new_id(PREFIX, now=now, entropy=sealer.entropy),
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
        # Whoever is handed the secret stands behind it.
        person=old.person if by is None else by.person,
        public_key=None if wish.public_key is None else parse_public_key(wish.public_key),
    )
    return await _issue(tx, new, sealer)


async def set_networks(
    tx: Tx, *, key_id: str, networks: tuple[str, ...], by: Caller | None
) -> ApiKey:
    """The key, good from these networks from now on, or from everywhere for none. Raises Refused
    `networks_invalid`, `key_not_found`, `staff_not_you`, and as `check_grant`."""
    found = parse_networks(networks, field="networks")
    key = await _own_key(tx, key_id, by)
    told = tuple(map(str, found))
    await tx.execute("UPDATE parties.api_key SET networks = $2 WHERE id = $1", key.id, list(told))
    return replace(key, networks=told)


async def _own_key(tx: Tx, key_id: str, by: Caller | None) -> ApiKey:
    """A key that `by` could have made: nobody is handed, or opens to himself, what he does not
    hold."""
    key = await get_key(tx, key_id, merchant=None if by is None else by.merchant_id)
    if key.staff_id is not None and by is not None and by.staff_id != key.staff_id:
        raise Refused("staff_not_you", field="key_id")
    check_grant(scopes=key.scopes, merchant_id=key.merchant_id, by=by)
    return key


async def spend_nonces(tx: Tx, *, nonces: Sequence[tuple[str, str]], now: datetime) -> list[bool]:
    """For each (key, nonce), in their order, whether it was good until now; it is no more."""
    rows = await tx.fetch(
        "INSERT INTO parties.request_nonce (key_id, nonce, at)"
        " SELECT DISTINCT k, n, $3::timestamptz FROM unnest($1::text[], $2::text[]) AS w (k, n)"
        " ORDER BY k, n ON CONFLICT DO NOTHING RETURNING key_id, nonce",
        [key for key, _ in nonces], [nonce for _, nonce in nonces], now,
    )  # fmt: skip
    good = {(row["key_id"], row["nonce"]) for row in rows}
    answers = []
    for one in nonces:
        answers.append(one in good)
        good.discard(one)  # of two alike in one batch the second is a copy
    return answers


async def forget_nonces(tx: Tx, *, before: datetime) -> None:
    """Drop nonces of requests whose time has passed."""
    await tx.execute("DELETE FROM parties.request_nonce WHERE at < $1", before)


async def revoke_key(tx: Tx, *, key_id: str, merchant: str | None, now: datetime) -> ApiKey:
    """At once and for good; a key revoked before keeps its time. Raises Refused
    `key_not_found`."""
    await tx.execute(
        "UPDATE parties.api_key SET revoked_at = $3 WHERE id = $1 AND revoked_at IS NULL"
        " AND ($2::text IS NULL OR merchant_id = $2)",
        key_id, merchant, now,
    )  # fmt: skip
    return await get_key(tx, key_id, merchant=merchant)
