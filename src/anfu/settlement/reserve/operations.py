"""Writes of reserve checks."""

from __future__ import annotations

from anfu.kernel.canonical import canonical_bytes
from anfu.settlement.reserve.queries import Kept
from anfu.storage.transaction import Tx


async def insert_check(tx: Tx, *, check: Kept) -> None:
    """Write one; a day may have several, the last is how it stands."""
    await tx.execute(
        "INSERT INTO settlement.reserve_check (id, day, currency, at, whole, body)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        check.id, check.day, check.currency, check.at, check.whole,
        canonical_bytes(check.parts).decode(),
    )  # fmt: skip
