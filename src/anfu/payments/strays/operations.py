"""Writes of strays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anfu.payments.strays.queries import STRAY_COLUMNS, STRAY_NAMES, stray_of
from anfu.payments.strays.stray import Stray
from anfu.storage.transaction import Tx


async def insert_strays(tx: Tx, *, strays: Sequence[Stray]) -> list[Stray]:
    """Write strays; those whose number was not known."""
    if not strays:
        return []
    columns = ([getattr(stray, name) for stray in strays] for name in STRAY_NAMES)
    rows = await tx.fetch(
        f"INSERT INTO payments.stray ({STRAY_COLUMNS})"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],"
        " $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[],"
        " $12::timestamptz[]) ON CONFLICT (number) DO NOTHING RETURNING id",
        *columns,
    )
    known = {row["id"] for row in rows}
    return [stray for stray in strays if stray.id in known]


async def advance_stray(tx: Tx, *, before: Stray, after: Stray) -> bool:
    """Write how a stray ended; False where somebody else has."""
    done = await tx.execute(
        "UPDATE payments.stray SET state = $3, ended_at = $4, failure = $5, due_at = $6"
        " WHERE id = $1 AND state = $2",
        after.id, before.state, after.state, after.ended_at, after.failure, after.due_at,
    )  # fmt: skip
    return done == "UPDATE 1"


async def take_due_strays(tx: Tx, *, now: datetime, most: int, lease: timedelta) -> list[Stray]:
    """Strays to give back, put off by `lease`."""
    rows = await tx.fetch(
        "UPDATE payments.stray SET due_at = $1 + $3, attempts = attempts + 1 WHERE id IN"
        " (SELECT id FROM payments.stray WHERE due_at <= $1 ORDER BY due_at LIMIT $2"
        f" FOR UPDATE SKIP LOCKED) RETURNING {STRAY_COLUMNS}",
        now,
        most,
        lease,
    )
    return [stray_of(row) for row in rows]
