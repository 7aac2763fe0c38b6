"""Strays: money that came for attempts which were over, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, Limit, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.strays import queries
from anfu.payments.strays.stray import StrayState, stray_document
from anfu.storage.idempotency import Answer


class StrayQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`state` narrows the list."""

    limit: Limit = 20
    after: Id | None = None
    state: StrayState | None = None


class StrayDocument(Struct, frozen=True):
    """Money a network took under `number`, an attempt of `payment` that was over. OWED: it goes
    back; RETURNED: it has; STUCK: it cannot, for `failure`, and somebody must find another way."""

    id: str
    object: Literal["stray"]
    state: StrayState
    payment: str
    number: str
    channel: str
    amount: int
    currency: str
    channel_reference: str | None
    failure: str | None
    seen_at: datetime
    ended_at: datetime | None


class StrayList(Struct, frozen=True):
    """A page of strays, the newest first."""

    object: Literal["list"]
    data: list[StrayDocument]
    more: bool


async def list_(call: Call) -> Answer:
    """A page of strays."""
    query: StrayQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_strays(
            tx, query.limit + 1, before=query.after, state=query.state
        )
    return Answer(200, page([stray_document(stray) for stray in found], query.limit))


OPERATIONS = (
    Operation("list_strays", "GET", "/v1/strays", "List money that came too late and goes back.",
              list_, scope="payments:read", institution=True, query=StrayQuery, answer=StrayList),
)  # fmt: skip
