"""Reads of envelopes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anfu.parties.emergency.envelope import Envelope, opening_of
from anfu.parties.keyring import KeyRing
from anfu.parties.secret import secret_hash
from anfu.storage.transaction import Tx

COLUMNS = "id, opened_at, ends_at, closed_at, staff_id, address, sealed"


async def find_unopened(tx: Tx, secret: str) -> str | None:
    """The id of the envelope that this secret opens, locked, unless it was opened or voided."""
    found = await tx.fetchval(
        "SELECT id FROM parties.emergency WHERE secret_hash = $1 AND opened_at IS NULL"
        " AND voided_at IS NULL FOR UPDATE",
        secret_hash(secret),
    )
    return None if found is None else str(found)


async def list_opened(
    tx: Tx, *, ring: KeyRing, before: str | None = None, most: int = 50
) -> list[Envelope]:
    """A page of those that were opened, the newest first."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM parties.emergency WHERE opened_at IS NOT NULL"
        " AND ($1::text IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
        before,
        most,
    )
    return [_envelope(row, ring) for row in rows]


async def lock_over(tx: Tx, *, ring: KeyRing, now: datetime) -> list[Envelope]:
    """Those whose time has run out, or whose session has ended, and that are not closed."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM parties.emergency e WHERE opened_at IS NOT NULL"
        " AND closed_at IS NULL AND (ends_at <= $1 OR NOT EXISTS (SELECT 1 FROM"
        " parties.staff_session s WHERE s.staff_id = e.staff_id AND s.ended_at IS NULL))"
        " ORDER BY id FOR UPDATE SKIP LOCKED",
        now,
    )
    return [_envelope(row, ring) for row in rows]


def _envelope(row: Any, ring: KeyRing) -> Envelope:
    opening = opening_of(ring.unseal(row["sealed"], bound_to=row["id"]))
    known = {name: value for name, value in row.items() if name != "sealed"}
    return Envelope(**known, opening=opening)
