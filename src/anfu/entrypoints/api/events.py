"""Events: what happened, in the order it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from anfu.entrypoints.api.documents import PageQuery, PersonalFacts
from anfu.entrypoints.api.operation import Call, Operation
from anfu.storage import outbox
from anfu.storage.idempotency import Answer


class EventDocument(Struct, frozen=True):
    """`data` is the object as it was then."""

    id: str
    object: Literal["event"]
    kind: str
    created_at: datetime
    data: PersonalFacts


class EventList(Struct, frozen=True):
    """A page of events."""

    object: Literal["list"]
    data: list[EventDocument]
    more: bool


async def get(call: Call) -> Answer:
    """One event."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        event = await outbox.get_event(tx, call.path["event"], owner=call.merchant)
    call.saw(_person(event.body))
    return Answer(200, event.body)


async def list_(call: Call) -> Answer:
    """A page of events."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        events = await outbox.list_events(
            tx, owner=call.merchant, before=query.after, most=query.limit + 1
        )
    call.saw(*(_person(event.body) for event in events[: query.limit]))
    data = [msgspec.Raw(event.body) for event in events[: query.limit]]
    more = len(events) > query.limit
    return Answer(200, msgspec.json.encode({"object": "list", "data": data, "more": more}))


def _person(body: bytes) -> str | None:
    """Whom an event is about: the customer of a factor, a mandate or an order of the police, the
    payer of a payment."""
    data: dict[str, str] = msgspec.json.decode(body)["data"]
    return data.get("customer") or data.get("payer")


OPERATIONS = (
    Operation("list_events", "GET", "/v1/events", "List events.", list_, scope="events:read",
              query=PageQuery, answer=EventList, personal=True),
    Operation("get_event", "GET", "/v1/events/{event}", "Read an event.", get,
              scope="events:read", answer=EventDocument, personal=True,
              refusals=("event_not_found",)),
)  # fmt: skip
