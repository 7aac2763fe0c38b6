"""Each shipped rule fires on a hand-made example, and not one fen or one count below."""

from __future__ import annotations

from typing import Any

import pytest

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import make_judge
from anfu.risk.facts import Type
from anfu.risk.rules import (
    Grade,
    Outcome,
    Rule,
    default_rule_set,
    make_rule_set,
    parse_rule_set,
    read_rule_set,
    reason_text,
)
from anfu.simulation.plan import INVENTED, FraudKind

# An honest payment of 88 CNY at home.
QUIET: dict[str, Any] = {
    "event": "pay_1", "at": 1_795_000_000_000_000, "amount": 8_800, "currency": "CNY",
    "method": "CARD", "payer": "cus_1", "payee": "mer_1", "card": "tok_1", "device": "dvc_1",
    "address": "ip_1", "latitude": 31.2, "longitude": 121.5, "payer_count": 40,
    "payer_age_s": 3_000_000, "payer_payee_age_s": 2_000_000, "payer_device_age_s": 2_000_000,
    "payer_card_age_s": 2_000_000, "amount_to_mean": 1.0, "distance_km": 5.0,
    "distance_last_km": 3.0, "speed_kmh": 1.0, "hour": 12,
    "payer_failed_logins_1h": 0, "payer_since_password_change_s": None,
    "payer_since_phone_change_s": None, "payer_device_bound_s": None, "payer_payee_added_s": None,
    "payer_since_in_s": None, "payee_since_out_s": None, "payee_fraud_count_30d": 0,
    "payer_refunds_30d": 0, "model_grade": None,
    "device_standing": "PROVEN", "device_bound": True, "device_signals": None,
}  # fmt: skip

