"""What was made through a channel, and where it stands: DONE, NOT_DONE (certainly not, and never)
or OPEN (may still be done).

`fill_…` fills a table of the caller's, of which it gives the name, with the columns number, refund
('' for a payment), amount, currency, state, at (when the order was made) and inside.
"""

from __future__ import annotations

from collections.abc import Sequence

from anfu.kernel.ids import first_id
from anfu.kernel.periods import Period
from anfu.payments.payment import FINAL, State
from anfu.storage.transaction import Tx

# The number a network knows a payment by, and which network it is: said here and nowhere else.
_NUMBER, _CHANNEL = "p.id", "p.method"
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
# Behind it stands the number of the attempt, from the second one on.
_ID_LENGTH = 30
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
        f"INSERT INTO {table} {_INTO} SELECT *, false FROM ({_PAYMENTS} FROM payments.payment p"
        f" JOIN {names} n ON n.number = {_NUMBER} AND n.refund = ''"
        f" WHERE {_CHANNEL} = $1) AS made",
        channel, _NOT_DONE,
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO {table} {_INTO} SELECT *, false FROM ({_REFUNDS} FROM payments.refund r"
        f" JOIN payments.payment p ON p.id = r.payment"
        f" JOIN {names} n ON n.number = {_NUMBER} AND n.refund = r.id"
        f" WHERE {_CHANNEL} = $1) AS made",
        channel,
    )  # fmt: skip


async def find_states(
    tx: Tx, channel: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Where those of the (number, refund) that were made through a channel stand."""
    numbers, refunds = [number for number, _ in keys], [refund for _, refund in keys]
    rows = await tx.fetch(
        f"{_PAYMENTS} FROM payments.payment p"
        f" WHERE {_CHANNEL} = $1 AND {_NUMBER} = ANY($3)"
        " AND EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (number, refund)"
        f" WHERE n.number = {_NUMBER} AND n.refund = '')",
        channel, _NOT_DONE, numbers, refunds,
    )  # fmt: skip
    given = await tx.fetch(
        f"{_REFUNDS} FROM payments.refund r JOIN payments.payment p ON p.id = r.payment"
        f" JOIN unnest($2::text[], $3::text[]) AS n (number, refund)"
        f" ON n.refund = r.id AND n.number = {_NUMBER} WHERE {_CHANNEL} = $1",
        channel, numbers, refunds,
    )  # fmt: skip
    return {(row[0], row[1]): row[4] for row in [*rows, *given]}


def payment_id(number: str) -> str:
    """The payment a network means by a number."""
    return number[:_ID_LENGTH]
