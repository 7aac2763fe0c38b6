"""What was made through a channel, and where it stands: DONE, NOT_DONE (certainly not, and never)
or OPEN (may still be done).

`fill_…` fills a table of the caller's, of which it gives the name, with the columns number, refund
('' for a payment), amount, currency, state, at (when the order was made) and inside.
"""

from __future__ import annotations

from collections.abc import Sequence

from anfu.kernel.ids import first_id
from anfu.kernel.periods import Period
from anfu.payments.attempts.attempt import PAYMENT_LENGTH
from anfu.payments.payment import FINAL, State
from anfu.storage.transaction import Tx

# The number a network knows a payment by, and which network it is: said here and nowhere else.
_NUMBER = "CASE p.attempt WHEN 1 THEN p.id ELSE p.id || p.attempt END"
_CHANNEL = "p.channel"
_NOT_DONE = sorted(FINAL - {State.SUCCEEDED})
_PAYMENTS = f"""
SELECT {_NUMBER}, '', p.amount, p.currency,
       CASE WHEN p.state = 'SUCCEEDED' THEN 'DONE' WHEN p.state = ANY($2) THEN 'NOT_DONE'
            ELSE 'OPEN' END,
       p.created_at
"""
_REFUNDS = f"""
SELECT {_NUMBER}, r.id, r.amount, r.currency,
       CASE r.state WHEN 'SUCCEEDED' THEN 'DONE' WHEN 'FAILED' THEN 'NOT_DONE' ELSE 'OPEN' END,
       r.created_at
"""
# What came too late stands under the number of its own attempt, and goes back under one of its own.
# Only where it is named: the network took it without our asking, so it is never missing. Without
# a time: it may come, and go back, on another day than the one we saw it on.
_STRAYS = """
SELECT s.number, '' AS refund, s.amount, s.currency, 'DONE' AS state, NULL::timestamptz AS at
  FROM payments.stray s WHERE s.channel = $1
 UNION ALL
SELECT s.number, 'ret_' || substr(s.id, 5), s.amount, s.currency,
       CASE s.state WHEN 'RETURNED' THEN 'DONE' WHEN 'STUCK' THEN 'NOT_DONE' ELSE 'OPEN' END,
       NULL
  FROM payments.stray s WHERE s.channel = $1
"""
# An attempt that was followed by another, unless its money came after all.
_ENDED = """
SELECT a.number, '' AS refund, p.amount, p.currency, 'NOT_DONE' AS state, p.created_at
  FROM payments.attempt a JOIN payments.payment p ON p.id = a.payment
 WHERE a.channel = $1 AND NOT EXISTS (SELECT FROM payments.stray s WHERE s.number = a.number)
"""
_NO_STRAY = f"NOT EXISTS (SELECT FROM payments.stray s WHERE s.number = {_NUMBER})"
_INTO = "(number, refund, amount, currency, state, at, inside)"


async def fill_period(tx: Tx, table: str, channel: str, period: Period) -> None:
    """What was made through a channel within the period: `inside` is true."""
    assert period.end is not None
    ends = [[first_id(kind, at=at) for at in (period.start, period.end)] for kind in ("pay", "rfd")]
    await tx.execute(
        f"INSERT INTO {table} {_INTO} SELECT *, true FROM ({_PAYMENTS}"
        f" FROM payments.payment p WHERE p.id >= $3 AND p.id < $4 AND {_CHANNEL} = $1) AS made",
        channel, _NOT_DONE, *ends[0],
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO {table} {_INTO} SELECT *, true FROM ({_REFUNDS} FROM payments.refund r"
        " JOIN payments.payment p ON p.id = r.payment"
        f" WHERE r.id >= $2 AND r.id < $3 AND {_CHANNEL} = $1) AS made",
        channel, *ends[1],
    )  # fmt: skip


async def fill_named(tx: Tx, table: str, channel: str, names: str) -> None:
    """What was made through a channel whose (number, refund) stand in the table `names`: `inside`
    is false."""
    await tx.execute(
        f"INSERT INTO {table} {_INTO} SELECT *, false FROM ({_PAYMENTS} FROM {names} n"
        f" JOIN payments.payment p ON p.id = left(n.number, {PAYMENT_LENGTH})"
        f" AND n.number = {_NUMBER} AND n.refund = '' WHERE {_CHANNEL} = $1 AND {_NO_STRAY})"
        " AS made",
        channel, _NOT_DONE,
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO {table} {_INTO} SELECT *, false FROM ({_REFUNDS} FROM {names} n"
        f" JOIN payments.refund r ON r.id = n.refund JOIN payments.payment p ON p.id = r.payment"
        f" AND n.number = {_NUMBER} WHERE {_CHANNEL} = $1) AS made",
        channel,
    )  # fmt: skip
    for besides in (_STRAYS, _ENDED):
        await tx.execute(
            f"INSERT INTO {table} {_INTO} SELECT m.*, false FROM ({besides}) AS m"
            f" JOIN {names} n ON n.number = m.number AND n.refund = m.refund",
            channel,
        )


async def find_states(
    tx: Tx, channel: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Where those of the (number, refund) that were made through a channel stand."""
    numbers, refunds = [number for number, _ in keys], [refund for _, refund in keys]
    named = "unnest($2::text[], $3::text[]) AS n (number, refund)"
    found = [
        await tx.fetch(
            f"{_PAYMENTS.replace('$2', '$4')} FROM {named}"
            f" JOIN payments.payment p ON p.id = left(n.number, {PAYMENT_LENGTH})"
            f" AND n.number = {_NUMBER} AND n.refund = '' WHERE {_CHANNEL} = $1 AND {_NO_STRAY}",
            channel, numbers, refunds, _NOT_DONE,
        ),
        await tx.fetch(
            f"{_REFUNDS} FROM {named} JOIN payments.refund r ON r.id = n.refund"
            f" JOIN payments.payment p ON p.id = r.payment AND n.number = {_NUMBER}"
            f" WHERE {_CHANNEL} = $1",
            channel, numbers, refunds,
        ),
    ]  # fmt: skip
    for besides in (_STRAYS, _ENDED):
        statement = (
            f"SELECT m.* FROM ({besides}) AS m JOIN {named}"
            " ON n.number = m.number AND n.refund = m.refund"
        )
        found.append(await tx.fetch(statement, channel, numbers, refunds))
    return {(row[0], row[1]): row[4] for rows in found for row in rows}