# rule, facts on which it fires, and for each part of it the value at which it no longer does
FIRES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("stolen_card_far",
     {"payer_device_age_s": 86_399, "distance_km": 300.0, "amount": 100_000, "payer_count": 4},
     {"card": None, "payer_device_age_s": 86_400, "distance_km": 299.9, "amount": 99_999,
      "payer_count": 3}),
    ("large_payment_far", {"amount": 500_000, "distance_km": 800.0, "payer_count": 4},
     {"amount": 499_999, "distance_km": 799.9, "payer_count": 3}),
    ("impossible_travel", {"distance_last_km": 300.0, "speed_kmh": 1_200.1},
     {"distance_last_km": 299.9, "speed_kmh": 1_200.0}),
    ("impossible_travel_new_device",
     {"distance_last_km": 300.0, "speed_kmh": 1_200.1, "payer_device_age_s": 86_399,
      "amount": 50_000},
     {"distance_last_km": 299.9, "speed_kmh": 1_200.0, "payer_device_age_s": 86_400,
      "amount": 49_999}),
    ("many_small_transfers",
     {"amount": 20_000, "payer_small_count_1h": 8, "payer_payees_1h": 5},
     {"amount": 20_001, "payer_small_count_1h": 7, "payer_payees_1h": 4}),
    ("many_small_transfers_hard",
     {"amount": 20_000, "payer_small_count_1h": 20, "payer_payees_1h": 10},
     {"amount": 20_001, "payer_small_count_1h": 19, "payer_payees_1h": 9}),
    ("card_testing_device", {"device_cards_1h": 5}, {"device_cards_1h": 4}),
    ("card_testing_address",
     {"amount": 500, "address_cards_1h": 8, "address_tiny_count_1h": 8},
     {"amount": 501, "address_cards_1h": 7, "address_tiny_count_1h": 7}),
    ("card_testing_card", {"amount": 500, "card_tiny_count_1h": 5},
     {"amount": 501, "card_tiny_count_1h": 4}),
    ("card_testing_merchant",
     {"amount": 500, "payee_tiny_count_10m": 30, "payee_cards_10m": 25, "payer_payee_age_s": 0},
     {"amount": 501, "payee_tiny_count_10m": 29, "payee_cards_10m": 24, "payer_payee_age_s": 1}),
    ("account_takeover",
     {"payer_device_age_s": 86_399, "payer_payee_age_s": 86_399, "amount_to_mean": 5.0,
      "amount": 100_000, "payer_count": 4},
     {"payer_device_age_s": 86_400, "payer_payee_age_s": 86_400, "amount_to_mean": 4.99,
      "amount": 99_999,
      "payer_count": 3}),
    ("account_takeover_soft",
     {"payer_device_age_s": 86_399, "payer_age_s": 604_800, "payer_payee_age_s": 0,
      "amount_to_mean": 4.0, "amount": 60_000},
     {"payer_device_age_s": 86_400, "payer_age_s": 604_799, "payer_payee_age_s": 1,
      "amount_to_mean": 3.99, "amount": 59_999}),
    ("velocity_count", {"payer_count_10m": 8, "payer_payee_age_s": 86_399},
     {"payer_count_10m": 7, "payer_payee_age_s": 86_400}),
    ("velocity_count_hard", {"payer_count_1h": 40}, {"payer_count_1h": 39}),
    ("velocity_amount", {"payer_sum_24h": 3_000_000, "amount_to_mean": 3.0},
     {"payer_sum_24h": 2_999_999, "amount_to_mean": 2.99}),
    ("first_payment_large", {"payer_count": 3, "amount": 1_000_000},
     {"payer_count": 4, "amount": 999_999}),
    ("impossible_travel_goes_on",
     {"payer_failed_logins_1h": 1, "distance_km": 300.0, "amount": 20_000},
     {"payer_failed_logins_1h": 0, "distance_km": 299.9, "amount": 19_999}),
    ("small_transfers_new_device",
     {"payee_kind": "CUSTOMER", "payer_device_age_s": 3_599, "payer_payee_age_s": 3_599,
      "payer_payee_count_24h": 2, "payer_count": 4},
     {"payee_kind": "MERCHANT", "payer_device_age_s": 3_600, "payer_payee_age_s": 3_600,
      "payer_payee_count_24h": 1, "payer_count": 3}),
    ("small_transfers_repeated",
     {"payee_kind": "CUSTOMER", "amount": 20_000, "payer_payee_age_s": 86_399,
      "payer_payee_count_24h": 8},
     {"payee_kind": "MERCHANT", "amount": 20_001, "payer_payee_age_s": 86_400,
      "payer_payee_count_24h": 7}),
    ("card_testing_few", {"device_cards_1h": 3, "amount": 1_000},
     {"device_cards_1h": 2, "amount": 1_001}),
    ("takeover_secrets_changed",
     {"payer_since_password_change_s": 86_399, "payer_device_age_s": 86_399,
      "payer_payee_age_s": 86_399, "amount": 50_000, "payer_count": 4},
     {"payer_since_password_change_s": 86_400, "payer_device_age_s": 86_400,
      "payer_payee_age_s": 86_400, "amount": 49_999, "payer_count": 3}),
    ("takeover_device_bound",
     {"payer_device_bound_s": 3_599, "payer_payee_added_s": 3_599, "amount_to_mean": 3.0,
      "amount": 30_000, "payer_count": 4},
     {"payer_device_bound_s": 3_600, "payer_payee_added_s": 3_600, "amount_to_mean": 2.99,
      "amount": 29_999, "payer_count": 3}),
    ("takeover_guessed",
     {"payer_failed_logins_1h": 2, "payer_device_age_s": 3_599, "amount_to_mean": 2.0,
      "payer_count": 4},
     {"payer_failed_logins_1h": 1, "payer_device_age_s": 3_600, "amount_to_mean": 1.99,
      "payer_count": 3}),
    ("new_device_first_transfer",
     {"payee_kind": "CUSTOMER", "payer_device_age_s": 0, "payer_payee_age_s": 0,
      "payer_count": 4},
     {"payee_kind": "MERCHANT", "payer_device_age_s": 1, "payer_payee_age_s": 1,
      "payer_count": 3}),
    ("mule_passes_on",
     {"payee_kind": "CUSTOMER", "amount": 50_000, "payer_since_in_s": 1_799,
      "payer_in_sum_24h": 100_000, "payer_passed_on_24h": 0.8},
     {"payee_kind": "MERCHANT", "amount": 49_999, "payer_since_in_s": 1_800,
      "payer_in_sum_24h": 99_999, "payer_passed_on_24h": 0.7999}),
    ("mule_collects",
     {"payee_kind": "CUSTOMER", "payer_payee_age_s": 0, "amount": 100_000,
      "payee_payers_24h": 2, "payee_since_out_s": 10_799, "payee_out_sum_24h": 100_000},
     {"payee_kind": "MERCHANT", "payer_payee_age_s": 1, "amount": 99_999,
      "payee_payers_24h": 1, "payee_since_out_s": 10_800, "payee_out_sum_24h": 99_999}),
    ("mule_known",
     {"payee_kind": "CUSTOMER", "payee_fraud_count_30d": 1, "payer_payee_age_s": 604_799},
     {"payee_kind": "MERCHANT", "payee_fraud_count_30d": 0, "payer_payee_age_s": 604_800}),
    ("large_first_transfer",
     {"payee_kind": "CUSTOMER", "payer_payee_age_s": 0, "amount": 200_000,
      "amount_to_mean_30d": 8.0, "payer_count": 4},
     {"payee_kind": "MERCHANT", "payer_payee_age_s": 1, "amount": 199_999,
      "amount_to_mean_30d": 7.99, "payer_count": 3}),
    ("cash_out_round",
     {"payee_kind": "MERCHANT", "amount": 100_000, "payee_mean_7d": 150_000.0,
      "payee_round_count_24h": 2, "payee_round_sum_24h": 400_000, "payee_sum_24h": 1_000_000,
      "payee_payers_24h": 2},
     {"payee_kind": "CUSTOMER", "card": None, "amount": 99_999, "payee_mean_7d": 149_999.9,
      "payee_round_count_24h": 1, "payee_round_sum_24h": 399_999, "payee_payers_24h": 1}),
    ("model_middle", {"model_grade": 1}, {"model_grade": 0}),
    ("model_general", {"model_grade": 2}, {"model_grade": None}),
    ("model_high", {"model_grade": 3}, {"model_grade": None}),
    ("model_unlike", {"anomaly_score": 0.99}, {"anomaly_score": 0.989, "model_score": 0.0}),
    ("cash_out_repeated",
     {"payee_kind": "MERCHANT", "payer_payee_count_24h": 2, "payer_payee_sum_24h": 500_000,
       "payee_mean_7d": 150_000.0, "payee_count_24h": 4},
     {"payee_kind": "CUSTOMER", "card": None, "payee_count_24h": 3, "payer_payee_count_24h": 1,
      "payer_payee_sum_24h": 499_999, "payee_mean_7d": 149_999.9}),
    ("cash_out_new_merchant",
     {"payee_kind": "MERCHANT", "payee_age_s": 604_799, "amount": 200_000},
     {"payee_kind": "CUSTOMER", "card": None, "payee_age_s": 604_800, "amount": 200_001}),
    ("cash_out_known",
     {"payee_kind": "MERCHANT", "amount": 100_000, "payee_mean_7d": 150_000.0,
      "payee_fraud_share_21d": 0.2},
     {"payee_kind": "CUSTOMER", "amount": 99_999, "payee_mean_7d": 149_999.9,
      "payee_fraud_share_21d": 0.199}),
    ("bonus_many_names", {"promotion": "p", "device_promotion_payers_7d": 4},
     {"promotion": None, "device_promotion_payers_7d": 3}),
    ("bonus_many_names_address",
     {"promotion": "p", "address_promotion_payers_24h": 6, "payer_count": 3},
     {"promotion": None, "address_promotion_payers_24h": 5, "payer_count": 4}),
    ("bonus_second_name",
     {"promotion": "p", "device_promotion_payers_7d": 2, "payer_count": 2},
     {"promotion": None, "device_promotion_payers_7d": 1, "payer_count": 3}),
    ("refund_habit",
     {"payer_refunds_30d": 3, "payer_refund_sum_30d": 500_000, "payer_sum_30d": 1_010_000,
      "amount": 10_000},
     {"payer_refunds_30d": 2, "payer_refund_sum_30d": 499_999, "payer_sum_30d": 1_010_001,
      "amount": 9_999}),
    ("refund_again",
     {"payer_refunds_30d": 2, "payer_refund_sum_30d": 30_000, "payer_sum_30d": 85_000,
      "amount": 10_000},
     {"payer_refunds_30d": 1, "payer_refund_sum_30d": 29_999, "payer_sum_30d": 85_001,
      "amount": 9_999}),
    ("decided_late", {"degraded": "model", "amount": 50_000},
     {"degraded": None, "amount": 49_999}),
    ("device_farm", {"device_payers_24h": 5}, {"device_payers_24h": 4}),
    ("card_shared", {"card_payers_24h": 3}, {"card_payers_24h": 2}),
    ("device_forged", {"device_signals": "COPIED_COOKIE,HEADLESS"}, {"device_signals": "HEADLESS"}),
    ("device_automated", {"device_signals": "HEADLESS"}, {"device_signals": "EMULATOR"}),
    ("device_controlled", {"device_signals": "REMOTE_CONTROL"}, {"device_signals": "AUTOMATION"}),
    ("device_unproven", {"device_signals": "STALE_NONCE"}, {"device_signals": "FOREIGN_NONCE"}),
    ("device_travelled", {"device_signals": "IMPOSSIBLE_TRAVEL"}, {"device_signals": None}),
    ("device_alike_large",
     {"device_standing": "ALIKE", "device_bound": False, "amount": 50_000},
     {"device_standing": "PROVEN", "device_bound": True, "amount": 49_999}),
    ("device_contradictory", {"device_signals": "CLOCK_CONTRADICTION"},
     {"device_signals": "DEVELOPER_TOOLS"}),
    ("signal_new_device", {"payer_device_age_s": 0, "payer_count": 2},
     {"payer_device_age_s": 1, "payer_count": 1}),
    ("signal_far", {"distance_km": 300.0}, {"distance_km": 299.9}),
    ("signal_habit", {"amount_to_mean": 8.0, "amount": 100_000},
     {"amount_to_mean": 7.99, "amount": 99_999}),
    ("signal_night", {"hour": 2, "amount": 100_000}, {"hour": 5, "amount": 99_999}),
    ("signal_many_devices", {"payer_devices_24h": 3}, {"payer_devices_24h": 2}),
]  # fmt: skip


