"""Payouts to merchants, and the batches in which two people let them go to the bank."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, PageQuery, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode
from anfu.settlement.payouts import queries
from anfu.settlement.payouts.document import batch_document, payout_document
from anfu.settlement.payouts.payout import State
from anfu.settlement.payouts.queries import Page
from anfu.settlement.payouts.release import release
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class PayoutDocument(Struct, frozen=True):
    """A payout as it stands; `reason`: why it came back, a code of ISO 20022."""

    id: str
    object: Literal["payout"]
    state: State
    settlement: str
    merchant: str
    currency: str
    amount: int
    payable_on: str
    terms: str
    batch: str | None
    reference: str | None
    reason: str | None
    created_at: datetime
    updated_at: datetime


class PayoutList(Struct, frozen=True):
    """A page of payouts."""

    object: Literal["list"]
    data: list[PayoutDocument]
    more: bool


class BatchDocument(Struct, frozen=True):
    """A batch; `people`: how many must release it; `digest`: SHA-256 of the file that was sent."""

    id: str
    object: Literal["payout_batch"]
    currency: str
    payable_on: str
    count: int
    total: int
    people: int
    first_by: str | None
    second_by: str | None
    released_at: datetime | None
    sent_at: datetime | None
    digest: str | None
    created_at: datetime


class BatchList(Struct, frozen=True):
    """A page of batches."""

    object: Literal["list"]
    data: list[BatchDocument]
    more: bool


class PayoutQuery(PageQuery, frozen=True):
    """Those of `merchant`, or in `state`."""

    merchant: Id | None = None
    state: State | None = None


async def get(call: Call) -> Answer:
    """One payout."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_payout(tx, call.path["payout"], merchant=call.merchant)
    return Answer(200, encode(payout_document(found)))


async def list_(call: Call) -> Answer:
    """A page, the newest first."""
    query: PayoutQuery = call.query
    wanted = Page(query.limit + 1, query.after, call.merchant or query.merchant, query.state)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_payouts(tx, wanted)
    return Answer(200, page([payout_document(one) for one in found], query.limit))


async def list_batches(call: Call) -> Answer:
    """A page, the newest first."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_batches(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([batch_document(one) for one in found], query.limit))


async def release_(call: Call) -> Answer:
    """One more person lets it go."""
    tools = call.desk.tools

    async def work(tx: Tx) -> Answer:
        found = await release(tx, tools, call.path["batch"], call.person, now=call.now)
        return Answer(200, encode(batch_document(found)))

    return await idempotency.once(tools.database, call.once, work, now=call.now)


_READ = "settlements:read"
OPERATIONS = (
    Operation("list_payouts", "GET", "/v1/payouts", "List payouts.", list_, scope=_READ,
              query=PayoutQuery, answer=PayoutList),
    Operation("get_payout", "GET", "/v1/payouts/{payout}", "Read a payout.", get, scope=_READ,
              answer=PayoutDocument, refusals=("payout_not_found",)),
    Operation("list_payout_batches", "GET", "/v1/payout-batches", "List batches of payouts.",
              list_batches, scope=_READ, query=PageQuery, answer=BatchList, institution=True),
    Operation("release_payout_batch", "POST", "/v1/payout-batches/{batch}/release", "Let a batch"
              " go to the bank, as one of two people.", release_, scope="payouts:write",
              answer=BatchDocument, once=True, institution=True, standing=True,
              refusals=("payout_batch_not_found", "payout_batch_released",
                        "second_person_needed")),
)  # fmt: skip
