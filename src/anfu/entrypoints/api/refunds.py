"""Refunds: create, read."""

from __future__ import annotations

import asyncio
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.api.documents import Id, Limit, RefundDocument, RefundForm, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments import queries
from anfu.payments.document import encode, refund_document
from anfu.payments.payment import Refund
from anfu.payments.refund import RefundOrder, book_refund, refund
from anfu.payments.send import send_refund
from anfu.storage.idempotency import Answer


class RefundQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`payment`: the refunds of one payment."""

    limit: Limit = 20
    after: Id | None = None
    payment: Id | None = None


class RefundList(Struct, frozen=True):
    """A page of refunds."""

    object: Literal["list"]
    data: list[RefundDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Give money back."""
    form: RefundForm = call.body
    to = None if form.to is None else (form.to.type, form.to.card)
    order = RefundOrder(call.once, call.merchant, form.payment, form.amount, form.reason, to)
    made = await refund(call.desk.tools, order, now=call.now)
    if isinstance(made, Answer):
        return made
    return await asyncio.shield(asyncio.ensure_future(_act(call.desk, made)))


async def _act(desk: Desk, made: Refund) -> Answer:
    answer = await send_refund(desk.tools, made, first=True)
    return await book_refund(desk.tools, made.id, answer, now=desk.now())


async def get(call: Call) -> Answer:
    """One refund."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_refund(tx, call.path["refund"], merchant=call.merchant)
    return Answer(200, encode(refund_document(found)))


async def list_(call: Call) -> Answer:
    """A page of refunds."""
    query: RefundQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        refunds = await queries.list_refunds(
            tx, limit=query.limit + 1, before=query.after, payment=query.payment,
            merchant=call.merchant,
        )  # fmt: skip
    return Answer(200, page([refund_document(r) for r in refunds], query.limit))


OPERATIONS = (
    Operation("create_refund", "POST", "/v1/refunds", "Refund a payment, in whole or in part.",
              create, scope="refunds:write", body=RefundForm, answer=RefundDocument, status=201,
              once=True, refusals=("payment_not_found", "payment_not_refundable",
                                   "refund_too_large", "refund_other_account",
                                   "insufficient_funds", "account_closed"),
              example={"payment": "pay_01kaw000000000000000000000", "amount": 250}),
    Operation("list_refunds", "GET", "/v1/refunds", "List refunds.", list_,
              scope="payments:read", query=RefundQuery, answer=RefundList),
    Operation("get_refund", "GET", "/v1/refunds/{refund}", "Read a refund.", get,
              scope="payments:read", answer=RefundDocument, refusals=("refund_not_found",)),
)  # fmt: skip
