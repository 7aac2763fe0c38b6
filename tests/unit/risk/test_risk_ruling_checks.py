"""What the static checks say, and what they do not say, of rules over the shipped catalogue."""

from __future__ import annotations

import pytest

from anfu.entrypoints.api.errors import PROBLEMS
from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import Kind
from anfu.risk.features import FINDINGS, Purpose
from anfu.risk.rules import Grade, Outcome, Rule, RuleState, default_rule_set, make_rule_set
from anfu.risk.ruling.bounds import bounds
from anfu.risk.ruling.check import Remark, Severity, inspect, refuse_errors

SHIPPED = default_rule_set()


def rule(condition: str, **other: object) -> Rule:
    said = {"grade": Grade.LOW, "points": 1, "reason": "MINE", "en": "e", "zh": "中", **other}
    return Rule(id="mine", condition=condition, **said)  # type: ignore[arg-type]


def remarks(condition: str, **other: object) -> list[Remark]:
    return inspect([rule(condition, **other)], SHIPPED, CATALOGUE, lists={"bad": ["card"]})


def codes(condition: str, **other: object) -> list[str]:
    return [r.code for r in remarks(condition, **other) if r.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("amount > 5 AND amount < 3", ["never_true"]),
        ("amount > 5 AND NOT amount > 5", ["never_true"]),
        ("amount > 5 AND amount < 6", ["never_true"]),
        ("distance_km > 5 AND distance_km < 6", []),
        ("distance_km > 5 AND distance_km <= 5", ["never_true"]),
        ("amount < 0", ["never_true"]),
        ("amount > 9007199254740991", ["never_true"]),
        ("hour BETWEEN 22 AND 6", ["never_true"]),
        ("hour > 23", ["never_true"]),
        ("hour = 3.5", ["never_true"]),
        ("IN_WINDOW(hour, 22, 6)", []),
        ("IN_WINDOW(hour, 22, 6) AND IN_WINDOW(hour, 8, 20)", ["never_true"]),
        ("payer_count_1h = -1", ["never_true"]),
        ("payer_since_last_s < 0", []),
        ("model_score > 1", ["never_true"]),
        ("model_grade IN (4, 5)", ["never_true"]),
        ("latitude > 90.5", ["never_true"]),
        ("kind = 'PAYMNT'", ["never_true"]),
        ("card IS NULL AND card = 'x'", ["never_true"]),
        ("card IS NULL AND card IN LIST bad", ["never_true"]),
        ("card IS NULL AND card LIKE 'a%'", ["never_true"]),
        ("card IN LIST bad AND card NOT IN LIST bad", ["never_true"]),
        ("card IN ('a', 'b') AND card NOT IN ('b', 'a', 'c')", ["never_true"]),
        ("card < 'b' AND card > 'c'", ["never_true"]),
        ("amount = NULL", ["never_true"]),
        ("1 = 2", ["never_true"]),
        ("amount + payer_max_7d > 9 AND payer_max_7d IS NULL", ["never_true"]),
        ("COALESCE(payer_max_7d, 5) > 9 AND payer_max_7d IS NULL", []),
        ("amount > payer_max_7d AND payer_max_7d > amount", ["never_true"]),
        ("amount > payer_max_7d AND payer_max_7d <= amount", ["part_adds_nothing"]),
        ("amount >= 0", ["always_true"]),
        ("TRUE", ["always_true"]),
        ("card IS NULL OR card = 'a' OR card <> 'a'", ["always_true"]),
        ("card = 'a' OR card <> 'a'", ["true_where_known"]),
        ("payer_count_1h >= 0", ["true_where_known"]),
        ("hour < 24", ["true_where_known"]),
        ("payer_count > 3 AND payer_count > 2", ["part_adds_nothing"]),
        ("payer_count > 3 AND payer_count > 3", ["part_adds_nothing"]),
        ("payer_count > 3 AND payer_count IS NOT NULL", ["part_adds_nothing"]),
        ("card_count_1h > 3 OR hour = 25", ["part_never_true"]),
        ("amount > distance_km", ["units_differ"]),
        ("payer_age_s > payer_count", ["units_differ"]),
        ("amount BETWEEN 5 AND payer_age_s", ["units_differ"]),
        ("amount + payer_age_s > 5", ["units_differ"]),
        ("COALESCE(amount, hour) > 5", ["units_differ"]),
        ("CASE WHEN hour > 5 THEN amount ELSE hour END > 5", ["units_differ"]),
        ("2 * amount > distance_km / 3", ["units_differ"]),
        ("speed_kmh > distance_km", ["units_differ"]),
        ("payer_age_s > at", ["units_differ"]),
        ("amount / payer_count > distance_km", []),
        ("payer_devices_24h > payer_cards_24h", []),
        ("payer_sum_24h > 3 * payer_max_7d", []),
        ("model_score > anomaly_score", []),
        ("amount > 50.5", ["money_pointed"]),
        ("device_cards_1h >= 6", ["rule_shadowed"]),
        ("device_cards_1h >= 5", ["rule_repeats"]),
        ("device_cards_1h > 4.5", ["rule_repeats"]),
        ("device_cards_1h >= 4", []),
        ("amont > 5", ["fact_unknown"]),
        ("card IN LIST bat", ["list_unknown"]),
        ("device IN LIST bad", ["list_input_unknown"]),
    ],
)  # fmt: skip
def test_what_is_said(condition: str, said: list[str]) -> None:
    assert codes(condition) == said


