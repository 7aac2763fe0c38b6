"""Reads of attempts."""

from __future__ import annotations

from collections.abc import Sequence

from anfu.payments.attempts.attempt import Attempt
from anfu.storage.transaction import Tx


async def find_attempts(tx: Tx, payments: Sequence[str]) -> dict[str, list[Attempt]]:
    """The attempts that ended before the present one, by payment, in their order."""
    rows = await tx.fetch(
        "SELECT number, payment, channel, ended_at, reason, reference FROM payments.attempt"
        " WHERE payment = ANY($1) ORDER BY number",
        payments,
    )
    found: dict[str, list[Attempt]] = {}
    for row in rows:
        found.setdefault(row["payment"], []).append(Attempt(**row))
    return found
