"""The verdict on one event: a value, made by pure functions from facts and a rule set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.event import Event
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue
from anfu.risk.rules import SEVERITY, Outcome, RuleSet

SCORE_MAX = 1_000
# Verdicts remembered by the set of rules that fired; real traffic knows a few hundred.
_KNOWN_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` 0 to 1000; `reasons` are codes, each once, the strongest first."""

    outcome: Outcome
    score: int
    reasons: tuple[str, ...]

    @property
    def body(self) -> bytes:
        """Canonical bytes: what a replay must give again."""
        return canonical_bytes(
            {"outcome": self.outcome, "score": self.score, "reasons": self.reasons}
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What risk said of `event`. `catalogue` and `rule_set` are versions; `body` the facts as
    canonical bytes."""

    id: str
    event: Event
    catalogue: str
    rule_set: str
    facts: Facts
    body: bytes
    score: int
    outcome: Outcome
    reasons: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.outcome, self.score, self.reasons)


Judge = Callable[[Facts], Verdict]


def make_judge(catalogue: Catalogue, rule_set: RuleSet) -> Judge:
    """The rule set compiled over the facts of `catalogue`.

    Raises Refused as `read_condition` does, with the id of the rule at fault.
    """
    conditions = []
    for rule in rule_set.rules:
        try:
            conditions.append(read_condition(rule.condition, catalogue.facts))
        except Refused as refusal:
            details = {**refusal.details, "rule": rule.id}
            raise Refused(refusal.code, field=refusal.field, **details) from None
    fire = compile_conditions(conditions, catalogue.facts)
    known: dict[int, Verdict] = {}

    def judge(facts: Facts) -> Verdict:
        fired = fire(facts)
        verdict = known.get(fired)
        if verdict is None:
            verdict = _verdict(rule_set, fired)
            if len(known) < _KNOWN_MAX:
                known[fired] = verdict
        return verdict

    return judge


def decide(
    event: Event, facts: Facts, body: bytes, *, name: str, judge: Judge, versions: tuple[str, str]
) -> Decision:
    """The decision on `event` from its facts; `versions`: catalogue, rule set."""
    verdict = judge(facts)
    return Decision(
        name, event, versions[0], versions[1], facts, body,
        verdict.score, verdict.outcome, verdict.reasons,
    )  # fmt: skip


def _verdict(rule_set: RuleSet, fired: int) -> Verdict:
    rules = [rule for i, rule in enumerate(rule_set.rules) if fired >> i & 1]
    score = min(SCORE_MAX, sum(rule.points for rule in rules))
    outcomes = [rule.outcome for rule in rules] + [_by_score(rule_set, score)]
    outcome = max(outcomes, key=SEVERITY.__getitem__)
    return Verdict(outcome, score, tuple(dict.fromkeys(rule.reason for rule in rules)))


def _by_score(rule_set: RuleSet, score: int) -> Outcome:
    thresholds = rule_set.thresholds
    if score >= thresholds.block:
        return Outcome.BLOCK
    if score >= thresholds.review:
        return Outcome.REVIEW
    return Outcome.CHALLENGE if score >= thresholds.challenge else Outcome.ALLOW
