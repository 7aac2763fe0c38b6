"""Grades, shadow and roll-out: what a rule set makes of rules that fired."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import Verdict, bucket, make_judge
from anfu.risk.facts import Facts, Type
from anfu.risk.rules import (
    OUTCOMES,
    Grade,
    Outcome,
    Rule,
    RuleState,
    Thresholds,
    make_rule_set,
)

LIMITS = Thresholds(middle=60, general=140, high=240)
RULE = Rule("rr", "amount >= 100", Grade.LOW, 10, "RR", "e", "中")


def facts(**named: Any) -> Facts:
    blank = {Type.TEXT: "", Type.INTEGER: 0, Type.DOUBLE: 0.0, Type.BOOLEAN: False}
    return tuple(named.get(f.name, None if f.nullable else blank[f.type]) for f in CATALOGUE.facts)


def verdict(*rules: Rule, payer: str = "cus_1", **policy: Any) -> Verdict:
    judge = make_judge(CATALOGUE, make_rule_set(rules, LIMITS, **policy))
    return judge(facts(amount=100, payer=payer))


@pytest.mark.parametrize(
    ("grade", "outcome"),
    [
        (Grade.LOW, Outcome.ALLOW),
        (Grade.MIDDLE, Outcome.CHALLENGE),
        (Grade.GENERAL, Outcome.BLOCK),
        (Grade.HIGH, Outcome.REVIEW),
    ],
)
def test_low_passes_middle_is_asked_general_is_blocked_high_is_held(
    grade: Grade, outcome: Outcome
) -> None:
    said = verdict(replace(RULE, grade=grade))
    assert (said.grade, said.outcome, said.score) == (grade, outcome, 10)


@pytest.mark.parametrize(
    ("points", "grade"),
    [(59, Grade.LOW), (60, Grade.MIDDLE), (139, Grade.MIDDLE), (140, Grade.GENERAL),
     (239, Grade.GENERAL), (240, Grade.HIGH)],
)  # fmt: skip
def test_the_score_gives_a_grade_by_itself(points: int, grade: Grade) -> None:
    assert verdict(replace(RULE, points=points)).grade is grade


def test_the_policy_may_give_a_general_risk_a_way_out_and_a_rule_may_insist() -> None:
    lenient = {**OUTCOMES, Grade.GENERAL: Outcome.CHALLENGE}
    general = replace(RULE, grade=Grade.GENERAL)
    assert verdict(general, outcomes=lenient).outcome is Outcome.CHALLENGE
    by_law = replace(general, id="law", outcome=Outcome.BLOCK)
    assert verdict(general, by_law, outcomes=lenient).outcome is Outcome.BLOCK
    with pytest.raises(Refused, match="outcomes_invalid"):
        verdict(general, outcomes={**OUTCOMES, Grade.LOW: Outcome.REVIEW})


def test_a_rule_in_shadow_is_seen_and_does_not_act() -> None:
    shadow = replace(RULE, id="ss", grade=Grade.HIGH, points=900, state=RuleState.SHADOW)
    assert verdict(RULE, shadow) == Verdict(Outcome.ALLOW, Grade.LOW, 10, ("RR",), ("ss",))


def test_a_rule_is_rolled_out_to_the_same_payers_every_time() -> None:
    payers = [f"cus_{n}" for n in range(400)]
    some = replace(RULE, rollout=10, grade=Grade.MIDDLE)
    acted = {p for p in payers if verdict(some, payer=p).grade is Grade.MIDDLE}
    assert acted == {p for p in payers if bucket("rr", p) < 10}
    assert 20 < len(acted) < 60
    wider = {p for p in payers if verdict(replace(some, rollout=50), payer=p).grade is Grade.MIDDLE}
    assert acted < wider
    rest = next(p for p in payers if p not in acted)
    assert verdict(some, payer=rest) == Verdict(Outcome.ALLOW, Grade.LOW, 0, (), ("rr",))
    assert verdict(replace(some, rollout=0), payer=rest).shadow == ("rr",)