def test_a_rule_is_shadowed_only_by_what_asks_for_as_much() -> None:
    assert codes("device_cards_1h >= 6", grade=Grade.GENERAL) == ["rule_shadowed"]
    assert codes("device_cards_1h >= 6", grade=Grade.HIGH) == []
    assert codes("device_cards_1h >= 6", outcome=Outcome.BLOCK) == ["rule_shadowed"]
    softer = {**SHIPPED.outcomes, Grade.GENERAL: Outcome.CHALLENGE}
    beside = make_rule_set(SHIPPED.rules, SHIPPED.thresholds, softer)
    mine = rule("device_cards_1h >= 6", outcome=Outcome.BLOCK)
    assert inspect([mine], beside, CATALOGUE, lists=None) == []


@pytest.mark.parametrize(
    "other", [{"state": RuleState.SHADOW}, {"rollout": 99}, {"id": "mine", "grade": Grade.HIGH}]
)
def test_only_rules_that_act_on_everybody_shadow_another(other: dict[str, object]) -> None:
    said = {"id": "other", "grade": Grade.HIGH, "points": 1, "reason": "OTHER", "en": "e",
            "zh": "中", "condition": "amount > 5", **other}  # fmt: skip
    beside = make_rule_set([Rule(**said)], SHIPPED.thresholds)  # type: ignore[arg-type]
    found = inspect([rule("amount > 7")], beside, CATALOGUE, lists=None)
    assert [r.code for r in found] == ["money_number"]


def test_what_serves_anti_fraud_alone_serves_nothing_else() -> None:
    assert codes("model_score > 0.5") == []
    (found,) = remarks("model_score > 0.5 AND card IN LIST bad", purpose=Purpose.GENERAL)
    assert (found.code, found.severity) == ("purpose_locked", Severity.ERROR)
    assert found.details == {"names": ["list_hits", "model_score"], "purpose": "GENERAL"}
    assert codes("amount > 5 AND payer_count > 2", purpose=Purpose.GENERAL) == []


def test_remarks_say_where_and_can_be_told() -> None:
    condition = "amount > 5000 AND\n amount > distance_km"
    first, second = remarks(condition)
    assert first.position is not None
    assert second.position is not None
    assert condition[slice(*first.position)] == "amount > distance_km"
    assert condition[slice(*second.position)] == "5000"
    assert second.details == {"minor": 5000, "major": "50.00"}
    with pytest.raises(Refused, match="units_differ") as caught:
        refuse_errors([second, first])
    assert caught.value.details["rule"] == "mine"
    for code in ("never_true", "always_true", "true_where_known", "part_never_true",
                 "part_adds_nothing", "rule_repeats", "rule_shadowed", "units_differ",
                 "money_number", "money_pointed"):  # fmt: skip
        assert PROBLEMS[code].title_zh


def test_the_shipped_rules_have_no_error_and_repeat_nothing() -> None:
    found = inspect(SHIPPED.rules, SHIPPED, CATALOGUE, lists=None)
    assert {(r.code, r.rule) for r in found if r.severity is not Severity.NOTE} == set()


def test_every_fact_has_a_domain_that_holds_what_the_declaration_says() -> None:
    known = bounds(CATALOGUE)
    assert known.keys() == {fact.name for fact in CATALOGUE.facts}
    assert all(known[feature.name].null for feature in CATALOGUE.features)
    assert {f.name for f in FINDINGS} <= known.keys()
    assert known["kind"].allowed == {kind.value for kind in Kind}


def test_a_condition_with_too_many_cases_is_not_claimed_of_and_does_not_take_long() -> None:
    facts = ["payer_count_1h", "payer_count_24h", "payer_count_7d", "payer_count", "hour"]
    either = [f"({a} = {n} OR {b} = {n})" for n in range(12) for a, b in [facts[:2]]]
    text = " AND ".join(either)
    assert set(codes(text)) <= {"never_true"}
    deep = " AND ".join(f"({' OR '.join(f'{f} = {n}' for f in facts)})" for n in range(9))
    assert codes(deep) == []