def facts(**changes: Any) -> tuple[Any, ...]:
    named = {**QUIET, **changes}
    return tuple(
        named.get(f.name, None if f.nullable and f.type is not Type.INTEGER else 1)
        for f in CATALOGUE.facts
    )


def alone(name: str) -> Any:
    rules = default_rule_set()
    only = [rule for rule in rules.rules if rule.id == name]
    return make_judge(CATALOGUE, make_rule_set(only, rules.thresholds)), only[0]


def test_every_shipped_rule_has_its_example() -> None:
    assert sorted(r.id for r in default_rule_set().rules) == sorted(name for name, _, _ in FIRES)


@pytest.mark.parametrize(("name", "given", "below"), FIRES, ids=[name for name, _, _ in FIRES])
def test_rule_fires_at_its_line_and_not_below(
    name: str, given: dict[str, Any], below: dict[str, Any]
) -> None:
    judge, rule = alone(name)
    assert judge(facts()).reasons == ()
    assert judge(facts(**given)).reasons == (rule.reason,)
    assert judge(facts(**given)).score == rule.points
    for fact, value in below.items():
        assert judge(facts(**{**given, fact: value})).reasons == (), (fact, value)


def test_a_quiet_payment_is_allowed_without_a_reason() -> None:
    verdict = make_judge(CATALOGUE, default_rule_set())(facts())
    assert (verdict.outcome, verdict.score, verdict.reasons) == (Outcome.ALLOW, 0, ())


