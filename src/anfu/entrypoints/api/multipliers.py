"""Multipliers of limits: proposed by one person, approved by another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Name, PageQuery, Request, Text, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.canonical import digest
from anfu.kernel.ids import new_id
from anfu.limits.multipliers.multiplier import ARTICLE, LAW, Multiplier
from anfu.limits.multipliers.operations import decide, propose
from anfu.limits.multipliers.queries import list_multipliers, lock_multiplier
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.risk.proposals.proposal import check_two_people
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class MultiplierForm(Request, frozen=True):
    """`hundredths`: 100, 150 or 200 for 1.0, 1.5 or 2.0. `reason`: the rating it rests on; kept in
    the evidence by its digest."""

    rule: Name
    hundredths: Annotated[int, Meta(ge=100, le=200)]
    reason: Text


class MultiplierDocument(Struct, frozen=True):
    """A change of what the limits of a rule are multiplied by for accounts of class II and III."""

    id: str
    object: Literal["multiplier"]
    rule: str
    hundredths: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    approved: bool | None


class MultiplierList(Struct, frozen=True):
    """A page of changes."""

    object: Literal["list"]
    data: list[MultiplierDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Propose a change."""
    form: MultiplierForm = call.body
    tools = call.desk.tools
    wish = Multiplier(
        new_id("mul", now=call.now, entropy=tools.entropy), form.rule, form.hundredths,
        form.reason, call.person, call.now,
    )  # fmt: skip

    async def work(tx: Tx) -> Answer:
        return await _told(tx, call, await propose(tx, wish=wish, rules=tools.rules), 201)

    return await idempotency.once(tools.database, call.once, work, now=call.now)


async def approve(call: Call) -> Answer:
    """Bring a change into force."""
    return await _decide(call, approved=True)


async def reject(call: Call) -> Answer:
    """Turn a change down."""
    return await _decide(call, approved=False)


async def _decide(call: Call, *, approved: bool) -> Answer:
    async def work(tx: Tx) -> Answer:
        found = await lock_multiplier(tx, call.path["multiplier"])
        if approved:
            check_two_people(found.proposed_by, call.person, field="multiplier")
        made = await decide(tx, found=found, by=call.person, approved=approved, now=call.now)
        return await _told(tx, call, made, 200)

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def _told(tx: Tx, call: Call, multiplier: Multiplier, status: int) -> Answer:
    document = describe(multiplier)
    record = Record(call.now, call.desk.tools.entropy)
    reason = digest([multiplier.reason]).hex()
    law = {"law": LAW, "article": ARTICLE}
    record.leaf("multiplier", multiplier.id, {**document, **law, "reason": reason})
    await record.write(tx)
    return Answer(status, encode(document))


async def list_(call: Call) -> Answer:
    """A page of changes, the newest first."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_multipliers(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([describe(one) for one in found], query.limit))


def describe(multiplier: Multiplier) -> dict[str, Any]:
    """A change as JSON values."""
    return {
        "id": multiplier.id,
        "object": "multiplier",
        "rule": multiplier.rule,
        "hundredths": multiplier.hundredths,
        "reason": multiplier.reason,
        "proposed_by": multiplier.proposed_by,
        "proposed_at": rfc3339(multiplier.proposed_at),
        "decided_by": multiplier.decided_by,
        "decided_at": multiplier.decided_at and rfc3339(multiplier.decided_at),
        "approved": multiplier.approved,
    }


_PATH = "/v1/limits/multipliers"
_ENDS = ("multiplier_not_found", "multiplier_decided")
OPERATIONS = (
    Operation("propose_multiplier", "POST", _PATH, "Propose what a rating multiplies the limits of"
              " a rule by.", create, scope="limits:write", body=MultiplierForm,
              answer=MultiplierDocument, status=201, once=True, institution=True,
              refusals=("multiplier_rule_unknown", "multiplier_invalid"),
              example={"rule": "CN-NP43-24-2", "hundredths": 200, "reason": "rated A in 2026"}),
    Operation("list_multipliers", "GET", _PATH, "List changes of multipliers.", list_,
              scope="proposals:read", query=PageQuery, answer=MultiplierList, institution=True),
    Operation("approve_multiplier", "POST", _PATH + "/{multiplier}/approve", "Approve what"
              " another person proposed.", approve, scope="proposals:write",
              answer=MultiplierDocument, once=True, institution=True,
              refusals=(*_ENDS, "second_person_needed")),
    Operation("reject_multiplier", "POST", _PATH + "/{multiplier}/reject", "Turn a change of a"
              " multiplier down.", reject, scope="proposals:write", answer=MultiplierDocument,
              once=True, institution=True, refusals=_ENDS),
)  # fmt: skip
