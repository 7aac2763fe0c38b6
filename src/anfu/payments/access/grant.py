"""Grant: API keys made, replaced, confined to networks and revoked, each with its leaf of evidence.

`by` is who asks, None the command line.
"""

from __future__ import annotations

from datetime import datetime

from anfu.parties.apikey import ApiKey, IssuedKey, NewKey
from anfu.parties.caller import Caller
from anfu.parties.keys import operations
from anfu.parties.keys.operations import Rotation
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


async def grant(
    tx: Tx, tools: Tools, order: NewKey, by: Caller | None, *, now: datetime
) -> IssuedKey:
    """A new key. Raises Refused as `create_key`."""
    issued = await operations.create_key(tx, order=order, by=by, sealer=tools.sealer, now=now)
    await _record(tx, tools, "key_created", issued.key, by, now)
    return issued


async def rotate(
    tx: Tx, tools: Tools, wish: Rotation, by: Caller | None, *, now: datetime
) -> IssuedKey:
    """The key that takes the place of another one. Raises Refused as `rotate_key`."""
    issued = await operations.rotate_key(tx, wish=wish, by=by, sealer=tools.sealer, now=now)
    await _record(tx, tools, "key_rotated", issued.key, by, now)
    return issued


async def confine(
    tx: Tx, tools: Tools, key_id: str, networks: tuple[str, ...], by: Caller | None, *,
    now: datetime,
) -> ApiKey:  # fmt: skip
    """The key, good from `networks` alone. Raises Refused as `set_networks`."""
    key = await operations.set_networks(tx, key_id=key_id, networks=networks, by=by)
    await _record(tx, tools, "key_confined", key, by, now)
    return key


async def revoke(tx: Tx, tools: Tools, key_id: str, by: Caller | None, *, now: datetime) -> ApiKey:
    """The key, which is refused within a second. Raises Refused `key_not_found`."""
    merchant = None if by is None else by.merchant_id
    key = await operations.revoke_key(tx, key_id=key_id, merchant=merchant, now=now)
    await _record(tx, tools, "key_revoked", key, by, now)
    return key


async def _record(
    tx: Tx, tools: Tools, kind: str, key: ApiKey, by: Caller | None, now: datetime
) -> None:
    record = Record(now, tools.entropy)
    body = {
        "scopes": sorted(key.scopes), "merchant": key.merchant_id, "networks": list(key.networks),
        "nonces": key.nonces, "staff": key.staff_id, "person": key.person,
        "by": None if by is None else by.person,
    }  # fmt: skip
    record.leaf(kind, key.id, body)
    await record.write(tx)