def test_reasons_come_strongest_first_and_once() -> None:
    judge = make_judge(CATALOGUE, default_rule_set())
    verdict = judge(
        facts(amount=20_000, payer_small_count_1h=20, payer_payees_1h=10, device_cards_1h=5,
              payer_device_age_s=0)
    )  # fmt: skip
    assert (verdict.outcome, verdict.grade) == (Outcome.REVIEW, Grade.HIGH)
    assert verdict.score == 140 + 40 + 60 + 15
    assert verdict.reasons == ("MANY_SMALL_TRANSFERS", "CARD_TESTING_DEVICE", "NEW_DEVICE")


def test_weak_signals_together_reach_a_threshold() -> None:
    judge = make_judge(CATALOGUE, default_rule_set())
    verdict = judge(
        facts(payer_device_age_s=0, distance_km=300.0, amount=100_000, amount_to_mean=8.0, hour=4,
              payer_devices_24h=3, card=None)
    )  # fmt: skip
    assert (verdict.score, verdict.outcome) == (15 + 10 + 20 + 10 + 15, Outcome.CHALLENGE)


def test_every_reason_speaks_both_languages() -> None:
    for rule in default_rule_set().rules:
        text = reason_text(rule.reason)
        assert text["en"].isascii()
        assert not text["zh"].isascii()
    with pytest.raises(Refused, match="reason_not_found"):
        reason_text("NO_SUCH_CODE")


