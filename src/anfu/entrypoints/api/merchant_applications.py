"""Applications to be a merchant: written as drafts, read, and the table of trades."""

from __future__ import annotations

from dataclasses import asdict

from anfu.compliance.diligence.apply import amend, apply, stand
from anfu.compliance.diligence.standing import Standing
from anfu.entrypoints.api.challenges import veiled
from anfu.entrypoints.api.documents import page
from anfu.entrypoints.api.merchant_application_documents import (
    ApplicationDocument,
    ApplicationList,
    TradeList,
    describe,
    summary,
)
from anfu.entrypoints.api.merchant_application_forms import (
    ApplicationForm,
    ApplicationQuery,
    words_of,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.applications.queries import list_applications
from anfu.parties.applications.trade import trades
from anfu.payments.document import encode
from anfu.storage.idempotency import Answer

PATH = "/v1/merchant-applications"
ONE = PATH + "/{application}"


async def create(call: Call) -> Answer:
    """Write a draft."""
    words = words_of(call.body, call.person)
    made = await apply(call.desk.tools, words, veiled(call, call.once), now=call.now)
    return told(call, made, 201)


async def rewrite(call: Call) -> Answer:
    """Write other words in a draft."""
    words, claim = words_of(call.body, call.person), veiled(call, call.once)
    return told(
        call, await amend(call.desk.tools, call.path["application"], words, claim, now=call.now)
    )


async def get(call: Call) -> Answer:
    """One application."""
    return told(call, await stand(call.desk.tools, call.path["application"]))


async def list_(call: Call) -> Answer:
    """A page, the newest first."""
    query: ApplicationQuery = call.query
    tools = call.desk.tools
    async with tools.database.transaction(readonly=True) as tx:
        found = await list_applications(
            tx, ring=tools.sealer.ring, state=query.state, merchant=query.merchant,
            before=query.after, most=query.limit + 1,
        )  # fmt: skip
    return Answer(200, page([summary(one) for one in found], query.limit))


async def list_trades(_call: Call) -> Answer:
    """Every trade, in the order of the codes."""
    data = [asdict(trade) for trade in trades().values()]
    return Answer(200, encode({"object": "list", "data": data}))


def told(call: Call, standing: Standing, status: int = 200) -> Answer:
    """In the access log the representative goes by the application."""
    call.saw(standing.application.id)
    return Answer(status, encode(describe(standing)))


_WORDS = ("name_invalid", "legal_name_invalid", "address_invalid", "holder_invalid",
          "bank_invalid", "credit_code_invalid", "phone_invalid", "document_invalid",
          "account_invalid")  # fmt: skip
_EXAMPLE = {
    "name": "街角茶饮", "legal_name": "福州街角茶饮有限公司", "credit_code": "91350100M000100Y43",
    "representative": {"name": "林平", "phone": "13800138000", "document_until": "2036-11-23",
                       "document": {"type": "CITIZEN_ID", "number": "11010519491231002X"}},
    "address": "福州市鼓楼区一号", "scenes": ["PAYER_CODE", "STATIC_CODE"],
    "settlement": {"holder": "福州街角茶饮有限公司", "number": "35001234567890123456",
                   "bank": "福州银行"},
    "mcc": "5814",
}  # fmt: skip
OPERATIONS = (
    Operation("create_merchant_application", "POST", PATH, "Write a draft of an application to be"
              " a merchant.", create, scope="applications:write", body=ApplicationForm,
              answer=ApplicationDocument, status=201, once=True, institution=True, personal=True,
              refusals=_WORDS, example=_EXAMPLE),
    Operation("amend_merchant_application", "POST", ONE, "Write other words in a draft.", rewrite,
              scope="applications:write", body=ApplicationForm, answer=ApplicationDocument,
              once=True, institution=True, personal=True, example=_EXAMPLE,
              refusals=("application_not_found", "application_state", *_WORDS)),
    Operation("get_merchant_application", "GET", ONE, "Read an application.", get,
              scope="applications:read", answer=ApplicationDocument, institution=True,
              personal=True, refusals=("application_not_found",)),
    Operation("list_merchant_applications", "GET", PATH, "List applications.", list_,
              scope="applications:read", query=ApplicationQuery, answer=ApplicationList,
              institution=True),
    Operation("list_trades", "GET", "/v1/trades", "List the trades a merchant may have.",
              list_trades, scope="merchants:read", answer=TradeList, institution=True),
)  # fmt: skip
