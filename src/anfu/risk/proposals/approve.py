"""Approve: a second person decides on a proposal, and what was proposed comes into force."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.risk.proposals import operations
from anfu.risk.proposals.proposal import (
    Proposal,
    State,
    Subject,
    paper_digests,
    proposal_leaf,
)
from anfu.risk.proposals.queries import list_papers
from anfu.storage import idempotency
from anfu.storage.database import Database
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

Apply = Callable[[Tx, Proposal, datetime], Awaitable[Mapping[str, Any]]]
"""Brings a change into force; what it gives goes into the evidence. Raises Refused when the change
no longer fits what is in force: nothing is decided then."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """`by` decides on `proposal`: APPROVED, REJECTED or WITHDRAWN."""

    claim: Claim
    proposal: str
    state: State
    by: str
    note: str | None = None


async def approve(
    database: Database,
    ruling: Ruling,
    *,
    apply: Mapping[Subject, Apply],
    describe: Callable[[Proposal], bytes],
    now: datetime,
) -> Answer:
    """The answer that describes the proposal. Raises Refused: proposal_not_found, proposal_closed,
    second_person_needed, proposal_not_yours, proposal_subject_unknown for what is not decided on
    here, and whatever `apply` and idempotency raise."""

    async def work(tx: Tx) -> Answer:
        proposal = await operations.decide(
            tx, proposal=ruling.proposal, state=ruling.state, by=ruling.by, now=now
        )
        if proposal.subject not in apply:
            raise Refused("proposal_subject_unknown", field="proposal")
        applied: Mapping[str, Any] = {}
        if ruling.state is State.APPROVED:
            applied = await apply[proposal.subject](tx, proposal, now)
        papers = await list_papers(tx, proposal.id)
        body = {
            **proposal_leaf(proposal, paper_digests(papers)),
            "note": None if ruling.note is None else digest(ruling.note).hex(),
            "applied": dict(applied),
        }
        await append(tx, leaves=[Leaf("proposal", proposal.id, now, body)])
        return Answer(200, describe(proposal))

    return await idempotency.once(database, ruling.claim, work, now=now)
