"""The shipped rules say what the law says, and a rule that cannot be trusted is not loaded."""

from __future__ import annotations

from datetime import date

import pytest

from anfu.limits.counter import Metric, Window
from anfu.limits.rule import Operator, Rule, Scope, quote_sha256
from anfu.limits.rulebook import load_rules, shipped_rules
from anfu.limits.use import Code, Debit

GOOD = f"""
[[rule]]
id = "X-1"
title_zh = "日限额"
title_en = "Day"
metric = "balance_payment"
counts = ["BALANCE_PAYMENT"]
excludes = ["WITHDRAW_TO_OWN_BANK"]
window = "natural_day"
zone = "Asia/Shanghai"
max = "10.00"
currency = "CNY"
operator = "<"
effective_from = 2026-01-01
effective_to = 2027-01-01
provenance = "memory"
on_breach = ["reject"]
tests = ["t"]
applies_to = {{ account_classes = [2, 3] }}
[rule.law]
name = "n"
number = "1号"
article = "1"
quote = "不超过 10 元"
quote_sha256 = "{quote_sha256("不超过10元")}"
"""


DYNAMIC = frozenset({Code.DYNAMIC})
EVERY = frozenset({1, 2, 3})
SHIPPED: dict[str, tuple[object, ...]] = {
    "CN-NP43-11-1": (
        Metric.BALANCE_OUT, Window.LIFETIME, 100_000, Scope(frozenset({1})), False,
        ("higher_class",),
    ),
    "CN-NP43-11-2": (
        Metric.BALANCE_PAYMENT, Window.CALENDAR_YEAR, 10_000_000, Scope(frozenset({2})), False,
        ("higher_class",),
    ),
    "CN-NP43-11-3": (
        Metric.BALANCE_PAYMENT, Window.CALENDAR_YEAR, 20_000_000, Scope(frozenset({3})), False,
        (),
    ),
    "CN-NP43-24-2": (
        Metric.BALANCE_PAYMENT, Window.NATURAL_DAY, 500_000, Scope(EVERY, 2, None, False),
        False, ("certificate",),
    ),
    "CN-NP43-24-3": (
        Metric.BALANCE_PAYMENT, Window.NATURAL_DAY, 100_000, Scope(EVERY, 0, 1, None), True,
        ("second_factor", "certificate"),
    ),
    "CN-NP43-10-3": (
        Metric.BANK_PAYMENT, Window.PAYMENT, 20_000,
        Scope(EVERY, debit=Debit.INSTITUTION, bank_verified=False), False,
        ("bank_verification",),
    ),
    "CN-QR296-12-2": (
        Metric.CODE_PAYMENT, Window.NATURAL_DAY, 500_000,
        Scope(EVERY, 2, None, False, DYNAMIC), False, ("certificate",),
    ),
    "CN-QR296-12-3": (
        Metric.CODE_PAYMENT, Window.NATURAL_DAY, 100_000, Scope(EVERY, 0, 1, None, DYNAMIC),
        False, ("second_factor", "certificate"),
    ),
    "CN-QR296-12-4": (
        Metric.STATIC_CODE_PAYMENT, Window.NATURAL_DAY, 50_000,
        Scope(EVERY, codes=frozenset({Code.STATIC})), False, ("dynamic_code",),
    ),
}  # fmt: skip


def _shipped() -> dict[str, Rule]:
    return {rule.id: rule for rule in shipped_rules()}


def test_the_shipped_rules_are_those_of_43_and_296() -> None:
    def core(rule: Rule) -> tuple[object, ...]:
        return rule.metric, rule.window, rule.maximum, rule.scope, rule.liable, rule.raise_by

    assert {name: core(rule) for name, rule in _shipped().items()} == SHIPPED
    for rule in shipped_rules():
        assert rule.law is not None
        qr = rule.id.startswith("CN-QR296")
        assert rule.law.number == ("银发〔2017〕296号" if qr else "公告〔2015〕43号")
        assert rule.operator is Operator.LTE
        assert rule.effective_from == (date(2018, 4, 1) if qr else date(2016, 7, 1))
        assert rule.effective_to is None
        assert rule.currency == "CNY"
        assert rule.blocks


def test_a_rule_is_read_whole() -> None:
    (rule,) = load_rules(GOOD, source="x.toml")
    assert rule.most == 999
    assert not rule.blocks
    assert [rule.in_force(date(y, m, d)) for y, m, d in DAYS] == [False, True, True, False]


