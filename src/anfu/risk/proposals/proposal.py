"""A proposal: what is to change, who said so, and who decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from anfu.kernel.errors import Refused

PREFIX = "prp"
# The ids of sealed envelopes, by which an emergency is known.
_ANYBODY = "emg_"


class Subject(StrEnum):
    """What a proposal is about; each has a function that applies it."""

    RULES = "RULES"
    LIST = "LIST"
    MODEL = "MODEL"
    CASE_POLICY = "CASE_POLICY"
    CASE = "CASE"
    STAFF = "STAFF"


class State(StrEnum):
    """Where a proposal stands."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


MOVES: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN}),
    State.APPROVED: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to be read before deciding; `body` is canonical JSON."""

    kind: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Proposal:
    """`target` is the id of what changes, `body` the change as canonical JSON; `author` and
    `decided_by` are persons: accounts of staff, or API keys."""

    id: str
    subject: Subject
    target: str
    body: bytes
    author: str
    created_at: datetime
    state: State = State.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None


def check_two_people(
    first: str, second: str, *, field: str, code: str = "second_person_needed"
) -> None:
    """Wherever two people are needed, this is asked. Both are persons as the door knows them: the
    same by whichever key or session they come. Who opened a sealed envelope may be anybody, so he
    is neither the first nor the second. Raises Refused(`code`)."""
    if first == second or _ANYBODY in (first[:4], second[:4]):
        raise Refused(code, field=field)


def check_decider(proposal: Proposal, *, by: str, state: State) -> None:
    """Raises Refused: proposal_closed; second_person_needed when the author would approve or
    reject; proposal_not_yours when somebody else would withdraw."""
    if state not in MOVES[proposal.state]:
        raise Refused("proposal_closed", field="proposal", state=proposal.state)
    if state is State.WITHDRAWN and by != proposal.author:
        raise Refused("proposal_not_yours", field="proposal")
    if state is not State.WITHDRAWN:
        check_two_people(proposal.author, by, field="proposal")


def paper_digests(papers: Sequence[Paper]) -> dict[str, str]:
    """SHA-256 of each paper by kind; of several of one kind, in their order, with commas."""
    found: dict[str, str] = {}
    for paper in papers:
        digest = sha256(paper.body).hexdigest()
        found[paper.kind] = f"{found[paper.kind]},{digest}" if paper.kind in found else digest
    return found


def proposal_leaf(proposal: Proposal, papers: Mapping[str, str]) -> dict[str, Any]:
    """What the evidence keeps; `papers` are digests by kind."""
    return {
        "subject": proposal.subject,
        "target": proposal.target,
        "change": sha256(proposal.body).hexdigest(),
        "author": proposal.author,
        "state": proposal.state,
        "decided_by": proposal.decided_by,
        "papers": dict(papers),
    }
