"""Refunds: create, read."""

from __future__ import annotations

import asyncio
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.api.documents import Id, RefundDocument, RefundForm, SpanQuery, page_to
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments import queries
from anfu.payments.document import encode, refund_document
from anfu.payments.payment import Refund, RefundState
from anfu.payments.refund import RefundOrder, book_refund, refund
from anfu.payments.send import send_refund
from anfu.payments.sought.queries import seek_refunds
from anfu.payments.sought.wanted import WantedRefunds
from anfu.storage.idempotency import Answer


class RefundQuery(SpanQuery, frozen=True):
    """`payment`: the refunds of one payment; `merchant`: of one merchant's payments."""

    payment: Id | None = None
    merchant: Id | None = None
    state: RefundState | None = None


class RefundList(Struct, frozen=True):
    """A page of refunds, the newest first; `next` as of payments."""

    object: Literal["list"]
    data: list[RefundDocument]
    more: bool
    next: str | None


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
    return await book_refund(desk.tools, made.id, answer, now=desk.now(), first=True)


async def get(call: Call) -> Answer:
    """One refund."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_refund(tx, call.path["refund"], merchant=call.merchant)
    return Answer(200, encode(refund_document(found)))


async def list_(call: Call) -> Answer:
    """A page of refunds."""
    query: RefundQuery = call.query
    wanted = WantedRefunds(
        query.limit, query.after, call.merchant or query.merchant, query.span, query.payment,
        query.state,
    )  # fmt: skip
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        refunds, after = await seek_refunds(tx, wanted)
    return Answer(200, page_to([refund_document(r) for r in refunds], after))


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
