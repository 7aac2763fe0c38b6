"""Writes of the access log."""

from __future__ import annotations

from collections.abc import Sequence

from anfu.parties.reads.read import Read
from anfu.storage.transaction import Tx


async def note_reads(tx: Tx, *, reads: Sequence[Read]) -> None:
    """Write them down, before the data are handed over. A row each: their subjects are lists of
    different lengths."""
    for read in reads:
        await tx.execute(
            "INSERT INTO parties.access_log (id, at, caller, person, operation, subjects, why,"
            " address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            read.id, read.at, read.caller, read.person, read.operation, list(read.subjects),
            read.why, read.address,
        )  # fmt: skip
