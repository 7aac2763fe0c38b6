"""Settlements and statements of merchants, to be read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Currency, Id, PageQuery, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode
from anfu.settlement.cycles import queries
from anfu.settlement.cycles.document import settlement_document
from anfu.settlement.cycles.queries import Page
from anfu.settlement.cycles.settlement import Withheld
from anfu.settlement.statements.draw_up import Wish, draw_up
from anfu.settlement.statements.page import page as printed
from anfu.settlement.statements.sheet import sheet
from anfu.settlement.statements.statement import Statement
from anfu.settlement.terms.cycle import Kind
from anfu.storage.idempotency import Answer


class SettlementDocument(Struct, frozen=True):
    """One settlement, minor units: carried_in + payments - refunds + returned + other - fees -
    retained + released - paid = carried_out. `withheld`: why nothing, or not all, was paid."""

    id: str
    object: Literal["settlement"]
    merchant: str
    currency: str
    day: str
    since: datetime
    until: datetime
    cycle: Kind
    payable_on: str
    terms: str
    carried_in: int
    payments: int
    refunds: int
    returned: int
    other: int
    fees: int
    retained: int
    released: int
    paid: int
    carried_out: int
    withheld: Withheld | None
    negative_since: str | None
    created_at: datetime


class SettlementList(Struct, frozen=True):
    """A page of settlements."""

    object: Literal["list"]
    data: list[SettlementDocument]
    more: bool


class SettlementQuery(PageQuery, frozen=True):
    """Those of `merchant`."""

    merchant: Id | None = None


class StatementQuery(Request, frozen=True):
    """In which currency."""

    currency: Currency = "CNY"


async def get(call: Call) -> Answer:
    """One settlement."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_settlement(tx, call.path["settlement"], merchant=call.merchant)
    return Answer(200, encode(settlement_document(found)))


async def list_(call: Call) -> Answer:
    """A page, the newest first."""
    query: SettlementQuery = call.query
    merchant = call.merchant or query.merchant
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        wanted = Page(query.limit + 1, query.after, merchant)
        found = await queries.list_settlements(tx, wanted)
    return Answer(200, page([settlement_document(one) for one in found], query.limit))


async def get_sheet(call: Call) -> Answer:
    """A statement as CSV."""
    return Answer(200, sheet(await _statement(call)))


async def get_page(call: Call) -> Answer:
    """A statement to be printed."""
    return Answer(200, printed(await _statement(call)))


async def _statement(call: Call) -> Statement:
    query: StatementQuery = call.query
    wish = Wish(call.path["merchant"], query.currency, call.path["period"], call.merchant)
    async with call.desk.tools.database.transaction(readonly=True, snapshot=True) as tx:
        return await draw_up(tx, wish)


_STATEMENT = "/v1/merchants/{merchant}/statements/{period}"
_SAFE = (
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline';"
     b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)  # fmt: skip
_READ = "settlements:read"
OPERATIONS = (
    Operation("list_settlements", "GET", "/v1/settlements", "List settlements.", list_,
              scope=_READ, query=SettlementQuery, answer=SettlementList),
    Operation("get_settlement", "GET", "/v1/settlements/{settlement}", "Read a settlement.", get,
              scope=_READ, answer=SettlementDocument, refusals=("settlement_not_found",)),
    Operation("get_statement", "GET", _STATEMENT, "A merchant's statement of a day or a month,"
              " as CSV.", get_sheet, scope=_READ, query=StatementQuery,
              media="text/csv; charset=utf-8", headers=_SAFE,
              refusals=("merchant_not_found", "period_invalid")),
    Operation("print_statement", "GET", _STATEMENT + "/page", "A merchant's statement of a day or"
              " a month, to be printed.", get_page, scope=_READ, query=StatementQuery,
              media="text/html; charset=utf-8", headers=_SAFE,
              refusals=("merchant_not_found", "period_invalid")),
)  # fmt: skip
