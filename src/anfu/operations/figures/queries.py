"""Reads of what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.operations.figures.bucket import Why
from anfu.storage.transaction import Tx


class Span(StrEnum):
    """What a series shows: the last hour by minute, the last day by five minutes, thirty days by
    day (自然日)."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


_WIDTHS = {Span.HOUR: (60, 60), Span.DAY: (60, 300), Span.MONTH: (3600, 86_400)}
# Civil days begin at 16:00 UTC.
_STEP = "date_bin(make_interval(secs => $3), at, timestamptz '2000-01-01 00:00+08')"
_SERIES = f"""
SELECT {_STEP} AS at, state, sum(count)::bigint AS count,
       coalesce(sum(amount) FILTER (WHERE currency = $4), 0)::bigint AS amount
FROM operations.bucket WHERE span_s = $1 AND at >= $2 GROUP BY 1, 2 ORDER BY 1, 2
"""
_CHANNELS = """
SELECT channel, state, sum(count)::bigint AS count FROM operations.bucket
WHERE span_s = $1 AND at >= $2 GROUP BY 1, 2 ORDER BY 1, 2
"""
_REASONS = """
SELECT kind, code, sum(count)::bigint AS count FROM operations.reason
WHERE span_s = $1 AND at >= $2 GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT $3
"""
_SUMS = """
SELECT state, sum(count)::bigint AS count, sum(amount)::bigint AS amount,
       sum(retried)::bigint AS retried
FROM operations.bucket WHERE span_s = 3600 AND at >= $2 AND at < $3 AND currency = $1 GROUP BY 1
"""


def width_s(span: Span) -> int:
    """How many seconds each point of a series is wide."""
    return _WIDTHS[span][1]


@dataclass(frozen=True, slots=True)
class Point:
    """What was made from `at` on, for the width of the series, in one state; `amount` of one
    currency alone."""

    at: datetime
    state: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Payments in one state: count, minor units, and how many were followed by another try."""

    count: int = 0
    amount: int = 0
    retried: int = 0


async def counted_until(tx: Tx) -> datetime | None:
    """Up to when payments are counted; None is not at all yet."""
    until: datetime | None = await tx.fetchval("SELECT until FROM operations.counted")
    return until


async def list_points(tx: Tx, span: Span, since: datetime, *, currency: str) -> list[Point]:
    """The series of a span, from `since` on."""
    counted, width = _WIDTHS[span]
    rows = await tx.fetch(_SERIES, counted, since, width, currency)
    return [Point(**row) for row in rows]


async def channel_states(tx: Tx, span: Span, since: datetime) -> dict[str, dict[str, int]]:
    """How many payments through each channel stand where."""
    found: dict[str, dict[str, int]] = {}
    for row in await tx.fetch(_CHANNELS, _WIDTHS[span][0], since):
        found.setdefault(row["channel"], {})[row["state"]] = row["count"]
    return found


async def top_reasons(
    tx: Tx, span: Span, since: datetime, *, most: int
) -> list[tuple[Why, str, int]]:  # fmt: skip
    """The most frequent reasons: kind, code, count."""
    rows = await tx.fetch(_REASONS, _WIDTHS[span][0], since, most)
    return [(Why(row["kind"]), row["code"], row["count"]) for row in rows]


async def sum_hours(
    tx: Tx, since: datetime, until: datetime, *, currency: str
) -> dict[str, Sum]:  # fmt: skip
    """The hours that begin in `[since, until)`, by state."""
    rows = await tx.fetch(_SUMS, currency, since, until)
    return {row["state"]: Sum(row["count"], row["amount"], row["retried"]) for row in rows}
