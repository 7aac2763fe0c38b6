"""Writes of proposals."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.risk.proposals.proposal import Paper, Proposal, State, check_decider
from anfu.risk.proposals.queries import COLUMNS, proposal_of
from anfu.storage.transaction import Tx


async def propose(tx: Tx, *, proposal: Proposal) -> None:
    """Keep a new proposal."""
    await tx.execute(
        "INSERT INTO risk.proposal (id, subject, target, body, author, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        proposal.id,
        proposal.subject,
        proposal.target,
        proposal.body,
        proposal.author,
        proposal.created_at,
    )


async def attach(tx: Tx, *, proposal: str, paper: Paper) -> None:
    """Add a paper to a proposal that is still open. Raises Refused: proposal_not_found,
    proposal_closed."""
    found = await lock_proposal(tx, proposal=proposal)
    if found.state is not State.OPEN:
        raise Refused("proposal_closed", field="proposal", state=found.state)
    await tx.execute(
        "INSERT INTO risk.proposal_paper (proposal, kind, at, body) VALUES ($1, $2, $3, $4)",
        proposal,
        paper.kind,
        paper.at,
        paper.body,
    )


async def lock_proposal(tx: Tx, *, proposal: str) -> Proposal:
    """The proposal, which nobody else decides on until the commit. Raises
    Refused("proposal_not_found")."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM risk.proposal WHERE id = $1 FOR UPDATE", proposal
    )
    if row is None:
        raise Refused("proposal_not_found", field="proposal")
    return proposal_of(row)


async def decide(tx: Tx, *, proposal: str, state: State, by: str, now: datetime) -> Proposal:
    """The proposal as it is from now on. Raises Refused: proposal_not_found and as
    `check_decider` does."""
    found = await lock_proposal(tx, proposal=proposal)
    check_decider(found, by=by, state=state)
    row = await tx.fetchrow(
        "UPDATE risk.proposal SET state = $2, decided_by = $3, decided_at = $4"
        f" WHERE id = $1 AND state = 'OPEN' RETURNING {COLUMNS}",
        proposal,
        state,
        by,
        now,
    )
    return proposal_of(row)
