"""Writes: sessions, devices, keys, ties."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.kernel.states import sources_of
from anfu.parties.devices.device import (
    NONCE_BYTES,
    SESSION_MOVES,
    TIE_MOVES,
    Device,
    Key,
    Place,
    Session,
    SessionState,
    Tie,
    TieState,
)
from anfu.parties.devices.likeness import blocks
from anfu.parties.devices.queries import tie_of
from anfu.storage.transaction import Raced, Tx

_CLOSE = """
UPDATE parties.device_session SET state = $2, profiled_at = $3, address = $4, device = $5,
       thumbprint = $6, standing = $7, signals = $8, latitude = $9, longitude = $10
 WHERE id = $1 AND state = ANY($11::text[])
"""
_DEVICE = """
INSERT INTO parties.device (id, created_at, last_seen_at, traits, blocks, latitude, longitude)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at, traits = excluded.traits,
    blocks = excluded.blocks, latitude = excluded.latitude, longitude = excluded.longitude
"""
_APART = """
UPDATE parties.device_key SET traits = $2::text::jsonb, blocks = $3, seen_at = $4, latitude = $5,
       longitude = $6
 WHERE thumbprint = $1 AND trust = 'ALIKE'
"""
_CONFIRM = """
WITH proven AS (
    UPDATE parties.device_key SET trust = 'CONFIRMED' WHERE thumbprint = $1 AND trust = 'ALIKE'
    RETURNING device, traits, blocks, seen_at, latitude, longitude
)
UPDATE parties.device d
   SET traits = p.traits, blocks = p.blocks, last_seen_at = p.seen_at, latitude = p.latitude,
       longitude = p.longitude
  FROM proven p WHERE d.id = p.device AND p.traits IS NOT NULL
"""
_SEEN = """
INSERT INTO parties.device_tie (device, payer, state, first_at, last_at, moved_at)
VALUES ($1, $2, 'SEEN', $3, $3, $3)
ON CONFLICT (device, payer) DO UPDATE SET last_at = excluded.last_at
"""
_MOVE = """
UPDATE parties.device_tie SET state = $3, moved_at = $4
 WHERE device = $1 AND payer = $2 AND state = ANY($5::text[]) RETURNING *
"""
# What describes a device is its payers': it goes with the last of them.
_FORGET = """
WITH emptied AS (
    UPDATE parties.device d
       SET traits = '{}', blocks = '{}', latitude = NULL, longitude = NULL
     WHERE d.id IN (SELECT device FROM parties.device_tie WHERE payer = $1)
       AND NOT EXISTS (
           SELECT FROM parties.device_tie t WHERE t.device = d.id AND t.payer NOT IN
               (SELECT customer FROM parties.erasure WHERE state = 'ERASED'))
    RETURNING d.id
), apart AS (
    UPDATE parties.device_key
       SET traits = NULL, blocks = NULL, seen_at = NULL, latitude = NULL, longitude = NULL
     WHERE device IN (SELECT id FROM emptied)
)
UPDATE parties.device_session SET address = NULL, latitude = NULL, longitude = NULL
 WHERE payer = $1 OR device IN (SELECT id FROM emptied)
"""


@dataclass(frozen=True, slots=True)
class TieMove:
    """A tie goes to `state`; `by` the API key that said so, `session` what it was said from."""

    device: str
    payer: str
    state: TieState
    by: str
    session: str | None = None


async def open_session(
    tx: Tx, *, merchant: str | None, payer: str | None, entropy: Entropy, now: datetime
) -> Session:
    """A session with a nonce never given out before."""
    session = Session(
        id=new_id("dss", now=now, entropy=entropy),
        nonce=entropy.bytes(NONCE_BYTES),
        merchant_id=merchant,
        payer=payer,
        state=SessionState.OPEN,
        created_at=now,
    )
    await tx.execute(
        "INSERT INTO parties.device_session (id, nonce, merchant_id, payer, state, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        session.id, session.nonce, merchant, payer, session.state, now,
    )  # fmt: skip
    return session


async def close_session(tx: Tx, *, session: Session) -> None:
    """Write what became of it. Raises Raced when another profile was first."""
    sources = [str(state) for state in sources_of(SESSION_MOVES, session.state)]
    place = session.place
    done = await tx.execute(
        _CLOSE, session.id, session.state, session.profiled_at, session.address, session.device,
        session.thumbprint, session.standing, list(session.signals),
        place and place.latitude, place and place.longitude, sources,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise Raced


async def put_device(tx: Tx, *, device: Device) -> None:
    """A new device, or how a known one looks now."""
    traits = dict(device.traits)
    place: Place | None = device.place
    await tx.execute(
        _DEVICE, device.id, device.created_at, device.last_seen_at, json.dumps(traits),
        blocks(traits), place and place.latitude, place and place.longitude,
    )  # fmt: skip


async def add_key(tx: Tx, *, key: Key, now: datetime) -> None:
    """Raises Raced when another profile brought the key first."""
    done = await tx.execute(
        "INSERT INTO parties.device_key (thumbprint, device, trust, created_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        key.thumbprint, key.device, key.trust, now,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Raced


async def set_apart(tx: Tx, *, thumbprint: str, seen: Device) -> None:
    """How a device looked with a key that is only alike: beside the key, not in its place."""
    traits, place = dict(seen.traits), seen.place
    done = await tx.execute(
        _APART, thumbprint, json.dumps(traits), blocks(traits), seen.last_seen_at,
        place and place.latitude, place and place.longitude,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise Raced


async def see(tx: Tx, *, device: str, payer: str, now: datetime) -> None:
    """Payer and device were seen together; a tie there is keeps its state."""
    await tx.execute(_SEEN, device, payer, now)


async def move_tie(tx: Tx, *, move: TieMove, now: datetime) -> Tie:
    """The tie after its move, which its history keeps.

    Raises Refused(device_not_tied) where there is none that may move so.
    """
    sources = [str(source) for source in sources_of(TIE_MOVES, move.state)]
    row = await tx.fetchrow(_MOVE, move.device, move.payer, move.state, now, sources)
    if row is None:
        raise Refused("device_not_tied", field="payer", device=move.device, wanted=move.state)
    await tx.execute(
        "INSERT INTO parties.device_tie_move (device, payer, at, state, by_key, session)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        move.device, move.payer, now, move.state, move.by, move.session,
    )  # fmt: skip
    return tie_of(row)


async def confirm_key(tx: Tx, *, thumbprint: str) -> None:
    """A key that was only alike is one of the device's from now on, which looks as it did with
    that key."""
    await tx.execute(_CONFIRM, thumbprint)


async def release_devices(tx: Tx, *, payer: str, by: str, now: datetime) -> None:
    """No device is BOUND to a payer any more; `by` the API key that said so."""
    bound = await tx.fetch(
        "SELECT device FROM parties.device_tie WHERE payer = $1 AND state = $2 ORDER BY device",
        payer, TieState.BOUND,
    )  # fmt: skip
    for row in bound:
        move = TieMove(row["device"], payer, TieState.REVOKED, by)
        await move_tie(tx, move=move, now=now)


async def forget_devices(tx: Tx, *, payer: str) -> None:
    """Where an erased payer was is gone, and how the devices look that nobody else was seen with.
    Ids and ties stay: they name nobody any more."""
    await tx.execute(_FORGET, payer)
