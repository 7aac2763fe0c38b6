"""What a person may ask of us: everything we hold, and to be forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.privacy.erase import approve, decline, kept_of, request
from anfu.compliance.privacy.export import export
from anfu.entrypoints.api.documents import PageQuery, Request, Text, TitleDocument, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.personal_export import ExportDocument, describe_holding
from anfu.parties.privacy.erasure import ERASED_AT_ONCE, Erasure, State
from anfu.parties.privacy.queries import get_erasure, list_erasures
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer


class ReasonForm(Request, frozen=True):
    """Why: who asked, and where that is on paper."""

    reason: Text


class KeptDocument(Struct, frozen=True):
    """What the law keeps, which law, and its last day."""

    what: str
    law: str
    title: TitleDocument
    until: str


class ErasureDocument(Struct, frozen=True):
    """A wish to be forgotten. `kept` is what is only stored now, `erased` what went at once;
    `answer` is why it was declined."""

    id: str
    object: Literal["erasure"]
    customer: str
    state: State
    reason: str
    answer: str | None
    kept: list[KeptDocument]
    erased: list[str]
    keep_until: str | None
    requested_by: str
    decided_by: str | None
    created_at: datetime
    decided_at: datetime | None
    erased_at: datetime | None


class ErasureList(Struct, frozen=True):
    """A page of erasures."""

    object: Literal["list"]
    data: list[ErasureDocument]
    more: bool


async def export_all(call: Call) -> Answer:
    """Everything held about a customer."""
    form: ReasonForm = call.body
    tools = call.desk.tools
    call.saw(call.path["customer"])
    holding = await export(tools, call.path["customer"], form.reason, call.by, now=call.now)
    return Answer(200, encode(describe_holding(holding)))


async def create(call: Call) -> Answer:
    """Ask for a customer to be forgotten."""
    form: ReasonForm = call.body
    made = await request(
        call.desk.tools, call.path["customer"], form.reason, call.by, call.once, now=call.now
    )
    return Answer(201, encode(describe(made)))


async def approve_one(call: Call) -> Answer:
    """Close the account; keep what the law keeps."""
    tools, erasure = call.desk.tools, call.path["erasure"]
    return _done(await approve(tools, erasure, call.by, call.once, now=call.now))


async def decline_one(call: Call) -> Answer:
    """Leave everything as it is, and say why."""
    tools, erasure, form = call.desk.tools, call.path["erasure"], call.body
    return _done(await decline(tools, erasure, form.reason, call.by, call.once, now=call.now))


async def get(call: Call) -> Answer:
    """One erasure."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        return _done(await get_erasure(tx, call.path["erasure"]))


async def list_(call: Call) -> Answer:
    """A page of erasures."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_erasures(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([describe(erasure) for erasure in found], query.limit))


def _done(erasure: Erasure) -> Answer:
    return Answer(200, encode(describe(erasure)))


def describe(erasure: Erasure) -> dict[str, Any]:
    """An erasure as JSON values."""
    times = (erasure.decided_at, erasure.erased_at)
    decided, erased = (None if at is None else rfc3339(at) for at in times)
    approved = erasure.state in (State.STORED, State.ERASED)
    return {
        "id": erasure.id,
        "object": "erasure",
        "customer": erasure.customer,
        "state": erasure.state,
        "reason": erasure.reason,
        "answer": erasure.answer,
        "kept": [
            {"what": kept.retention.what, "law": kept.retention.law,
             "title": {"en": kept.retention.en, "zh": kept.retention.zh},
             "until": kept.until.isoformat()}
            for kept in kept_of(erasure)
        ],
        "erased": list(ERASED_AT_ONCE) if approved else [],
        "keep_until": None if erasure.keep_until is None else erasure.keep_until.isoformat(),
        "requested_by": erasure.requested_by,
        "decided_by": erasure.decided_by,
        "created_at": rfc3339(erasure.requested_at),
        "decided_at": decided,
        "erased_at": erased,
    }  # fmt: skip


_REASON = {"reason": "letter of the customer, file 2026-117"}
_DECIDED = ("erasure_not_found", "erasure_decided", "second_person_needed")
OPERATIONS = (
    Operation("export_customer", "POST", "/v1/customers/{customer}/export",
              "Read everything held about a customer, in clear.", export_all,
              scope="personal:export", body=ReasonForm, answer=ExportDocument, institution=True,
              personal=True,
              example=_REASON, refusals=("customer_not_found", "customer_stored",
                                         "reason_invalid")),
    Operation("create_erasure", "POST", "/v1/customers/{customer}/erasures",
              "Ask for a customer to be forgotten.", create, scope="personal:erase",
              body=ReasonForm, answer=ErasureDocument, status=201, once=True, institution=True,
              example=_REASON, refusals=("customer_not_found", "customer_stored", "erasure_open",
                                         "erasure_not_settled", "reason_invalid")),
    Operation("list_erasures", "GET", "/v1/erasures", "List erasures.", list_,
              scope="personal:erase", query=PageQuery, answer=ErasureList, institution=True),
    Operation("get_erasure", "GET", "/v1/erasures/{erasure}", "Read an erasure: what is kept, how"
              " long, and by which law.", get, scope="personal:erase", answer=ErasureDocument,
              institution=True, refusals=("erasure_not_found",)),
    Operation("approve_erasure", "POST", "/v1/erasures/{erasure}/approve", "Forget a customer as"
              " far as the law allows; by a second person.", approve_one, scope="personal:erase",
              answer=ErasureDocument, once=True, institution=True,
              refusals=(*_DECIDED, "erasure_not_settled")),
    Operation("decline_erasure", "POST", "/v1/erasures/{erasure}/decline", "Decline an erasure and"
              " say why; by a second person.", decline_one, scope="personal:erase",
              body=ReasonForm, answer=ErasureDocument, once=True, institution=True,
              example={"reason": "under investigation"}, refusals=(*_DECIDED, "reason_invalid")),
)  # fmt: skip
