"""Reads of the request log."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import first_id
from anfu.parties.requests.request import PREFIX, Request
from anfu.storage.transaction import Tx

_COLUMNS = ", ".join(field.name for field in fields(Request))


@dataclass(frozen=True, slots=True)
class Sought:
    """Which requests: at most `most`, older than `before`; None narrows nothing. `failed`: those
    with a status from 400 on, or the others. In time from `since` to before `until`."""

    most: int
    before: str | None = None
    caller: str | None = None
    operation: str | None = None
    status: int | None = None
    failed: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


async def get_request(tx: Tx, request: str) -> Request:
    """Raises Refused `request_not_found`."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM parties.request WHERE id = $1", request)
    if row is None:
        raise Refused("request_not_found", field="request")
    return Request(**row)


async def list_requests(tx: Tx, sought: Sought) -> list[Request]:
    """A page, the newest first."""
    low = None if sought.since is None else first_id(PREFIX, at=sought.since)
    high = None if sought.until is None else first_id(PREFIX, at=sought.until)
    conditions = [
        ("id <", sought.before), ("id >=", low), ("id <", high), ("caller =", sought.caller),
        ("operation =", sought.operation), ("status =", sought.status),
    ]  # fmt: skip
    asked = [(text, value) for text, value in conditions if value is not None]
    where = [f"{text} ${n}" for n, (text, _) in enumerate(asked, 2)]
    if sought.failed is not None:
        where.append("status >= 400" if sought.failed else "status < 400")
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM parties.request WHERE {' AND '.join(where) or 'true'}"
        " ORDER BY id DESC LIMIT $1",
        sought.most,
        *(value for _, value in asked),
    )
    return [Request(**row) for row in rows]


async def count_unlogged(tx: Tx, *, since: datetime | None, until: datetime | None) -> int:
    """How many requests of that time were answered and not written down."""
    found = await tx.fetchval(
        "SELECT coalesce(sum(unlogged), 0)::bigint FROM parties.request_gap"
        " WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)",
        since, until,
    )  # fmt: skip
    return int(found)
