"""Webhooks: where a merchant hears of its payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, PageQuery, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.shown_once import shown_once
from anfu.kernel.errors import Refused
from anfu.parties import operations as parties
from anfu.parties import queries
from anfu.parties.endpoint import Endpoint, EndpointStatus, IssuedEndpoint
from anfu.payments.document import encode, rfc3339
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class EndpointForm(Request, frozen=True):
    """`merchant` is needed from the institution; a merchant's key means itself."""

    url: str
    merchant: Id | None = None


class EndpointDocument(Struct, frozen=True):
    """`secret` is shown once, when the endpoint is made or its secret rolled."""

    id: str
    object: Literal["webhook_endpoint"]
    merchant: str
    url: str
    status: EndpointStatus
    created_at: datetime
    secret: str | None = None


class EndpointList(Struct, frozen=True):
    """A page of endpoints."""

    object: Literal["list"]
    data: list[EndpointDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Make an endpoint; its secret is in this answer only."""
    form: EndpointForm = call.body
    merchant = call.merchant or form.merchant
    if merchant is None or form.merchant not in (None, merchant):
        raise Refused("merchant_not_found", field="merchant")
    tools = call.desk.tools

    async def work(tx: Tx) -> Answer:
        issued = await parties.create_endpoint(
            tx, merchant_id=merchant, url=form.url, sealer=tools.sealer, now=call.now,
            allow_loopback=tools.policy.development,
        )  # fmt: skip
        return Answer(201, encode(_issued(issued)))

    return await shown_once(call, "secret", work)


async def list_(call: Call) -> Answer:
    """A page of endpoints."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        endpoints = await queries.list_endpoints(
            tx, merchant=call.merchant, before=query.after, most=query.limit + 1
        )
    return Answer(200, page([_describe(e) for e in endpoints], query.limit))


async def get(call: Call) -> Answer:
    """One endpoint."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        endpoint = await queries.get_endpoint(tx, call.path["endpoint"], merchant=call.merchant)
    return Answer(200, encode(_describe(endpoint)))


async def disable(call: Call) -> Answer:
    """Send nothing there any more."""

    async def work(tx: Tx) -> Answer:
        endpoint = await parties.set_endpoint_status(
            tx, endpoint_id=call.path["endpoint"], merchant=call.merchant,
            status=EndpointStatus.DISABLED,
        )  # fmt: skip
        return Answer(200, encode(_describe(endpoint)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


def _issued(issued: IssuedEndpoint) -> dict[str, Any]:
    return {**_describe(issued.endpoint), "secret": issued.secret}


def _describe(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "merchant": endpoint.merchant_id,
        "url": endpoint.url,
        "status": endpoint.status,
        "created_at": rfc3339(endpoint.created_at),
    }


OPERATIONS = (
    Operation("create_webhook_endpoint", "POST", "/v1/webhook_endpoints", "Make a webhook"
              " endpoint.", create, scope="webhooks:write", body=EndpointForm,
              answer=EndpointDocument, status=201, once=True,
              refusals=("merchant_not_found", "url_invalid", "endpoint_limit"),
              example={"url": "https://shop.example/anfu"}),
    Operation("list_webhook_endpoints", "GET", "/v1/webhook_endpoints", "List webhook endpoints.",
              list_, scope="webhooks:read", query=PageQuery, answer=EndpointList),
    Operation("get_webhook_endpoint", "GET", "/v1/webhook_endpoints/{endpoint}", "Read a webhook"
              " endpoint.", get, scope="webhooks:read", answer=EndpointDocument,
              refusals=("endpoint_not_found",)),
    Operation("disable_webhook_endpoint", "POST", "/v1/webhook_endpoints/{endpoint}/disable",
              "Send nothing to an endpoint any more.", disable, scope="webhooks:write",
              answer=EndpointDocument, once=True,
              refusals=("endpoint_not_found", "endpoint_limit")),
)  # fmt: skip
