"""Proposals: read them, and decide on what somebody else proposed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, Limit, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.rule_documents import RemarkDocument, remark_document
from anfu.payments.document import encode, rfc3339
from anfu.risk.cases.adopt import adopt
from anfu.risk.features import Catalogue
from anfu.risk.lists.amend import apply as apply_list
from anfu.risk.models.promote import MOVE_REFUSALS
from anfu.risk.models.promote import carry_out as move_model
from anfu.risk.proposals import queries
from anfu.risk.proposals.approve import Apply, Ruling
from anfu.risk.proposals.approve import approve as decide
from anfu.risk.proposals.proposal import Paper, Proposal, State, Subject
from anfu.risk.ruling.change import CHECK
from anfu.risk.ruling.check import read_remark
from anfu.risk.ruling.operations import put_in_force
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

# How each subject is brought into force, besides RULES, which are read against a catalogue.
APPLY: Mapping[Subject, Apply] = {
    Subject.CASE_POLICY: adopt,
    Subject.LIST: lambda tx, proposal, now: apply_list(tx, proposal, now=now),
    Subject.MODEL: move_model,
}


class ProposalQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Newest first; `after` is the last id of the page before."""

    limit: Limit = 20
    after: Id | None = None
    state: State | None = None


class RulingForm(Request, frozen=True):
    """Why. Kept in the evidence by its digest."""

    note: str | None = None


class PaperDocument(Struct, frozen=True):
    """What should be read before deciding; `remarks` is what a CHECK says, in words."""

    kind: str
    created_at: datetime
    body: dict[str, Any]
    remarks: list[RemarkDocument] = []


class ProposalDocument(Struct, frozen=True):
    """A change somebody proposed; `papers` only where one proposal is read."""

    id: str
    object: Literal["proposal"]
    subject: Subject
    target: str
    change: dict[str, Any]
    state: State
    author: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    papers: list[PaperDocument] = []


class ProposalList(Struct, frozen=True):
    """A page of proposals."""

    object: Literal["list"]
    data: list[ProposalDocument]
    more: bool


def proposal_document(proposal: Proposal, papers: list[Paper] | None = None) -> dict[str, Any]:
    """What a caller learns of a proposal."""
    return {
        "id": proposal.id,
        "object": "proposal",
        "subject": proposal.subject,
        "target": proposal.target,
        "change": json.loads(proposal.body),
        "state": proposal.state,
        "author": proposal.author,
        "created_at": rfc3339(proposal.created_at),
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at and rfc3339(proposal.decided_at),
        "papers": [_paper(paper) for paper in papers or ()],
    }


def _paper(paper: Paper) -> dict[str, Any]:
    body = json.loads(paper.body)
    told = body["remarks"] if paper.kind == CHECK else ()
    return {
        "kind": paper.kind,
        "created_at": rfc3339(paper.at),
        "body": body,
        "remarks": [remark_document(read_remark(form)) for form in told],
    }


async def listed(call: Call) -> Answer:
    """A page."""
    query: ProposalQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_proposals(
            tx, state=query.state, before=query.after, most=query.limit + 1
        )
    return Answer(200, page([proposal_document(p) for p in found], query.limit))


async def get(call: Call) -> Answer:
    """One, with its papers."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_proposal(tx, call.path["proposal"])
        papers = await queries.list_papers(tx, found.id)
    return Answer(200, encode(proposal_document(found, papers)))


async def approve(call: Call) -> Answer:
    """Bring it into force."""
    return await _decide(call, State.APPROVED)


async def reject(call: Call) -> Answer:
    """Turn it down."""
    return await _decide(call, State.REJECTED)


async def withdraw(call: Call) -> Answer:
    """The author takes it back."""
    return await _decide(call, State.WITHDRAWN)


async def _decide(call: Call, state: State) -> Answer:
    form: RulingForm = call.body
    tools = call.desk.tools
    ruling = Ruling(call.once, call.path["proposal"], state, call.person, form.note)
    return await decide(
        tools.database,
        ruling,
        apply={**APPLY, Subject.RULES: partial(_rules, tools.engine.catalogue)},
        describe=lambda proposal: encode(proposal_document(proposal)),
        now=call.now,
    )


async def _rules(
    catalogue: Catalogue, tx: Tx, proposal: Proposal, now: datetime
) -> Mapping[str, Any]:
    return await put_in_force(tx, proposal=proposal, catalogue=catalogue, now=now)


_DECIDED = ("proposal_not_found", "proposal_closed", "proposal_subject_unknown")

OPERATIONS = (
    Operation("list_proposals", "GET", "/v1/proposals", "List proposals.", listed,
              scope="proposals:read", query=ProposalQuery, answer=ProposalList,
              institution=True),
    Operation("get_proposal", "GET", "/v1/proposals/{proposal}", "Read a proposal with its papers.",
              get, scope="proposals:read", answer=ProposalDocument,
              institution=True, refusals=("proposal_not_found",)),
    Operation("approve_proposal", "POST", "/v1/proposals/{proposal}/approve", "Approve what"
              " somebody else proposed: it comes into force.", approve, scope="proposals:write",
              body=RulingForm, answer=ProposalDocument, once=True, institution=True,
              refusals=(*_DECIDED, "second_person_needed",
                        *MOVE_REFUSALS, "paper_missing", "rule_set_moved_on", "change_empty",
                        "fact_unknown", "condition_type", "condition_not_allowed",
                        "condition_syntax", "condition_too_deep", "purpose_locked",
                        "list_not_found", "list_changed_since"),
              example={"note": "back-test read"}),
    Operation("reject_proposal", "POST", "/v1/proposals/{proposal}/reject", "Turn down what"
              " somebody else proposed.", reject, scope="proposals:write", body=RulingForm,
              answer=ProposalDocument, once=True, institution=True,
              refusals=(*_DECIDED, "second_person_needed"),
              example={"note": "too many honest payers"}),
    Operation("withdraw_proposal", "POST", "/v1/proposals/{proposal}/withdraw", "Take back what one"
              " proposed oneself.", withdraw, scope="proposals:write", body=RulingForm,
              answer=ProposalDocument, once=True, institution=True,
              refusals=(*_DECIDED, "proposal_not_yours"),
              example={"note": "a better one follows"}),
)  # fmt: skip
