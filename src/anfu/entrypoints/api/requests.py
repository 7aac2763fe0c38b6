"""The request log: what was asked of the API and how it was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Limit, Moment, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.requests.queries import Sought, count_unlogged, get_request, list_requests
from anfu.parties.requests.request import Request
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer


class RequestQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`caller`: a key or a session; `failed`: those with a status from 400 on; `since` and before
    `until`."""

    limit: Limit = 20
    after: Id | None = None
    caller: Id | None = None
    operation: Id | None = None
    status: Annotated[int, Meta(ge=100, le=599)] | None = None
    failed: bool | None = None
    since: Moment | None = None
    until: Moment | None = None


class RequestDocument(Struct, frozen=True):
    """One request, by the id its answer bore in `Anfu-Request-Id`. `path` has our own ids alone;
    `code` is that of a refusal."""

    id: str
    object: Literal["request"]
    at: datetime
    method: str
    path: str
    operation: str
    status: int
    code: str | None
    duration_us: int
    caller: str | None
    person: str | None
    address: str
    idempotency_key: str | None


class RequestList(Struct, frozen=True):
    """A page, the newest first. `unlogged`: how many more there were in that time, for which the
    log had no room."""

    object: Literal["list"]
    data: list[RequestDocument]
    more: bool
    unlogged: int


async def list_(call: Call) -> Answer:
    """A page."""
    query: RequestQuery = call.query
    sought = Sought(
        query.limit + 1, query.after, query.caller, query.operation, query.status, query.failed,
        query.since, query.until,
    )  # fmt: skip
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_requests(tx, sought)
        unlogged = await count_unlogged(tx, since=query.since, until=query.until)
    listed = msgspec.json.decode(page([_document(one) for one in found], query.limit))
    return Answer(200, encode({**listed, "unlogged": unlogged}))


async def get(call: Call) -> Answer:
    """One."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await get_request(tx, call.path["request"])
    return Answer(200, encode(_document(found)))


def _document(request: Request) -> dict[str, Any]:
    return {
        "id": request.id,
        "object": "request",
        "at": rfc3339(request.at),
        "method": request.method,
        "path": request.path,
        "operation": request.operation,
        "status": request.status,
        "code": request.code,
        "duration_us": request.duration_us,
        "caller": request.caller,
        "person": request.person,
        "address": request.address,
        "idempotency_key": request.idempotency_key,
    }


OPERATIONS = (
    Operation("list_requests", "GET", "/v1/requests", "List requests and how they were answered.",
              list_, scope="requests:read", query=RequestQuery, answer=RequestList,
              institution=True),
    Operation("get_request", "GET", "/v1/requests/{request}", "Read a request by the id its answer"
              " bore.", get, scope="requests:read", answer=RequestDocument, institution=True,
              refusals=("request_not_found",)),
)  # fmt: skip
