"""Adopt: a policy that two people agreed on comes into force, from the commit on: whoever opens or
works on a case reads it in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anfu.risk.cases import operations
from anfu.risk.cases.policy import read_policy
from anfu.risk.proposals.proposal import Proposal
from anfu.storage.transaction import Tx


async def adopt(tx: Tx, proposal: Proposal, at: datetime) -> Mapping[str, Any]:
    """What the evidence keeps of it."""
    policy = read_policy(proposal.body)
    await operations.put_policy(tx, policy=policy, proposal=proposal.id, now=at)
    return {"version": policy.version}
