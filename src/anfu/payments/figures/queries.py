"""Reads of payments and refunds as numbers. Amounts in minor units of one currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.kernel.ids import first_id
from anfu.storage.transaction import Tx

_MINUTE = timedelta(minutes=1)
_NO_SUCCESS = "('FAILED', 'REFUSED', 'EXPIRED', 'CANCELLED', 'BLOCKED', 'REJECTED')"
_WITHIN = """
FROM unnest($1::text[], $2::text[]) AS w (first, last)
JOIN payments.payment p ON p.id >= w.first AND p.id < w.last
"""
# Another try: the same payer and payee and number of the order, and it went well or came later.
_MINUTES = f"""
SELECT date_trunc('minute', p.created_at) AS minute, p.currency,
       coalesce(p.channel, p.method) AS channel, p.state, count(*), sum(p.amount),
       count(*) FILTER (WHERE p.merchant_order IS NOT NULL
           AND p.state IN {_NO_SUCCESS} AND EXISTS (
               SELECT FROM payments.payment o
               WHERE o.merchant_order = p.merchant_order AND o.payer = p.payer
                 AND o.payee = p.payee AND (o.state = 'SUCCEEDED' OR o.id > p.id)))
{_WITHIN} GROUP BY 1, 2, 3, 4
"""
# Details leave out what is empty: a look at the bytes tells which need not be read.
_REASONS = f"""
WITH told AS MATERIALIZED (
    SELECT date_trunc('minute', p.created_at) AS minute,
           convert_from(p.detail, 'UTF8')::jsonb AS detail {_WITHIN}
    WHERE position('"reasons":'::bytea IN p.detail) > 0
       OR position('"failure":'::bytea IN p.detail) > 0
       OR position('"refusal":'::bytea IN p.detail) > 0
)
SELECT minute, kind, code, count(*) FROM (
    SELECT minute, 'DECISION', jsonb_array_elements_text(detail -> 'reasons') FROM told
    UNION ALL SELECT minute, 'FAILURE', detail ->> 'failure' FROM told
    UNION ALL SELECT minute, 'REFUSAL',
        coalesce(detail #>> '{{refusal,rule}}', detail #>> '{{refusal,code}}') FROM told
) AS reasons (minute, kind, code)
WHERE code IS NOT NULL GROUP BY 1, 2, 3
"""
_TRIES = """
SELECT DISTINCT o.id FROM payments.payment p
JOIN payments.payment o ON o.merchant_order = p.merchant_order AND o.payer = p.payer
 AND o.payee = p.payee AND o.id < p.id
WHERE p.id = ANY($1::text[])
"""
_REFUNDS = """
SELECT count(*) FILTER (WHERE state = 'SUCCEEDED' AND took <= $3::interval) AS in_time,
       count(*) FILTER (WHERE state = 'SUCCEEDED'
           OR created_at <= $2::timestamptz - $3::interval) AS due,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY took) FILTER (WHERE state = 'SUCCEEDED')
           AS p95
FROM (SELECT state, created_at, updated_at - created_at AS took FROM payments.refund
      WHERE id >= $1) AS r
"""


async def count_minutes(
    tx: Tx, minutes: Sequence[datetime]
) -> list[tuple[datetime, str, str, str, int, int, int]]:
    """Payments made in each minute, as they stand: minute, currency, channel (`balance` where
    there is none), state, count, sum, how many were followed by another try."""
    return [tuple(row) for row in await tx.fetch(_MINUTES, *_ranges(minutes))]


async def count_reasons(
    tx: Tx, minutes: Sequence[datetime]
) -> list[tuple[datetime, str, str, int]]:  # fmt: skip
    """Why payments made in each minute were asked about, stopped or not done: minute, DECISION,
    FAILURE or REFUSAL, code, count."""
    return [tuple(row) for row in await tx.fetch(_REASONS, *_ranges(minutes))]


async def tries_before(tx: Tx, payments: Sequence[str]) -> list[str]:
    """Payments made before those, for the same orders."""
    return [row["id"] for row in await tx.fetch(_TRIES, payments)] if payments else []


async def standings(
    tx: Tx, payments: Sequence[str], *, currency: str
) -> dict[str, tuple[int, int]]:  # fmt: skip
    """Of those payments in one currency, count and sum by state."""
    rows = await tx.fetch(
        "SELECT state, count(*) AS n, sum(amount)::bigint AS amount FROM payments.payment"
        " WHERE id = ANY($1::text[]) AND currency = $2 GROUP BY state",
        payments,
        currency,
    )
    return {row["state"]: (row["n"], row["amount"]) for row in rows}


_CHANNEL_TIMES = """
SELECT channel, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS p50,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY took) AS p95
FROM (SELECT channel, state, refunded, updated_at - created_at AS took FROM payments.payment
      WHERE id >= $1 ORDER BY id DESC LIMIT $2) AS latest
WHERE state = 'SUCCEEDED' AND refunded = 0 AND channel IS NOT NULL GROUP BY 1
"""


async def channel_times(
    tx: Tx, since: datetime, *, most: int
) -> dict[str, tuple[timedelta, timedelta]]:
    """Of the `most` latest payments since then, by channel: within what time half of those that
    succeeded had, and 95 of 100; the payer's own time is in it."""
    rows = await tx.fetch(_CHANNEL_TIMES, first_id("pay", at=since), most)
    return {row["channel"]: (row["p50"], row["p95"]) for row in rows}


@dataclass(frozen=True, slots=True)
class RefundTimes:
    """Of the refunds begun in a period: how many were done in time, among those done or past
    their time, and how long 95 of 100 done ones took at the most (None: none was done)."""

    in_time: int
    due: int
    p95: timedelta | None


async def refund_times(
    tx: Tx, since: datetime, *, within: timedelta, now: datetime
) -> RefundTimes:  # fmt: skip
    """How long the refunds begun since then took."""
    row = await tx.fetchrow(_REFUNDS, first_id("rfd", at=since), now, within)
    return RefundTimes(**row)


def _ranges(minutes: Sequence[datetime]) -> tuple[list[str], list[str]]:
    """The minutes as ranges of ids, which carry the time they were made. Minutes that follow one
    another are one range: for many short ones the whole table would be read."""
    starts: list[datetime] = []
    ends: list[datetime] = []
    for minute in sorted(minutes):
        if ends and ends[-1] == minute:
            ends[-1] = minute + _MINUTE
        else:
            starts.append(minute)
            ends.append(minute + _MINUTE)
    return (
        [first_id("pay", at=moment) for moment in starts],
        [first_id("pay", at=moment) for moment in ends],
    )