def test_one_reason_has_one_text() -> None:
    texts = {(rule.reason, rule.en, rule.zh) for rule in default_rule_set().rules}
    assert len(texts) == len({reason for reason, _, _ in texts})


def test_the_version_follows_the_content_and_not_the_order() -> None:
    shipped = default_rule_set()
    assert make_rule_set(reversed(shipped.rules), shipped.thresholds) == shipped
    assert read_rule_set(shipped.body) == shipped
    moved = [Rule(r.id, r.condition, r.grade, r.points + 1, r.reason, r.en, r.zh)
             for r in shipped.rules]  # fmt: skip
    assert make_rule_set(moved, shipped.thresholds).version != shipped.version


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "Bad Id"}, "rule_id_invalid"),
        ({"reason": "lower"}, "rule_reason_invalid"),
        ({"points": -1}, "rule_points_invalid"),
        ({"rollout": 101}, "rule_rollout_invalid"),
        ({"zh": " "}, "rule_text_missing"),
    ],
)
def test_a_wrong_rule_is_refused(change: dict[str, Any], code: str) -> None:
    good: dict[str, Any] = {"id": "r1", "condition": "amount > 1", "grade": Grade.LOW,
                            "points": 1, "reason": "R1", "en": "e", "zh": "中"}  # fmt: skip
    with pytest.raises(Refused, match=code):
        make_rule_set([Rule(**{**good, **change})], default_rule_set().thresholds)
    with pytest.raises(Refused, match="rule_id_repeated"):
        make_rule_set([Rule(**good), Rule(**good)], default_rule_set().thresholds)


def test_an_unreadable_rule_file_is_refused() -> None:
    with pytest.raises(Refused, match="rule_set_unreadable"):
        parse_rule_set("[[rule]]\nid = 3")


def test_a_rule_that_does_not_fit_names_itself() -> None:
    rule = Rule("typo", "amont > 1", Grade.GENERAL, 1, "TYPO", "e", "中")
    with pytest.raises(Refused) as caught:
        make_judge(CATALOGUE, make_rule_set([rule], default_rule_set().thresholds))
    assert caught.value.code == "fact_unknown"
    assert caught.value.details == {
        "name": "amont",
        "nearest": "amount",
        "position": [0, 5],
        "rule": "typo",
    }


def test_every_typology_has_rules_and_no_rule_names_another() -> None:
    named = {rule.typology for rule in default_rule_set().rules} - {None}
    assert named == set(FraudKind) - INVENTED
