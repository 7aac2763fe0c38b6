"""The three-way checks of the reserve fund (客户备付金三方核对)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import PageQuery, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.settlement.reserve.document import kept_document
from anfu.settlement.reserve.queries import list_checks
from anfu.storage.idempotency import Answer


class ReserveCheckDocument(Struct, frozen=True):
    """The check of a day, minor units: what `clients` are owed by purpose; `bank` and `channels`,
    where it is by the books; `own`: fees that still stand there; `statement`: the bank's closing
    balance; `differences` by name."""

    id: str
    object: Literal["reserve_check"]
    day: str
    currency: str
    clients: dict[str, int]
    clients_total: int
    bank: int
    channels: int
    own: int
    others: dict[str, int]
    statement: int
    unbooked: int
    differences: dict[str, int]
    whole: bool
    created_at: datetime


class ReserveCheckList(Struct, frozen=True):
    """A page of checks."""

    object: Literal["list"]
    data: list[ReserveCheckDocument]
    more: bool


async def list_reserve_checks(call: Call) -> Answer:
    """A page, the newest first."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_checks(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([kept_document(one) for one in found], query.limit))


OPERATIONS = (
    Operation("list_reserve_checks", "GET", "/v1/reserve-checks", "List the three-way checks of"
              " the reserve fund.", list_reserve_checks, scope="settlements:read",
              query=PageQuery, answer=ReserveCheckList, institution=True),
)  # fmt: skip
