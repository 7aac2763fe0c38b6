"""Writes of the targets as they were drawn up."""

from __future__ import annotations

from anfu.operations.targets.sheet import Sheet, write_sheet
from anfu.storage.transaction import Tx

_PUT = """
INSERT INTO operations.sheet AS kept (currency, drawn_at, body) VALUES ($1, $2, $3)
ON CONFLICT (currency) DO UPDATE SET drawn_at = excluded.drawn_at, body = excluded.body
WHERE kept.drawn_at < excluded.drawn_at
"""


async def put_sheet(tx: Tx, *, currency: str, sheet: Sheet) -> None:
    """In place of the one before; one drawn up later by another worker stays."""
    await tx.execute(_PUT, currency, sheet.drawn_at, write_sheet(sheet))
