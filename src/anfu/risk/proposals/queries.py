"""Reads of proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anfu.kernel.errors import Refused
from anfu.risk.proposals.proposal import Paper, Proposal, State, Subject
from anfu.storage.transaction import Tx

COLUMNS = "id, subject, target, body, author, created_at, state, decided_by, decided_at"


async def get_proposal(tx: Tx, proposal: str) -> Proposal:
    """Raises Refused("proposal_not_found")."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM risk.proposal WHERE id = $1", proposal)
    if row is None:
        raise Refused("proposal_not_found", field="proposal")
    return proposal_of(row)


async def list_proposals(
    tx: Tx,
    *,
    state: State | None = None,
    before: str | None = None,
    most: int = 50,
    subject: Subject | None = None,
) -> list[Proposal]:
    """A page, the newest first, of proposals with an id smaller than `before`."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.proposal WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::text IS NULL OR id < $2) AND ($4::text IS NULL OR subject = $4)"
        " ORDER BY id DESC LIMIT $3",
        state,
        before,
        most,
        subject,
    )
    return [proposal_of(row) for row in rows]


async def list_papers(tx: Tx, proposal: str) -> list[Paper]:
    """Everything attached to a proposal, the oldest first."""
    rows = await tx.fetch(
        "SELECT kind, at, body FROM risk.proposal_paper WHERE proposal = $1 ORDER BY at, kind",
        proposal,
    )
    return [Paper(row["kind"], row["at"], row["body"]) for row in rows]


async def list_undecided(
    tx: Tx, subjects: Sequence[Subject], *, person: str, most: int
) -> list[Proposal]:
    """Open proposals about `subjects` that `person` neither made nor is the target of, the oldest
    first."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.proposal WHERE state = 'OPEN' AND subject = ANY($1::text[])"
        " AND author <> $2 AND target <> $2 ORDER BY id LIMIT $3",
        list(subjects), person, most,
    )  # fmt: skip
    return [proposal_of(row) for row in rows]


def proposal_of(row: Any) -> Proposal:
    """The proposal a row of COLUMNS holds."""
    return Proposal(**{**row, "subject": Subject(row["subject"]), "state": State(row["state"])})
