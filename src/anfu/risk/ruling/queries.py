"""Reads of rules: drafts, moves, the set in force, and what a rule in shadow fired on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import first_id
from anfu.risk.queries import PREFIX
from anfu.risk.rules import Rule, RuleState
from anfu.risk.ruling.life import Draft, Known, Life, Move, Step, read_content
from anfu.risk.ruling.shadow import Watched
from anfu.storage.transaction import Tx

_STEP = """
SELECT s.step, s.rule_set, s.at, s.proposal, p.author, p.decided_by AS approved_by,
    convert_from(p.body, 'UTF8')::json ->> 'why' AS why
FROM risk.rule_set_step s LEFT JOIN risk.proposal p ON p.id = s.proposal
"""
# Both tables hold the whole past; the newest row of each rule speaks.
_KNOWN = """
SELECT coalesce(d.rule, m.rule) AS rule, d.version, d.body AS draft, d.author, d.at,
    coalesce(m.state, 'DRAFT') AS state, m.rollout, m.body
FROM (SELECT DISTINCT ON (rule) * FROM risk.rule_draft ORDER BY rule, version DESC) d
FULL JOIN (SELECT DISTINCT ON (rule) * FROM risk.rule_move ORDER BY rule, step DESC) m
    ON m.rule = d.rule
"""


async def find_step(tx: Tx) -> Step | None:
    """The step in force, None before the first."""
    row = await tx.fetchrow(f"{_STEP} ORDER BY s.step DESC LIMIT 1")
    return None if row is None else Step(**row)


async def get_step(tx: Tx) -> Step:
    """The step in force. Raises BrokenInvariant before the first."""
    found = await find_step(tx)
    if found is None:
        raise BrokenInvariant("no rule set was ever brought into force")
    return found


async def list_steps(tx: Tx, *, before: int | None = None, most: int = 50) -> list[Step]:
    """A page, the newest first, of steps before `before`."""
    rows = await tx.fetch(
        f"{_STEP} WHERE $1::bigint IS NULL OR s.step < $1 ORDER BY s.step DESC LIMIT $2",
        before,
        most,
    )
    return [Step(**row) for row in rows]


async def find_known(tx: Tx, rules: Sequence[str]) -> dict[str, Known]:
    """Those of `rules` that exist, by id."""
    rows = await tx.fetch(f"SELECT * FROM ({_KNOWN}) k WHERE rule = ANY($1::text[])", list(rules))
    return {row["rule"]: _known(row) for row in rows}


async def get_known(tx: Tx, rule: str) -> Known:
    """Raises Refused("rule_not_found")."""
    found = await find_known(tx, [rule])
    if rule not in found:
        raise Refused("rule_not_found", field="rule", rule=rule)
    return found[rule]


async def list_known(
    tx: Tx, *, state: Life | None = None, after: str | None = None, most: int = 50
) -> list[Known]:
    """A page by id, of rules with an id greater than `after`."""
    rows = await tx.fetch(
        f"SELECT * FROM ({_KNOWN}) k WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::text IS NULL OR rule > $2) ORDER BY rule LIMIT $3",
        state,
        after,
        most,
    )
    return [_known(row) for row in rows]


async def list_drafts(tx: Tx, rule: str) -> list[Draft]:
    """Every version of a rule as it was written, the newest first."""
    rows = await tx.fetch(
        "SELECT version, body, author, at FROM risk.rule_draft WHERE rule = $1"
        " ORDER BY version DESC",
        rule,
    )
    return [Draft(read_content(r["body"]), r["version"], r["author"], r["at"]) for r in rows]


async def list_moves(tx: Tx, rule: str) -> list[Move]:
    """What became of a rule, the newest first."""
    rows = await tx.fetch(
        f"SELECT * FROM risk.rule_move m JOIN ({_STEP}) s USING (step) WHERE m.rule = $1"
        " ORDER BY m.step DESC",
        rule,
    )
    names = [field.name for field in fields(Step)]
    return [Move(Step(**{n: r[n] for n in names}), Life(r["state"]), _content(r)) for r in rows]


async def is_or_was_in_force(tx: Tx, rule_set: str) -> bool:
    """Whether that version was ever in force."""
    return bool(
        await tx.fetchval(
            "SELECT EXISTS (SELECT FROM risk.rule_set_step WHERE rule_set = $1)", rule_set
        )
    )


async def count_decided(tx: Tx, since: datetime) -> int:
    """How many decisions were made since then."""
    first = first_id(PREFIX, at=since)
    return int(await tx.fetchval("SELECT count(*) FROM risk.decision WHERE id >= $1", first))


async def list_watched(
    tx: Tx, rule: str, *, since: datetime, before: str | None, most: int
) -> list[Watched]:
    """A page, the newest first, of decisions since then on which the rule fired without acting,
    with ids smaller than `before`."""
    rows = await tx.fetch(
        "SELECT d.id, d.catalogue, d.facts, l.label FROM risk.decision d"
        " LEFT JOIN LATERAL (SELECT label FROM risk.label WHERE payment ="
        "   convert_from(d.facts, 'UTF8')::json ->> 0 ORDER BY seq DESC LIMIT 1) l ON TRUE"
        " WHERE d.id >= $1 AND ($2::text IS NULL OR d.id < $2)"
        "   AND position($3 IN d.beside) > 0 AND d.beside::jsonb -> 'rules' ? $3"
        " ORDER BY d.id DESC LIMIT $4",
        first_id(PREFIX, at=since),
        before,
        rule,
        most,
    )
    return [Watched(r["id"], r["catalogue"], r["facts"], r["label"]) for r in rows]


def _known(row: Any) -> Known:
    state = Life(row["state"])
    draft = None
    if row["version"] is not None:
        rule = read_content(row["draft"])
        draft = Draft(rule, row["version"], row["author"], row["at"])
    if state is not Life.DRAFT:
        return Known(state, _content(row), draft)
    if draft is None:
        raise BrokenInvariant("a rule without draft and without move")
    return Known(state, draft.rule, draft)


def _content(row: Any) -> Rule:
    live = row["state"] == Life.LIVE
    return read_content(row["body"], RuleState.LIVE if live else RuleState.SHADOW, row["rollout"])
