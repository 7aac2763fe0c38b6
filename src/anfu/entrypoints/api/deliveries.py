"""Deliveries: what became of events on their way to endpoints, and sending them once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, Limit, Moment, Request, page_to
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.parties import queries
from anfu.payments.document import encode, rfc3339
from anfu.storage import deliveries, idempotency
from anfu.storage.deliveries import Delivery, Ended, Sought
from anfu.storage.idempotency import Answer
from anfu.storage.outbox import DeliveryState
from anfu.storage.transaction import Tx

REPLAYED_MOST = 1_000
"""How many deliveries are put back by one call."""


class DeliveryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Deliveries in one state, of one event, to one endpoint."""

    limit: Limit = 20
    after: Id | None = None
    state: DeliveryState | None = None
    event: Id | None = None
    endpoint: Id | None = None


class ReplayForm(Request, frozen=True):
    """What was given up, or was delivered, of the events since a moment; `after`: where a call
    before this one ended."""

    since: Moment
    state: Literal["DEAD", "DELIVERED"] = "DEAD"
    after: Id | None = None


class ReplayDocument(Struct, frozen=True):
    """How many deliveries are due again, up to `last`; `more`: ask again with `after` that one."""

    object: Literal["replay"]
    endpoint: str
    replayed: int
    last: str | None
    more: bool


class DeliveryDocument(Struct, frozen=True):
    """An event on its way to an endpoint."""

    id: str
    object: Literal["delivery"]
    event: str
    endpoint: str
    state: DeliveryState
    attempts: int
    answered: int | None
    error: str | None
    next_at: datetime | None


class DeliveryList(Struct, frozen=True):
    """A page of deliveries, the newest first; `next` as of payments."""

    object: Literal["list"]
    data: list[DeliveryDocument]
    more: bool
    next: str | None


async def list_deliveries(call: Call) -> Answer:
    """A page of deliveries."""
    query: DeliveryQuery = call.query
    sought = Sought(query.state, query.event, query.endpoint)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found, after = await deliveries.list_deliveries(
            tx, owner=call.merchant, before=query.after, most=query.limit, sought=sought
        )
    return Answer(200, page_to([_delivery(d) for d in found], after))


async def replay(call: Call) -> Answer:
    """Deliver once more what was delivered or given up."""

    async def work(tx: Tx) -> Answer:
        wanted = call.path["delivery"]
        back = await deliveries.replay(tx, ids=[wanted], now=call.now, owner=call.merchant)
        if wanted not in back:
            raise Refused("delivery_not_found", field="delivery")
        again = await deliveries.get_delivery(tx, wanted, owner=call.merchant)
        return Answer(200, encode(_delivery(again)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def replay_all(call: Call) -> Answer:
    """Deliver once more, in their order, what an endpoint has missed."""
    form: ReplayForm = call.body

    async def work(tx: Tx) -> Answer:
        endpoint = await queries.get_endpoint(tx, call.path["endpoint"], merchant=call.merchant)
        state = DeliveryState(form.state)
        ended = Ended(endpoint.id, endpoint.merchant_id, state, form.since, form.after or "")
        back = await deliveries.replay_since(tx, ended=ended, most=REPLAYED_MOST, now=call.now)
        document = {
            "object": "replay",
            "endpoint": endpoint.id,
            "replayed": len(back),
            "last": back[-1] if back else None,
            "more": len(back) == REPLAYED_MOST,
        }
        return Answer(200, encode(document))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


def _delivery(delivery: Delivery) -> dict[str, Any]:
    waiting = delivery.state is DeliveryState.WAITING
    return {
        "id": delivery.id,
        "object": "delivery",
        "event": delivery.event_id,
        "endpoint": delivery.endpoint_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "answered": delivery.answered,
        "error": delivery.last_error,
        "next_at": rfc3339(delivery.next_at) if waiting else None,
    }


OPERATIONS = (
    Operation("replay_deliveries", "POST", "/v1/webhook_endpoints/{endpoint}/replay", "Deliver once"
              " more all that an endpoint has missed since a moment.", replay_all,
              scope="webhooks:write", body=ReplayForm, answer=ReplayDocument, once=True,
              refusals=("endpoint_not_found",), example={"since": "2026-11-20T00:00:00Z"}),
    Operation("list_deliveries", "GET", "/v1/deliveries", "List deliveries.", list_deliveries,
              scope="webhooks:read", query=DeliveryQuery, answer=DeliveryList),
    Operation("replay_delivery", "POST", "/v1/deliveries/{delivery}/replay", "Deliver once more.",
              replay, scope="webhooks:write", answer=DeliveryDocument, once=True,
              refusals=("delivery_not_found",)),
)  # fmt: skip
