"""The life of a rule: draft, shadow, live, retired; and the changes that move it on.

What a rule says is fixed once it is watched: a rule goes live as it was in shadow, and a better
wording is a new draft, watched again, or a new rule that takes the place of the old one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.risk.rules import (
    Grade,
    Outcome,
    Rule,
    RuleSet,
    RuleState,
    Thresholds,
    make_rule_set,
    read_rule,
)
from anfu.risk.ruling.change import Change, Turn, difference

_OF_A_SET = ("state", "rollout")


class Life(StrEnum):
    """Where a rule stands. A DRAFT is not evaluated, SHADOW is and never acts, LIVE acts, RETIRED
    is no longer in the set."""

    DRAFT = "DRAFT"
    SHADOW = "SHADOW"
    LIVE = "LIVE"
    RETIRED = "RETIRED"


MOVES: Mapping[Life, frozenset[Life]] = {
    Life.DRAFT: frozenset({Life.SHADOW}),
    Life.SHADOW: frozenset({Life.SHADOW, Life.LIVE, Life.RETIRED}),
    Life.LIVE: frozenset({Life.SHADOW, Life.LIVE, Life.RETIRED}),
    Life.RETIRED: frozenset({Life.SHADOW}),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A version of a rule as `author` (id of an API key) wrote it."""

    rule: Rule
    version: int
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A rule as it stands. `content` is what is in force, else the draft, else what it last said;
    `draft` is the newest one, None for a shipped rule that nobody rewrote."""

    state: Life
    content: Rule
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class Step:
    """`rule_set` (a version) came into force: by which proposal, who made it and who approved it
    (ids of API keys), and why. All None for the shipped set."""

    step: int
    rule_set: str
    at: datetime
    proposal: str | None
    author: str | None
    approved_by: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """What a step did to one rule."""

    step: Step
    state: Life
    content: Rule


def content_bytes(rule: Rule) -> bytes:
    """What a rule says, apart from where it stands, in canonical form."""
    return canonical_bytes({k: v for k, v in asdict(rule).items() if k not in _OF_A_SET})


def read_content(body: bytes, state: RuleState = RuleState.SHADOW, rollout: int = 100) -> Rule:
    """The rule whose `content_bytes` these are, standing where it is said to."""
    return read_rule({**json.loads(body), "state": state, "rollout": rollout})


def to_shadow(rule_set: RuleSet, known: Known, *, why: str) -> Change:
    """Watch the newest draft; of a LIVE rule, take it back without rewording it. Raises
    Refused("rule_move_empty")."""
    now = find_rule(rule_set, known.content.id)
    pulled_back = now is not None and now.state is RuleState.LIVE
    said = known.content if pulled_back or known.draft is None else known.draft.rule
    after = replace(said, state=RuleState.SHADOW, rollout=100)
    return _turned(rule_set, now, after, why=why)


def to_live(rule_set: RuleSet, known: Known, rollout: int, replaced: str | None, *, why: str
            ) -> Change:  # fmt: skip
    """Let a rule that is watched act on `rollout` percent of payers; the rule `replaced` retires
    with it. Raises Refused: rule_not_watched, rule_move_empty, rule_not_live."""
    now = find_rule(rule_set, known.content.id)
    if now is None:
        raise Refused("rule_not_watched", field="rule", state=known.state)
    change = _turned(rule_set, now, replace(now, state=RuleState.LIVE, rollout=rollout), why=why)
    if replaced is None:
        return change
    other = find_rule(rule_set, replaced)
    if other is None or other.state is not RuleState.LIVE or other.id == now.id:
        raise Refused("rule_not_live", field="replaces", rule=replaced)
    return replace(change, rules={**change.rules, other.id: Turn(other, None)})


def to_retired(rule_set: RuleSet, known: Known, *, why: str) -> Change:
    """Take a rule out of the set. Raises Refused("rule_not_watched")."""
    now = find_rule(rule_set, known.content.id)
    if now is None:
        raise Refused("rule_not_watched", field="rule", state=known.state)
    return Change(rule_set.version, why, {now.id: Turn(now, None)})


def to_policy(
    rule_set: RuleSet, thresholds: Thresholds, outcomes: Mapping[Grade, Outcome], *, why: str
) -> Change:
    """Move the thresholds or what follows from a grade. Raises Refused: change_empty, and as
    `make_rule_set` does."""
    made = make_rule_set(rule_set.rules, thresholds, outcomes)
    return _not_empty(difference(rule_set, made, why=why))


def to_restored(rule_set: RuleSet, older: RuleSet, *, why: str) -> Change:
    """Go back to a set that was in force, whole. Raises Refused("change_empty")."""
    return _not_empty(difference(rule_set, older, why=why, exact=True))


def find_rule(rule_set: RuleSet, rule: str) -> Rule | None:
    """The rule of that id in the set."""
    return next((found for found in rule_set.rules if found.id == rule), None)


def with_rule(rule_set: RuleSet, rule: str, *, state: RuleState, rollout: int) -> RuleSet:
    """The set with that rule of it standing elsewhere."""
    rules = [
        replace(found, state=state, rollout=rollout) if found.id == rule else found
        for found in rule_set.rules
    ]
    return make_rule_set(rules, rule_set.thresholds, rule_set.outcomes)


def moves_of(change: Change) -> dict[str, tuple[Life, Rule]]:
    """What the change does to each rule: where it stands afterwards, and what it says or last
    said."""
    moved = {}
    for id_, turn in change.rules.items():
        said = turn.after or turn.before
        if said is not None:
            moved[id_] = (Life.RETIRED if turn.after is None else Life(said.state), said)
    return moved


def _turned(rule_set: RuleSet, before: Rule | None, after: Rule, *, why: str) -> Change:
    if before == after:
        raise Refused("rule_move_empty", field="rule", state=after.state, rollout=after.rollout)
    return Change(rule_set.version, why, {after.id: Turn(before, after)})


def _not_empty(change: Change) -> Change:
    if not change.rules and change.policy is None:
        raise Refused("change_empty", field="proposal")
    return change
