"""Writes of attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from anfu.payments.attempts.attempt import Attempt
from anfu.storage.transaction import Tx


async def insert_attempts(tx: Tx, *, attempts: Sequence[Attempt]) -> None:
    """Keep attempts that were followed by another."""
    names = [field.name for field in fields(Attempt)]
    columns = ([getattr(attempt, name) for attempt in attempts] for name in names)
    if attempts:
        await tx.execute(
            "INSERT INTO payments.attempt (number, payment, channel, ended_at, reason, reference)"
            " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[],"
            " $5::text[], $6::text[])",
            *columns,
        )
