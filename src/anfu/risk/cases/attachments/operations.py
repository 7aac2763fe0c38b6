"""Writes of attachments."""

from __future__ import annotations

from dataclasses import astuple

from anfu.risk.cases.attachments.attachment import Attachment
from anfu.risk.cases.attachments.queries import COLUMNS
from anfu.storage.transaction import Tx


async def insert_attachment(tx: Tx, *, attachment: Attachment, content: bytes) -> None:
    """Keep one with its content, sealed for its id."""
    await tx.execute(
        f"INSERT INTO risk.case_attachment ({COLUMNS}, content)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *astuple(attachment),
        content,
    )
