"""Firms: apply for an account, say who owns the firm, have it verified outside."""

from __future__ import annotations

from anfu.compliance.firms.apply import apply, stand
from anfu.compliance.firms.own import confirm, declare
from anfu.compliance.firms.verify import verify
from anfu.entrypoints.api.challenges import veiled
from anfu.entrypoints.api.documents import page
from anfu.entrypoints.api.firm_documents import FirmDocument, FirmList, describe, summary
from anfu.entrypoints.api.firm_forms import (
    FirmForm,
    FirmQuery,
    FirmVerificationForm,
    OwnershipForm,
    holders_of,
    new_firm_of,
    wish_of,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.firms.queries import FirmPage, list_firms
from anfu.payments.document import encode
from anfu.storage.idempotency import Answer


async def create(call: Call) -> Answer:
    """Apply for an account."""
    order = new_firm_of(call.body)
    made = await apply(call.desk.tools, order, call.merchant, veiled(call, call.once), now=call.now)
    return Answer(201, encode(describe(made)))


async def get(call: Call) -> Answer:
    """One firm."""
    found = await stand(call.desk.tools, call.path["firm"], call.merchant)
    call.saw(found.firm.id)
    return Answer(200, encode(describe(found)))


async def list_(call: Call) -> Answer:
    """A page of firms."""
    tools, query = call.desk.tools, call.query
    wanted = FirmPage(query.limit + 1, query.after, call.merchant, query.state)
    async with tools.database.transaction(readonly=True) as tx:
        found = await list_firms(tx, wanted, ring=tools.sealer.ring)
    return Answer(200, page([summary(firm) for firm in found], query.limit))


async def own(call: Call) -> Answer:
    """Declare who owns the firm."""
    holders = holders_of(call.body)
    found = await declare(
        call.desk.tools, call.path["firm"], holders, call.by, veiled(call, call.once), now=call.now
    )
    call.saw(found.firm.id)
    return Answer(201, encode(describe(found)))


async def confirm_one(call: Call) -> Answer:
    """Confirm who owns the firm."""
    firm, ownership = call.path["firm"], call.path["ownership"]
    found = await confirm(call.desk.tools, firm, ownership, call.by, call.once, now=call.now)
    call.saw(found.firm.id)
    return Answer(200, encode(describe(found)))


async def ask(call: Call) -> Answer:
    """Ask an outside channel; the answer is the firm as it stands then."""
    wish = wish_of(call.path["firm"], call.body)
    found = await verify(
        call.desk.tools, wish, call.merchant, veiled(call, call.once), call.desk.clock
    )
    call.saw(found.firm.id)
    return Answer(201, encode(describe(found)))


_PERSON = {"name": "张小明", "phone": "13800138000", "document_until": "2036-11-23",
           "document": {"type": "CITIZEN_ID", "number": "11010519491231002X"}}  # fmt: skip
_GONE = ("firm_not_found", "customer_stored")
_OF_PERSON = ("document_invalid", "document_expired", "name_invalid", "phone_invalid")
_PATH = "/v1/firms/{firm}"
OPERATIONS = (
    Operation("create_firm", "POST", "/v1/firms", "Apply for a firm's account.", create,
              scope="customers:write", body=FirmForm, answer=FirmDocument, status=201, once=True,
              refusals=("firm_exists", "firm_business_refused", "credit_code_invalid",
                        "licence_expired", "address_invalid", "business_scope_invalid",
                        *_OF_PERSON),
              example={"name": "福州小明贸易有限公司", "credit_code": "91350100M000100Y43",
                       "address": "福州市鼓楼区五四路1号", "business_scope": "日用百货批发",
                       "business": "GENERAL", "licence_until": None, "representative": _PERSON,
                       "day_amount": 20000000, "day_count": 100}),
    Operation("list_firms", "GET", "/v1/firms", "List firms.", list_, scope="customers:read",
              query=FirmQuery, answer=FirmList),
    Operation("get_firm", "GET", _PATH, "Read a firm.", get, scope="customers:read",
              answer=FirmDocument, personal=True, refusals=_GONE),
    Operation("declare_ownership", "POST", f"{_PATH}/ownerships", "Say who owns a firm in the end.",
              own, scope="customers:write", body=OwnershipForm, answer=FirmDocument, status=201,
              once=True, personal=True,
              refusals=(*_GONE, "shares_exceed", "shares_incomplete", "owner_repeated",
                        "owner_empty", "manager_needed", "manager_unneeded", "since_invalid",
                        "rest_reason_invalid", *_OF_PERSON),
              example={"owners": [{**_PERSON, "since": "2020-01-01", "shares": 10000,
                                   "votes": 10000, "income": 10000}]}),
    Operation("confirm_ownership", "POST", f"{_PATH}/ownerships/{{ownership}}/confirm",
              "Confirm who owns a firm; by a second person.", confirm_one, scope="owners:write",
              answer=FirmDocument, once=True, personal=True, institution=True, standing=True,
              refusals=(*_GONE, "ownership_not_found", "ownership_confirmed",
                        "second_person_needed")),
    Operation("verify_firm", "POST", f"{_PATH}/verifications",
              "Verify a firm, or who acts for it, at an outside channel.", ask,
              scope="customers:write", body=FirmVerificationForm, answer=FirmDocument, status=201,
              once=True, personal=True,
              refusals=(*_GONE, "verification_open", "registry_unknown", "firm_has_no_agent",
                        "document_expired", "particulars_invalid", "bank_account_invalid"),
              example={"kind": "FIRM_REGISTRY"}),
)  # fmt: skip
