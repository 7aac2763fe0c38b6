"""Reads of the targets as they were drawn up."""

from __future__ import annotations

from anfu.operations.targets.sheet import Sheet, read_sheet
from anfu.storage.transaction import Tx


async def find_sheet(tx: Tx, currency: str) -> Sheet | None:
    """The last sheet of a currency."""
    body = await tx.fetchval("SELECT body FROM operations.sheet WHERE currency = $1", currency)
    return None if body is None else read_sheet(body)
