"""Writes of agreed limits."""

from __future__ import annotations

from datetime import datetime, timedelta

from anfu.limits.agreed.agreed import AgreedKey, AgreedLimit, changed, check_agreed
from anfu.limits.agreed.queries import COLUMNS, agreed_of
from anfu.storage.transaction import Tx


async def agree(
    tx: Tx, *, key: AgreedKey, most: int | None, cooling_off: timedelta, now: datetime
) -> tuple[AgreedLimit, AgreedLimit]:
    """Change a customer's limit to `most` (None lifts it): the limit before and after.

    Of two changes at one moment the second sees the first: a raise never escapes its cooling-off.
    Raises Refused(agreed_limit_unknown | currency_unknown | limit_amount_invalid).
    """
    check_agreed(key.metric, key.window, key.currency, most)
    name = (key.customer, key.metric, key.window, key.currency)
    await tx.execute(
        "INSERT INTO limits.agreed_limit (customer, metric, span, currency, set_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        *name,
        now,
    )
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM limits.agreed_limit"
        " WHERE (customer, metric, span, currency) = ($1, $2, $3, $4) FOR UPDATE",
        *name,
    )
    assert row is not None
    before = agreed_of(row).at(now)
    after = changed(before, most, cooling_off=cooling_off, now=now)
    await tx.execute(
        "UPDATE limits.agreed_limit SET most = $5, set_at = $6, next_most = $7, next_at = $8"
        " WHERE (customer, metric, span, currency) = ($1, $2, $3, $4)",
        *name, after.most, after.set_at, after.next_most, after.next_at,
    )  # fmt: skip
    return before, after


async def forget_agreed(tx: Tx, *, customer: str) -> None:
    """No agreement of a customer is left."""
    await tx.execute("DELETE FROM limits.agreed_limit WHERE customer = $1", customer)
