"""Reads of the access log."""

from __future__ import annotations

from anfu.parties.reads.read import Read
from anfu.storage.transaction import Tx

COLUMNS = "id, at, caller, person, operation, subjects, why, address"


async def list_reads(
    tx: Tx,
    *,
    person: str | None = None,
    subject: str | None = None,
    before: str | None = None,
    most: int = 50,
) -> list[Read]:
    """A page, the newest first, of what `person` read, and of `subject`, where they are given."""
    conditions = [
        ("person = ", person),
        ("subjects @> ARRAY[{}::text]", subject),
        ("id < ", before),
    ]
    asked = [(text, value) for text, value in conditions if value is not None]
    where = " AND ".join(
        text.format(f"${n}") if "{}" in text else f"{text}${n}"
        for n, (text, _) in enumerate(asked, 2)
    )
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM parties.access_log WHERE {where or 'true'}"
        " ORDER BY id DESC LIMIT $1",
        most,
        *(value for _, value in asked),
    )
    return [Read(**{**row, "subjects": tuple(row["subjects"])}) for row in rows]
