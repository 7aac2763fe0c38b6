"""Reads of feedback."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from anfu.payments.feedback.feedback import SATISFIED, Feedback, Satisfaction
from anfu.storage.transaction import Tx

NAMES = tuple(field.name for field in fields(Feedback))
COLUMNS = ", ".join(NAMES)


async def find_feedback(tx: Tx, checkout: str) -> Feedback | None:
    """What was said of a checkout."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM payments.feedback WHERE checkout = $1", checkout
    )
    return None if row is None else Feedback(**row)


async def list_feedback(
    tx: Tx, limit: int, *, before: str | None, merchant: str | None
) -> list[Feedback]:
    """A page of feedback, the newest first."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM payments.feedback WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR payee = $2) ORDER BY id DESC LIMIT $3",
        before,
        merchant,
        limit,
    )
    return [Feedback(**row) for row in rows]


async def measure_satisfaction(
    tx: Tx, *, since: datetime, until: datetime, merchant: str | None
) -> Satisfaction:
    """Of the scores given from `since` to before `until`."""
    row = await tx.fetchrow(
        "SELECT count(*) AS count, count(*) FILTER (WHERE score >= $4) AS satisfied"
        " FROM payments.feedback WHERE at >= $1 AND at < $2"
        " AND ($3::text IS NULL OR payee = $3)",
        since,
        until,
        merchant,
        SATISFIED,
    )
    assert row is not None  # an aggregate is always one row
    return Satisfaction(row["count"], row["satisfied"])
