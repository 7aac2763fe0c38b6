"""Pure decisions over the stack: what helps, what only alerts, what is counted where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from anfu.limits.agreed.agreed import METRICS, WINDOWS, AgreedKey, AgreedLimit, agreed_rules
from anfu.limits.breach import Reserved
from anfu.limits.counter import Window, payer_counters, total
from anfu.limits.merchant import own_rule
from anfu.limits.multipliers.multiplier import raised
from anfu.limits.rule import Operator, Provenance, Rule, quote_sha256
from anfu.limits.rulebook import shipped_rules
from anfu.limits.stack import Stack
from anfu.limits.use import Code, Debit, Use, UseKind

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
RULES = shipped_rules()


def use(name: str, amount: int, **changes: Any) -> Use:
    start = Use(name, "cus_a", 2, 2, False, None, amount, "CNY", UseKind.BALANCE_PAYMENT, NOON)
    return replace(start, **changes)


def decide(uses: list[Use], used: int = 0, rules: tuple[Rule, ...] = RULES) -> Reserved:
    metered = [(one, payer_counters(one)) for one in uses]
    sums = total((c, used) for c in {c for _, meters in metered for c in meters.values()})
    return Stack(rules, {}, sums).take(metered)


def helps(used: int, one: Use) -> tuple[str, ...]:
    return decide([one], used).breaches[one.id].raise_by


def test_raise_by_names_only_steps_that_let_this_payment_pass() -> None:
    assert helps(100_000, use("a", 1, factors=1)) == ("second_factor", "certificate")
    assert helps(499_999, use("a", 2, factors=1)) == ("certificate",)
    assert helps(499_999, use("a", 2)) == ("certificate",)
    assert helps(9_999_999, use("a", 2)) == ()
    assert helps(9_999_999, use("a", 2, strong=True)) == ("higher_class",)
    assert helps(19_999_999, use("a", 2, strong=True, account_class=2)) == ()
    assert helps(100_000, use("a", 1, account_class=1)) == ("higher_class",)
    assert helps(100_000, use("a", 1, account_class=1, factors=1)) == ()


def test_one_class_of_factors_stays_bound_even_with_a_certificate() -> None:
    """43号 art. 24(3): fewer than two classes, whatever they are."""
    answer = decide([use("a", 1, factors=1, strong=True)], 100_000)
    assert answer.breaches["a"].rule == "CN-NP43-24-3"


def test_the_strictest_limit_is_named() -> None:
    breach = decide([use("a", 20_000_001, factors=1)]).breaches["a"]
    assert (breach.rule, breach.remaining) == ("CN-NP43-24-3", 100_000)
    breach = decide([use("a", 20_000_001)], 9_999_000).breaches["a"]
    assert (breach.rule, breach.limit, breach.remaining) == ("CN-NP43-24-2", 500_000, 0)


def test_a_breach_names_its_law() -> None:
    breach = decide([use("a", 1)], 500_000).breaches["a"]
    assert breach.law == "公告〔2015〕43号"
    assert breach.article == "24(2)"
    assert breach.quote is not None
    assert quote_sha256(breach.quote).startswith("f9c26f22")
    assert breach.title_en.startswith("Two classes of factors")
    assert breach.title_zh.startswith("两类以上要素")
    assert (breach.limit, breach.currency, breach.used, breach.remaining) == (
        500_000, "CNY", 500_000, 0,
    )  # fmt: skip
    assert breach.resets_at == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert breach.on_breach == ("reject", "offer_step_up")


def test_a_rule_from_memory_alerts_and_never_blocks() -> None:
    rumour = replace(
        RULES[3], id="RUMOUR", maximum=1, provenance=Provenance.MEMORY, liable=True
    )  # fmt: skip
    answer = decide([use("a", 2)], rules=(rumour,))
    assert (answer.breaches, answer.liable) == ({}, {})
    assert answer.alerts["a"].rule == "RUMOUR"


def test_the_operator_of_the_rule_decides_at_the_number_itself() -> None:
    assert decide([use("a", 500_000)]).breaches == {}
    strict = replace(RULES[3], operator=Operator.LT)
    assert decide([use("a", 499_999)], rules=(strict,)).breaches == {}
    breach = decide([use("a", 500_000)], rules=(strict,)).breaches["a"]
    assert (breach.limit, breach.remaining) == (500_000, 499_999)


def test_effective_dates_are_half_open_civil_days() -> None:
    rule = replace(
        RULES[3], maximum=1, effective_from=date(2026, 11, 23), effective_to=date(2026, 11, 24)
    )
    midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    moments = {
        "before": midnight.replace(hour=15, minute=59, second=59),
        "first": midnight,
        "last": midnight.replace(day=23, hour=15, minute=59, second=59),
        "after": midnight.replace(day=23),
    }
    answer = decide([use(name, 2, at=at) for name, at in moments.items()], rules=(rule,))
    assert set(answer.breaches) == {"first", "last"}


def test_what_is_counted_follows_from_the_use_alone() -> None:
    def spans(**changes: Any) -> set[tuple[str, str, date]]:
        counters = payer_counters(use("a", 1, **changes)).values()
        return {(c.metric, c.window, c.starts_on) for c in counters}

    day = ("balance_payment/CNY", "natural_day", date(2026, 11, 23))
    year = ("balance_payment/CNY", "calendar_year", date(2026, 1, 1))
    lifetime = ("balance_out/CNY", "lifetime", date(1970, 1, 1))
    month = ("balance_payment/CNY", "natural_month", date(2026, 11, 1))
    number = ("balance_count/CNY", "natural_day", date(2026, 11, 23))
    every = {day, month, year, number}
    assert spans() == spans(account_class=None) == every
    assert spans(account_class=1) == {*every, lifetime}
    assert spans(kind=UseKind.WITHDRAW_TO_OWN_BANK) == set()
    assert spans(kind=UseKind.WITHDRAW_TO_OWN_BANK, account_class=1) == {lifetime}
    assert spans(kind=UseKind.NETWORK_PAYMENT, account_class=1) == {
        ("bank_payment/CNY", "natural_day", date(2026, 11, 23)),
        ("bank_payment/CNY", "natural_month", date(2026, 11, 1)),
        ("bank_count/CNY", "natural_day", date(2026, 11, 23)),
    }
    usd = {metric for metric, _, _ in spans(currency="USD")}
    assert usd == {"balance_payment/USD", "balance_count/USD"}


@pytest.mark.parametrize(
    ("changes", "metric", "subject"),
    [
        ({}, "balance", "cus_a"),
        ({"kind": UseKind.NETWORK_PAYMENT, "debit": Debit.INSTITUTION}, "banks", "cus_a"),
        ({"kind": UseKind.NETWORK_PAYMENT}, "bank_account", "cus_a/tok_1"),
    ],
)
def test_a_code_payment_counts_for_what_it_is_paid_from(
    changes: dict[str, Any], metric: str, subject: str
) -> None:
    def found(code: Code) -> set[tuple[str, str]]:
        one = use("a", 1, code=code, bank_account="tok_1", **changes)
        counters = payer_counters(one).values()
        return {(c.metric, c.subject) for c in counters if "code_payment" in c.metric}

    every = (f"code_payment/CNY/{metric}", subject)
    assert found(Code.NONE) == set()
    assert found(Code.DYNAMIC) == {every}
    assert found(Code.STATIC) == {every, (f"static_code_payment/CNY/{metric}", subject)}


def test_no_rule_bounds_a_withdrawal_of_class_two_or_three() -> None:
    """43号 art. 12, whatever the rules and whatever the customer agreed to."""
    agreed = [
        rule
        for metric in METRICS
        for window in WINDOWS
        for rule in agreed_rules(AgreedLimit(AgreedKey("c", metric, window, "CNY"), 1, NOON))
    ]
    raised_rules = raised(RULES, {rule.id: 200 for rule in RULES})
    for account_class in (2, 3):
        one = use("a", 1 << 52, kind=UseKind.WITHDRAW_TO_OWN_BANK, account_class=account_class)
        for rule in (*RULES, *raised_rules, *agreed):
            assert not rule.bounds(one, NOON.date()), rule.id


def test_a_multiplier_raises_classes_two_and_three_only() -> None:
    rules = tuple(raised(RULES, {"CN-NP43-24-2": 150, "CN-NP43-11-3": 200}))
    assert decide([use("a", 750_000)], rules=rules).breaches == {}
    assert decide([use("a", 750_001)], rules=rules).breaches["a"].limit == 750_000
    one = decide([use("a", 500_001, account_class=1)], rules=rules).breaches["a"]
    assert (one.rule, one.remaining) == ("CN-NP43-11-1", 100_000)
    low = [r for r in rules if r.id == "CN-NP43-24-2" and 1 in (r.scope.account_classes or ())]
    assert [r.maximum for r in low] == [500_000]
    assert decide([use("a", 1, strong=True, account_class=3)], 20_000_000, rules).breaches


def test_a_merchants_rule_has_no_law() -> None:
    one = use("a", 2, merchant="mer_a")
    own = {"mer_a": [own_rule(Window.PAYMENT, "CNY", 1)]}
    metered = [(one, payer_counters(one))]
    sums = total((c, 0) for c in metered[0][1].values())
    breach = Stack(RULES, own, sums).take(metered).breaches["a"]
    assert (breach.rule, breach.law, breach.article, breach.quote) == (
        "MERCHANT-PAYMENT", None, None, None,
    )  # fmt: skip
    assert (breach.limit, breach.used, breach.remaining, breach.resets_at) == (1, 0, 1, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0}, {"amount": -1}, {"amount": 1.0}, {"amount": True}, {"account_class": 4},
        {"account_class": 0}, {"factors": -1}, {"at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"kind": "GIFT"},
    ],
)  # fmt: skip
def test_a_use_that_cannot_be_counted_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        replace(use("a", 1), **changes)
