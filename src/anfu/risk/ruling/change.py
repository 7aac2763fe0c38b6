"""A change of the rule set in force: what each part says now, and what it would say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant, Refused
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

_VERSION = 1
BACKTEST, SHADOW, CHECK = "BACKTEST", "SHADOW", "CHECK"


@dataclass(frozen=True, slots=True)
class Turn:
    """One rule before and after; None where it is not in the set."""

    before: Rule | None
    after: Rule | None


@dataclass(frozen=True, slots=True)
class Policy:
    """From which score on a grade is given, and what follows from a grade."""

    thresholds: Thresholds
    outcomes: Mapping[Grade, Outcome]


@dataclass(frozen=True, slots=True)
class Change:
    """`base` is the version it was made against; an `exact` change fits no other set. `policy` is
    (before, after), None where it stays."""

    base: str
    why: str
    rules: Mapping[str, Turn] = field(default_factory=dict)
    policy: tuple[Policy, Policy] | None = None
    exact: bool = False

    @property
    def body(self) -> bytes:
        """The canonical form, to be proposed."""
        return canonical_bytes(
            {
                "v": _VERSION,
                "base": self.base,
                "why": self.why,
                "exact": self.exact,
                "rules": {
                    rule: {"before": _form(turn.before), "after": _form(turn.after)}
                    for rule, turn in self.rules.items()
                },
                "policy": self.policy and [_policy_form(part) for part in self.policy],
            }
        )

    @property
    def papers(self) -> frozenset[str]:
        """The kinds of papers without which nobody may approve it: what begins to act was
        back-tested and watched. What takes back, or restores what was, needs none."""
        begins = any(
            turn.after is not None
            and turn.after.state is RuleState.LIVE
            and (turn.before is None or turn.before.state is not RuleState.LIVE)
            for turn in self.rules.values()
        )
        if self.exact:
            return frozenset()
        if begins:
            return frozenset({BACKTEST, SHADOW})
        return frozenset() if self.policy is None else frozenset({BACKTEST})


def read_change(body: bytes) -> Change:
    """The change whose `body` this is. Raises BrokenInvariant for a form of another version."""
    document = json.loads(body)
    if document["v"] != _VERSION:
        raise BrokenInvariant(f"a change of form {document['v']}, not {_VERSION}")
    rules = {rule: Turn(**{side: _rule(form) for side, form in turn.items()})
             for rule, turn in document["rules"].items()}  # fmt: skip
    policy = document["policy"] and tuple(_policy(part) for part in document["policy"])
    return Change(document["base"], document["why"], rules, policy, document["exact"])


def policy_of(rule_set: RuleSet) -> Policy:
    """The policy of a set."""
    return Policy(rule_set.thresholds, rule_set.outcomes)


def difference(before: RuleSet, after: RuleSet, *, why: str, exact: bool = False) -> Change:
    """The change that makes `after` of `before`; parts they share are not in it."""
    old, new = ({rule.id: rule for rule in rules.rules} for rules in (before, after))
    turns = {rule: Turn(old.get(rule), new.get(rule)) for rule in sorted(old.keys() | new.keys())}
    changed = {rule: turn for rule, turn in turns.items() if turn.before != turn.after}
    first, second = policy_of(before), policy_of(after)
    return Change(before.version, why, changed, None if first == second else (first, second), exact)


def applied(change: Change, rule_set: RuleSet) -> RuleSet:
    """The set that the change makes of `rule_set`, which may be younger than the one it was made
    against as long as nobody touched what it touches.

    Raises Refused: rule_set_moved_on; change_empty; and as `make_rule_set` does.
    """
    if change.exact and rule_set.version != change.base:
        raise Refused("rule_set_moved_on", field="proposal", base=change.base,
                      in_force=rule_set.version, touched=[])  # fmt: skip
    rules = {rule.id: rule for rule in rule_set.rules}
    policy = policy_of(rule_set)
    touched = [id_ for id_, turn in change.rules.items() if rules.get(id_) != turn.before]
    if change.policy is not None and policy != change.policy[0]:
        touched.append("policy")
    if touched:
        raise Refused("rule_set_moved_on", field="proposal", base=change.base,
                      in_force=rule_set.version, touched=touched)  # fmt: skip
    made = changed(change, rule_set)
    if made.version == rule_set.version:
        raise Refused("change_empty", field="proposal")
    return made


def changed(change: Change, rule_set: RuleSet) -> RuleSet:
    """`rule_set` with what the change says in place of what was there, whoever else touched it.
    Raises Refused as `make_rule_set` does."""
    rules = {rule.id: rule for rule in rule_set.rules if rule.id not in change.rules}
    rules |= {id_: turn.after for id_, turn in change.rules.items() if turn.after is not None}
    policy = policy_of(rule_set) if change.policy is None else change.policy[1]
    return make_rule_set(rules.values(), policy.thresholds, policy.outcomes)


def _form(rule: Rule | None) -> dict[str, Any] | None:
    return None if rule is None else asdict(rule)


def _rule(form: dict[str, Any] | None) -> Rule | None:
    return None if form is None else read_rule(form)


def _policy_form(policy: Policy) -> dict[str, Any]:
    return {"thresholds": asdict(policy.thresholds), "outcomes": dict(policy.outcomes)}


def _policy(form: dict[str, Any]) -> Policy:
    outcomes = {Grade(grade): Outcome(outcome) for grade, outcome in form["outcomes"].items()}
    return Policy(Thresholds(**form["thresholds"]), outcomes)
