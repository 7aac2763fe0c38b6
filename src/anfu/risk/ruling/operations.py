"""Writes of rules: drafts, and the set that comes into force."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.risk.decision import make_judge
from anfu.risk.features import Catalogue
from anfu.risk.operations import publish
from anfu.risk.proposals.proposal import Proposal
from anfu.risk.proposals.queries import list_papers
from anfu.risk.queries import get_rule_set
from anfu.risk.rules import Rule, RuleSet
from anfu.risk.ruling.change import applied, read_change
from anfu.risk.ruling.life import Life, content_bytes, moves_of
from anfu.risk.ruling.queries import get_step
from anfu.storage.transaction import Tx

# Any constant: steps come into force one after another.
_STEPS = 0x616E66755EA2

_DRAFT = """
INSERT INTO risk.rule_draft (rule, version, body, author, at) SELECT $1, $2, $3, $4, $5
WHERE coalesce((SELECT max(version) FROM risk.rule_draft WHERE rule = $1), 0) = $2 - 1
ON CONFLICT DO NOTHING
"""
_MOVES = """
INSERT INTO risk.rule_move (rule, step, state, rollout, body)
SELECT rule, $1, state, rollout, body
FROM unnest($2::text[], $3::text[], $4::smallint[], $5::bytea[]) AS m (rule, state, rollout, body)
"""


async def put_draft(tx: Tx, *, rule: Rule, version: int, author: str, now: datetime) -> None:
    """Keep a rule as it was written. Raises Refused("draft_moved_on") unless it is the version
    after the newest."""
    done = await tx.execute(_DRAFT, rule.id, version, content_bytes(rule), author, now)
    if done != "INSERT 0 1":
        raise Refused("draft_moved_on", field="version", rule=rule.id, version=version)


async def begin(tx: Tx, *, rule_set: RuleSet, now: datetime) -> None:
    """Bring the shipped set, published already, into force where none is; else do nothing."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _STEPS)
    if await tx.fetchval("SELECT EXISTS (SELECT FROM risk.rule_set_step)"):
        return
    await tx.execute(
        "INSERT INTO risk.rule_set_step (step, rule_set, at) VALUES (1, $1, $2)",
        rule_set.version,
        now,
    )
    await _put_moves(tx, 1, {rule.id: (Life(rule.state), rule) for rule in rule_set.rules})


async def put_in_force(
    tx: Tx, *, proposal: Proposal, catalogue: Catalogue, now: datetime
) -> Mapping[str, Any]:
    """Bring what was proposed, and approved in this transaction, into force; what the evidence
    keeps of it.

    Raises Refused: paper_missing; as `applied` does when it no longer fits; as `make_judge` does
    when the set does not compile.
    """
    change = read_change(proposal.body)
    missing = change.papers - {paper.kind for paper in await list_papers(tx, proposal.id)}
    if missing:
        raise Refused("paper_missing", field="proposal", kinds=sorted(missing))
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _STEPS)
    before = await get_step(tx)
    rule_set = applied(change, await get_rule_set(tx, before.rule_set))
    await asyncio.to_thread(make_judge, catalogue, rule_set)
    await publish(tx, catalogue=catalogue, rule_set=rule_set)
    step = before.step + 1
    await tx.execute(
        "INSERT INTO risk.rule_set_step (step, rule_set, proposal, at) VALUES ($1, $2, $3, $4)",
        step,
        rule_set.version,
        proposal.id,
        now,
    )
    await _put_moves(tx, step, moves_of(change))
    moved = {rule: state for rule, (state, _) in moves_of(change).items()}
    return {"step": step, "rule_set": rule_set.version, "before": before.rule_set, "rules": moved}


async def _put_moves(tx: Tx, step: int, moves: Mapping[str, tuple[Life, Rule]]) -> None:
    await tx.execute(
        _MOVES,
        step,
        list(moves),
        [state for state, _ in moves.values()],
        [rule.rollout for _, rule in moves.values()],
        [content_bytes(rule) for _, rule in moves.values()],
    )
