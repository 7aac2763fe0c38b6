"""Writes of figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.operations.figures.bucket import Bucket, Reason
from anfu.storage.transaction import Tx

_HOURS = """
INSERT INTO operations.bucket
SELECT 3600, date_trunc('hour', at, 'UTC'), currency, channel, state, sum(count), sum(amount),
       sum(retried)
FROM operations.bucket JOIN unnest($1::timestamptz[]) AS h (hour)
  ON span_s = 60 AND at >= hour AND at < hour + interval '1 hour'
GROUP BY 2, 3, 4, 5
"""
_HOURS_WHY = """
INSERT INTO operations.reason
SELECT 3600, date_trunc('hour', at, 'UTC'), kind, code, sum(count)
FROM operations.reason JOIN unnest($1::timestamptz[]) AS h (hour)
  ON span_s = 60 AND at >= hour AND at < hour + interval '1 hour'
GROUP BY 2, 3, 4
"""


async def lock_counted(tx: Tx) -> tuple[bool, datetime | None]:
    """Whether nobody else is counting, and up to when it was counted."""
    row = await tx.fetchrow("SELECT until FROM operations.counted FOR UPDATE SKIP LOCKED")
    return (False, None) if row is None else (True, row["until"])


async def note_counted(tx: Tx, *, until: datetime) -> None:
    """It is counted up to then."""
    await tx.execute("UPDATE operations.counted SET until = $1", until)


async def replace_minutes(
    tx: Tx, *, minutes: Sequence[datetime], buckets: Sequence[Bucket], reasons: Sequence[Reason]
) -> None:
    """Write what the minutes come to in place of what they came to before."""
    await _drop(tx, 60, minutes)
    await tx.execute(
        "INSERT INTO operations.bucket SELECT 60, * FROM unnest($1::timestamptz[], $2::text[],"
        " $3::text[], $4::text[], $5::bigint[], $6::numeric[], $7::bigint[])",
        *([getattr(b, name) for b in buckets] for name in Bucket.__slots__),
    )
    await tx.execute(
        "INSERT INTO operations.reason SELECT 60, * FROM unnest($1::timestamptz[], $2::text[],"
        " $3::text[], $4::bigint[])",
        *([getattr(r, name) for r in reasons] for name in Reason.__slots__),
    )


async def replace_hours(tx: Tx, *, hours: Sequence[datetime]) -> None:
    """Add the hours up again from their minutes."""
    await _drop(tx, 3600, hours)
    await tx.execute(_HOURS, hours)
    await tx.execute(_HOURS_WHY, hours)


async def forget_minutes(tx: Tx, *, before: datetime) -> None:
    """Drop minutes that nobody looks at any more; their hours stay."""
    for table in ("bucket", "reason"):
        await tx.execute(f"DELETE FROM operations.{table} WHERE span_s = 60 AND at < $1", before)


async def _drop(tx: Tx, span_s: int, moments: Sequence[datetime]) -> None:
    for table in ("bucket", "reason"):
        await tx.execute(
            f"DELETE FROM operations.{table} WHERE span_s = $1 AND at = ANY($2)", span_s, moments
        )
