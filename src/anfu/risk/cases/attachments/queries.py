"""Reads of attachments, still sealed."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from anfu.kernel.errors import Refused
from anfu.risk.cases.attachments.attachment import Attachment, MediaType
from anfu.storage.transaction import Tx

COLUMNS = ", ".join(field.name for field in fields(Attachment))


async def list_attachments(tx: Tx, case: str) -> list[Attachment]:
    """What was attached to a case, the latest last."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.case_attachment WHERE case_id = $1 ORDER BY id", case
    )
    return [_attachment_of(row) for row in rows]


async def get_attachment(tx: Tx, case: str, attachment: str) -> tuple[Attachment, bytes]:
    """One of a case, and its content. Raises Refused("attachment_not_found")."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS}, content FROM risk.case_attachment WHERE case_id = $1 AND id = $2",
        case,
        attachment,
    )
    if row is None:
        raise Refused("attachment_not_found", field="attachment")
    named = dict(row)
    content = named.pop("content")
    return _attachment_of(named), content


def _attachment_of(row: Any) -> Attachment:
    return Attachment(**{**row, "media_type": MediaType(row["media_type"])})
