"""Stop orders of the police on a customer's account."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Name, Personal, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.ids import new_id
from anfu.limits.stops.operations import stop
from anfu.limits.stops.queries import list_stops
from anfu.limits.stops.stop import NewStop, StopOrder
from anfu.parties.operations import lock_customer
from anfu.parties.queries import get_acting
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class StopOrderForm(Request, frozen=True):
    """`authority`: who orders; `reference`: its number of the order."""

    authority: Name
    reference: Name


class StopOrderDocument(Struct, frozen=True):
    """An order to stop payment: in force from `starts_at` until before `ends_at`."""

    id: str
    object: Literal["stop_order"]
    customer: str
    number: int
    authority: Personal
    reference: Personal
    starts_at: datetime
    ends_at: datetime


class StopOrderList(Struct, frozen=True):
    """The orders on one account: two at most."""

    object: Literal["list"]
    data: list[StopOrderDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Stop payments from the account of a customer for 48 hours."""
    form: StopOrderForm = call.body
    tools, customer = call.desk.tools, call.path["customer"]

    async def work(tx: Tx) -> Answer:
        # A release that has looked already is waited for, one that comes later finds the order.
        await lock_customer(tx, customer=customer)
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=None)
        name = new_id("stp", now=call.now, entropy=tools.entropy)
        order = NewStop(name, customer, form.authority, form.reference)
        document = describe(await stop(tx, order=order, now=call.now))
        record = Record(call.now, tools.entropy)
        record.leaf("stop_order", customer, {**document, "by": call.person})
        record.notice("stop_order.created", customer, encode(document))
        await record.write(tx)
        return Answer(201, encode(document))

    return await idempotency.once(tools.database, call.once, work, now=call.now)


async def list_(call: Call) -> Answer:
    """The orders on the account of a customer."""
    tools, customer = call.desk.tools, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=None)
        found = await list_stops(tx, customer=customer)
    call.saw(customer)
    data = [describe(order) for order in found]
    return Answer(200, encode({"object": "list", "data": data, "more": False}))


def describe(order: StopOrder) -> dict[str, Any]:
    """A stop order as JSON values."""
    return {
        "id": order.id,
        "object": "stop_order",
        "customer": order.customer,
        "number": order.number,
        "authority": order.authority,
        "reference": order.reference,
        "starts_at": rfc3339(order.starts_at),
        "ends_at": rfc3339(order.ends_at),
    }


OPERATIONS = (
    Operation("create_stop_order", "POST", "/v1/customers/{customer}/stop_orders", "Stop payments"
              " from a customer's account for 48 hours, by order of the police.", create,
              scope="stop_orders:write", body=StopOrderForm, answer=StopOrderDocument, status=201,
              once=True, institution=True,
              refusals=("customer_not_found", "customer_stored", "stop_order_third"),
              example={"authority": "Beijing Public Security Bureau", "reference": "2026-0117"}),
    Operation("list_stop_orders", "GET", "/v1/customers/{customer}/stop_orders", "List the stop"
              " orders on a customer's account.", list_, scope="customers:read",
              answer=StopOrderList, institution=True, personal=True,
              refusals=("customer_not_found", "customer_stored")),
)  # fmt: skip