DAYS = [(2025, 12, 31), (2026, 1, 1), (2026, 12, 31), (2027, 1, 1)]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "X-1"', "", "rule 1: id: missing"),
        ('title_en = "Day"', 'title_en = " "', "X-1: title_en: is not a text"),
        ("不超过 10 元", "不超过 100 元", "X-1.law: quote_sha256: is not the hash of the quote"),
        ('article = "1"', "", "X-1.law: article: missing"),
        ('"10.00"', '"10.001"', "X-1: max: amount_invalid"),
        ('"10.00"', '"0.00"', "X-1: max: is not positive"),
        ('"10.00"', "10.0", "X-1: max: is not a text"),
        ('"CNY"', '"CNH"', "X-1: max: currency_unknown"),
        ('operator = "<"', 'operator = "≤"', "X-1: operator: is not one of <=, <"),
        ('operator = "<"', "", "X-1: operator: missing"),
        ("2027-01-01", "2026-01-01", "X-1: effective_to: is not after effective_from"),
        ("2026-01-01", '"2026"', "X-1: effective_from: is not a date"),
        ("2026-01-01", "2026-01-01T00:00:00", "X-1: effective_from: is not a date"),
        ('"memory"', '"hearsay"', "X-1: provenance: is not one of source, secondary, memory"),
        ('["t"]', "[]", "X-1: tests: is empty"),
        ('["reject"]', '["shout"]', "X-1: on_breach: is not one of"),
        ("Asia/Shanghai", "UTC", "X-1: zone: sums are kept in Asia/Shanghai only"),
        ("natural_day", "lifetime", "X-1: window: no lifetime sum of balance_payment"),
        ("[2, 3] }", '[2], codes = ["static"] }', "X-1: codes: balance_payment does not count"),
        ("[2, 3] }", '[2], codes = ["aztec"] }', "X-1.applies_to: codes: is not one of none"),
        ("[2, 3]", "[4]", "X-1.applies_to: account_classes: only classes 1, 2 and 3 exist"),
        ("[2, 3]", "[]", "X-1.applies_to: account_classes: is empty"),
        ("[2, 3]", "[true]", "X-1.applies_to: account_classes: is not a whole number"),
        ("[2, 3] }", "[2], strong = 1 }", "X-1.applies_to: strong: is neither true nor false"),
        ("[2, 3] }", "[2], factors_min = 2, factors_max = 1 }", "factors_max: is less than"),
        ("[2, 3] }", "[2], shoe_size = 44 }", "X-1.applies_to: shoe_size: unknown"),
        ("[[rule]]", "[[rule]]\nlast_word = true", "X-1: last_word: unknown"),
        ("[[rule]]", "version = 1\n[[rule]]", "x.toml: version: unknown"),
        ('counts = ["BALANCE_PAYMENT"]', "counts = []", "X-1: counts: balance_payment counts"),
        ("[[rule]]", "[[rule", "x.toml: "),
        ('["WITHDRAW_TO_OWN_BANK"]', '["BALANCE_PAYMENT"]', "X-1: excludes: what is counted"),
    ],
)
def test_a_faulty_rule_is_refused_by_name(old: str, new: str, complaint: str) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(ValueError, match=complaint.replace(".", r"\.").replace("[", r"\[")):
        load_rules(GOOD.replace(old, new, 1), source="x.toml")


def test_no_rule_may_bound_withdrawals_of_class_two_or_three() -> None:
    """CN-NP43-12-2."""
    outgoing = (
        GOOD.replace('"balance_payment"', '"balance_out"')
        .replace('["BALANCE_PAYMENT"]', '["BALANCE_PAYMENT", "WITHDRAW_TO_OWN_BANK"]')
        .replace('excludes = ["WITHDRAW_TO_OWN_BANK"]\n', "")
        .replace("natural_day", "lifetime")
    )
    assert load_rules(outgoing.replace("[2, 3]", "[1]"), source="x")[0].window == "lifetime"
    with pytest.raises(ValueError, match="class 1 only"):
        load_rules(outgoing, source="x")


def test_two_versions_of_a_rule_do_not_overlap() -> None:
    later = GOOD.replace("2027-01-01", "2028-01-01").replace("2026-01-01", "2027-01-01")
    assert len(load_rules(GOOD + later, source="x")) == 2
    with pytest.raises(ValueError, match="X-1: two versions are in force on the same day"):
        load_rules(later + GOOD.replace("2027-01-01", "2027-01-02"), source="x")
