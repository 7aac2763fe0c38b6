"""Reads. `merchant` is the caller's scope, as in the queries of parties."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.devices.device import (
    Device,
    Key,
    Place,
    Session,
    SessionState,
    Standing,
    Tie,
    TieState,
    Trust,
)
from anfu.parties.devices.likeness import Candidate
from anfu.parties.queries import check_not_stored
from anfu.storage.transaction import Tx

# More devices of one model than this tell nothing apart.
_MOST = 64
_SESSIONS = """
SELECT s.id, s.nonce, s.merchant_id, s.payer, s.state, s.created_at, s.profiled_at, s.address,
       s.device, s.thumbprint, s.standing, s.signals, s.latitude, s.longitude,
       coalesce(t.state = 'BOUND', false)
  FROM parties.device_session s
  LEFT JOIN parties.device_tie t ON t.device = s.device AND t.payer = s.payer
 WHERE s.id = ANY($1::text[])
"""
_CANDIDATES = """
SELECT d.id, d.traits, t.device IS NOT NULL AS own
  FROM parties.device d
  LEFT JOIN parties.device_tie t
    ON t.device = d.id AND t.payer = $2 AND t.state <> 'REVOKED'
 WHERE d.blocks && $1::text[] OR t.device IS NOT NULL
 ORDER BY own DESC, d.last_seen_at DESC LIMIT $3
"""


async def find_sessions(tx: Tx, ids: Sequence[str]) -> dict[str, Session]:
    """Sessions by id, whoever opened them; those that do not exist are left out."""
    found = [_session(*row) for row in await tx.fetch(_SESSIONS, list(ids))]
    return {session.id: session for session in found}


async def get_session(tx: Tx, id_: str, *, merchant: str | None) -> Session:
    """Raises Refused(device_session_not_found), also outside the scope, and customer_stored once
    its payer asked to be forgotten."""
    session = (await find_sessions(tx, [id_])).get(id_)
    if session is None or merchant not in (None, session.merchant_id):
        raise Refused("device_session_not_found", field="session", session=id_)
    if session.payer is not None:
        await check_not_stored(tx, session.payer)
    return session


async def is_nonce_known(tx: Tx, nonce: bytes) -> bool:
    """Whether it was given out, to whatever session."""
    found = await tx.fetchval("SELECT 1 FROM parties.device_session WHERE nonce = $1", nonce)
    return found is not None


async def find_key(tx: Tx, thumbprint: str) -> Key | None:
    """The device key with this thumbprint."""
    row = await tx.fetchrow("SELECT * FROM parties.device_key WHERE thumbprint = $1", thumbprint)
    return None if row is None else Key(row["thumbprint"], row["device"], Trust(row["trust"]))


async def list_keys(tx: Tx, device: str) -> list[Key]:
    """The keys of a device, oldest first."""
    rows = await tx.fetch(
        "SELECT * FROM parties.device_key WHERE device = $1 ORDER BY created_at, thumbprint", device
    )
    return [Key(row["thumbprint"], row["device"], Trust(row["trust"])) for row in rows]


async def find_device(tx: Tx, id_: str) -> Device | None:
    """A device by its id."""
    row = await tx.fetchrow("SELECT * FROM parties.device WHERE id = $1", id_)
    if row is None:
        return None
    traits = json.loads(row["traits"])
    return Device(row["id"], row["created_at"], row["last_seen_at"], traits, _place(row))


async def get_device(tx: Tx, id_: str) -> Device:
    """Raises Refused(device_not_found)."""
    device = await find_device(tx, id_)
    if device is None:
        raise Refused("device_not_found", field="device", device=id_)
    return device


async def list_candidates(tx: Tx, blocks: Sequence[str], payer: str | None) -> list[Candidate]:
    """Devices that may be alike: of one of the blocks, or seen with the payer."""
    rows = await tx.fetch(_CANDIDATES, list(blocks), payer, _MOST)
    return [Candidate(row["id"], json.loads(row["traits"]), row["own"]) for row in rows]


async def list_ties(
    tx: Tx, *, device: str | None = None, payer: str | None = None, most: int = 100
) -> list[Tie]:
    """The ties of a device or of a payer, last seen first; not those of customers that are only
    stored."""
    rows = await tx.fetch(
        "SELECT * FROM parties.device_tie"
        " WHERE ($1::text IS NULL OR device = $1) AND ($2::text IS NULL OR payer = $2)"
        " AND payer NOT IN (SELECT id FROM parties.customer WHERE stored_since IS NOT NULL)"
        " ORDER BY last_at DESC, device, payer LIMIT $3",
        device, payer, most,
    )  # fmt: skip
    return [tie_of(row) for row in rows]


async def list_sessions_of(tx: Tx, payer: str) -> list[Session]:
    """Every session opened for a payer, oldest first."""
    rows = await tx.fetch(
        "SELECT id FROM parties.device_session WHERE payer = $1 ORDER BY id", payer
    )
    found = await find_sessions(tx, [row["id"] for row in rows])
    return [found[row["id"]] for row in rows]


def tie_of(row: Any) -> Tie:
    """A row as a tie."""
    state = TieState(row["state"])
    return Tie(row["device"], row["payer"], state, row["first_at"], row["last_at"], row["moved_at"])


def _session(*row: Any) -> Session:
    """As `_SESSIONS` has them."""
    id_, nonce, merchant, payer, state, created, profiled, *seen, latitude, longitude, bound = row
    address, device, thumbprint, standing, signals = seen
    return Session(
        id_, nonce, merchant, payer, SessionState(state), created, profiled, address, device,
        thumbprint, standing and Standing(standing), tuple(signals),
        None if latitude is None else Place(latitude, longitude), bound,
    )  # fmt: skip


def _place(row: Any) -> Place | None:
    return None if row["latitude"] is None else Place(row["latitude"], row["longitude"])
