"""The verdict on one event: a value, made by pure functions from facts and a rule set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import Condition, read_condition
from anfu.risk.event import Event
from anfu.risk.facts import Fact, Facts
from anfu.risk.features import Catalogue
from anfu.risk.purposes import purposes
from anfu.risk.rules import SEVERITY, Grade, Outcome, Rule, RuleSet, RuleState

SCORE_MAX = 1_000
# Verdicts remembered by the set of rules that fired; real traffic knows a few hundred.
_KNOWN_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` 0 to 1000; `reasons` are codes, each once, the strongest first. `shadow` are the ids
    of the rules that fired and do not act: in shadow, or not rolled out to this payer."""

    outcome: Outcome
    grade: Grade
    score: int
    reasons: tuple[str, ...]
    shadow: tuple[str, ...] = ()

    @property
    def body(self) -> bytes:
        """Canonical bytes: what a replay must give again."""
        return canonical_bytes(
            {
                "outcome": self.outcome,
                "grade": self.grade,
                "score": self.score,
                "reasons": self.reasons,
            }
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What risk said of `event`. `catalogue` and `rule_set` are versions; `body` the facts as
    canonical bytes; `watched` the scores of models that only watch, as (model id, score); `models`
    the ids of those in force."""

    id: str
    event: Event
    catalogue: str
    rule_set: str
    facts: Facts
    body: bytes
    verdict: Verdict
    watched: tuple[tuple[str, float], ...] = ()
    models: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        return self.verdict.outcome

    @property
    def grade(self) -> Grade:
        return self.verdict.grade

    @property
    def score(self) -> int:
        return self.verdict.score

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.verdict.reasons

    @property
    def beside(self) -> str | None:
        """What was watched and did not act, and which models scored, as canonical JSON; None where
        there is nothing."""
        if not (self.verdict.shadow or self.watched or self.models):
            return None
        beside = {"rules": self.verdict.shadow, "scores": dict(self.watched)}
        return canonical_bytes(beside | {"models": self.models}).decode()


Judge = Callable[[Facts], Verdict]


def make_judge(catalogue: Catalogue, rule_set: RuleSet) -> Judge:
    """The rule set compiled over the facts of `catalogue`.

    Raises Refused as `condition_of` does.
    """
    conditions = [condition_of(rule, catalogue) for rule in rule_set.rules]
    fire = compile_conditions(conditions, _late(catalogue))
    watching = sum(1 << i for i, r in enumerate(rule_set.rules) if r.state is RuleState.SHADOW)
    partial = [(1 << i, r.id, r.rollout) for i, r in enumerate(rule_set.rules)
               if r.state is RuleState.LIVE and r.rollout < 100]  # fmt: skip
    payer = next(i for i, fact in enumerate(catalogue.facts) if fact.name == "payer")
    known: dict[tuple[int, int], Verdict] = {}

    def judge(facts: Facts) -> Verdict:
        fired = fire(facts)
        idle = watching
        for bit, rule, percent in partial:
            if fired & bit and bucket(rule, facts[payer]) >= percent:
                idle |= bit
        verdict = known.get((fired, idle))
        if verdict is None:
            verdict = _verdict(rule_set, fired & ~idle, fired & idle)
            if len(known) < _KNOWN_MAX:
                known[fired, idle] = verdict
        return verdict

    return judge


def condition_of(
    rule: Rule, catalogue: Catalogue, *, lists: Mapping[str, Collection[str]] | None = None
) -> Condition:
    """The condition of a rule. Raises Refused as `read_condition` does, and purpose_locked, each
    with the id of the rule."""
    try:
        condition = read_condition(rule.condition, catalogue.facts, lists=lists)
    except Refused as refusal:
        details = {**refusal.details, "rule": rule.id}
        raise Refused(refusal.code, field=refusal.field, **details) from None
    allowed = purposes(catalogue)
    locked = sorted(n for n in condition.names if rule.purpose not in allowed.get(n, ()))
    if locked:
        raise Refused(
            "purpose_locked", field="condition", names=locked, rule=rule.id,
            purpose=rule.purpose.value,
        )  # fmt: skip
    return condition


def _late(catalogue: Catalogue) -> tuple[Fact, ...]:
    """The facts as they may be when profiles are late: every feature NULL."""
    inputs, end = len(catalogue.inputs), catalogue.learned
    return tuple(
        replace(fact, nullable=True) if inputs <= i < end else fact
        for i, fact in enumerate(catalogue.facts)
    )


def bucket(rule: str, payer: str) -> int:
    """0 to 99: where this payer stands in the roll-out of this rule, always the same."""
    return int.from_bytes(sha256(f"{rule}\0{payer}".encode()).digest()[:8], "big") % 100


def _verdict(rule_set: RuleSet, fired: int, idle: int) -> Verdict:
    rules = [rule for i, rule in enumerate(rule_set.rules) if fired >> i & 1]
    score = min(SCORE_MAX, sum(rule.points for rule in rules))
    grade = max([rule_set.grade_of(score), *(rule.grade for rule in rules)], key=list(Grade).index)
    asked = [rule.outcome for rule in rules if rule.outcome is not None]
    outcome = max([rule_set.outcomes[grade], *asked], key=SEVERITY.__getitem__)
    shadow = tuple(rule.id for i, rule in enumerate(rule_set.rules) if idle >> i & 1)
    return Verdict(
        outcome, grade, score, tuple(dict.fromkeys(rule.reason for rule in rules)), shadow
    )
