"""Writes of the request log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from anfu.kernel.ids import first_id
from anfu.parties.requests.request import PREFIX, Request
from anfu.storage.transaction import Tx

_NAMES = [field.name for field in fields(Request)]
_INSERT = f"""
INSERT INTO parties.request ({", ".join(_NAMES)})
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
    $6::smallint[], $7::text[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[])
"""


async def note_requests(
    tx: Tx, *, requests: Sequence[Request], unlogged: int, now: datetime
) -> None:
    """Write requests down, and how many there were besides for which there was no room."""
    if requests:
        columns = ([getattr(request, name) for request in requests] for name in _NAMES)
        await tx.execute(_INSERT, *columns)
    if unlogged:
        await tx.execute(
            "INSERT INTO parties.request_gap (at, unlogged) VALUES ($1, $2)", now, unlogged
        )


async def forget_requests(tx: Tx, *, before: datetime) -> None:
    """Drop what is older."""
    await tx.execute(
        "DELETE FROM parties.request WHERE id < $1", first_id(PREFIX, at=before)
    )  # fmt: skip
    await tx.execute("DELETE FROM parties.request_gap WHERE at < $1", before)
