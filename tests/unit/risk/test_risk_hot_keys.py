"""A key with very many events: exact up to the limit, tiled and said so beyond it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.property.risk.oracle import Past

from anfu.risk.event import Event, Kind
from anfu.risk.features import Aggregate, Entity, Feature, make_catalogue
from anfu.risk.packed.layout import LIMIT
from anfu.risk.profiles import Profiles
from anfu.risk.sketch import Sketch
from anfu.risk.tiles import PARTS

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR, DAY = 3_600, 86_400
FEATURES = [
    Feature(f"payee_{aggregate.lower()}_{window}_{delay}", Entity.PAYEE, aggregate, "u", "e", "中",
            window, delay_s=delay, field="payer" if aggregate is Aggregate.DISTINCT else None)
    for aggregate in (Aggregate.COUNT, Aggregate.SUM, Aggregate.MEAN, Aggregate.STD, Aggregate.MAX,
                      Aggregate.MIN, Aggregate.DISTINCT, Aggregate.FIRST, Aggregate.LAST,
                      Aggregate.FRAUD_COUNT, Aggregate.FRAUD_SHARE)
    for window, delay in ((60, 0), (HOUR, 0), (HOUR, HOUR))
] + [
    Feature("payee_count", Entity.PAYEE, Aggregate.COUNT, "u", "e", "中"),
    Feature("payee_sum", Entity.PAYEE, Aggregate.SUM, "u", "e", "中"),
    Feature("payee_max", Entity.PAYEE, Aggregate.MAX, "u", "e", "中"),
    Feature("payee_std", Entity.PAYEE, Aggregate.STD, "u", "e", "中"),
    Feature("payee_since_last_s", Entity.PAYEE, Aggregate.SINCE_LAST, "s", "e", "中"),
    Feature("payee_age_s", Entity.PAYEE, Aggregate.AGE, "s", "e", "中"),
]  # fmt: skip
CATALOGUE = make_catalogue(FEATURES)
PLACES = {f.name: len(CATALOGUE.inputs) + i for i, f in enumerate(FEATURES)}


def paid(n: int, at: datetime, payee: str = "mer_hot") -> Event:
    source = random.Random(n)
    return Event(f"pay_{n}", f"cus_{source.randrange(9_000)}", payee, source.randrange(1, 10**6),
                 "CNY", "CARD", None, at)  # fmt: skip


def named(facts: tuple[Any, ...]) -> dict[str, Any]:
    return {name: facts[place] for name, place in PLACES.items()} | {"approximate": facts[-1]}


def flood(count: int, gap_s: float) -> list[Event]:
    return [paid(n, START + timedelta(seconds=n * gap_s)) for n in range(count)]


def test_up_to_the_limit_everything_is_exact_and_nothing_is_said() -> None:
    profiles, past = Profiles(CATALOGUE), Past(flood(LIMIT - 1, 0.5))
    for event in past.events:
        profiles.learn_one(event)
    last = paid(LIMIT, START + timedelta(seconds=LIMIT / 2))
    facts = profiles.learn_one(last)
    assert facts[-1] is None
    assert named(facts)[f"payee_count_{HOUR}_0"] == LIMIT
    for feature in FEATURES:
        assert facts[PLACES[feature.name]] == past.value(last, feature), feature.name


def test_beyond_it_errors_are_within_the_stated_ones_and_the_fact_says_so() -> None:
    profiles, past = Profiles(CATALOGUE), Past()
    events = flood(20_000, 0.4)
    for event in events[:-1]:
        profiles.learn_one(event)
    frauds = events[3_000:12_000:100]
    for fraud in frauds:
        profiles.label_one(fraud, fraud=True, at=fraud.at)
        past.hear(fraud, fraud=True, at=fraud.at)
    facts = profiles.learn_one(events[-1])
    seen = named(facts)
    past.events = events[:-1]
    exact = {f.name: past.value(events[-1], f) for f in FEATURES}
    assert seen["approximate"] == "payee"
    # A short window, and what is known for ever, are exact all the same.
    whole = [name for name in exact if "_60_" in name or not name.endswith("_0")]
    lifelong = ("payee_count", "payee_sum", "payee_max", "payee_std", "payee_since_last_s",
                "payee_age_s")  # fmt: skip
    for name in (*lifelong, *(n for n in whole if "_60_" in n)):
        assert seen[name] == exact[name], name
    # A window of an hour is at most two of its 128th parts too long.
    for end in (f"{HOUR}_0", f"{HOUR}_{HOUR}"):
        for part in ("count", "sum"):
            name = f"payee_{part}_{end}"
            assert 1 <= seen[name] / exact[name] <= 1 + 2.1 / PARTS, name
        for part in ("mean", "std"):
            assert seen[f"payee_{part}_{end}"] == pytest.approx(exact[f"payee_{part}_{end}"], 0.02)
        assert seen[f"payee_max_{end}"] >= exact[f"payee_max_{end}"]
        assert seen[f"payee_min_{end}"] <= exact[f"payee_min_{end}"]
        name = f"payee_distinct_{end}"
        assert seen[name] == pytest.approx(exact[name], rel=3 * 0.023 + 2 / PARTS), name
        assert seen[f"payee_fraud_count_{end}"] == exact[f"payee_fraud_count_{end}"]
        name = f"payee_fraud_share_{end}"
        assert seen[name] == pytest.approx(exact[name], rel=0.02), name
    assert seen[f"payee_last_{HOUR}_0"] == exact[f"payee_last_{HOUR}_0"]


def test_a_quiet_hot_key_is_exact_again() -> None:
    profiles, past = Profiles(CATALOGUE), Past(flood(3 * LIMIT, 0.1))
    for event in past.events:
        profiles.learn_one(event)
    later = paid(10**6, past.events[-1].at + timedelta(seconds=HOUR))
    facts = profiles.learn_one(later)
    assert named(facts)["approximate"] == "payee"  # the hour that ended an hour ago
    latest = paid(10**6 + 1, later.at + timedelta(seconds=2 * HOUR))
    past.events.append(later)
    facts = profiles.learn_one(latest)
    assert facts[-1] is None
    for feature in FEATURES:
        assert facts[PLACES[feature.name]] == past.value(latest, feature), feature.name


def test_tiles_are_the_same_in_any_order_and_what_is_forgotten_leaves_sums_exactly() -> None:
    events = flood(3 * LIMIT, 0.2)
    straight, jumbled = Profiles(CATALOGUE), Profiles(CATALOGUE)
    for event in events:
        straight.learn_one(event)
    source = random.Random(1)
    for start in range(0, len(events), 50):
        some = events[start : start + 50]
        source.shuffle(some)
        for event in some:
            jumbled.learn_one(event)
    gone = [paid(10**6 + n, events[-1].at) for n in range(100)]
    for event in gone:
        jumbled.learn_one(event)
    for event in gone:
        jumbled.forget_one(event)
    last = paid(10**7, events[-1].at + timedelta(seconds=1))
    one, other = named(straight.learn_one(last)), named(jumbled.learn_one(last))
    rough = {n for n in one if "_max_" in n or "_min_" in n or "_distinct_" in n}
    assert {n: v for n, v in one.items() if n not in rough} == {
        n: v for n, v in other.items() if n not in rough
    }
    for name in (n for n in rough if one[n] is not None):
        assert other[name] == pytest.approx(one[name], rel=0.03), name


def test_a_hot_key_keeps_a_bounded_number_of_rows() -> None:
    profiles = Profiles(CATALOGUE)
    for event in flood(50_000, 0.01):
        profiles.learn_one(event)
        assert profiles.counts()["payee"][1] <= 2 * LIMIT
    assert profiles.counts() == {"payee": (1, profiles.counts()["payee"][1])}


def test_what_others_received_on_a_hot_key_is_named_too() -> None:
    by = Feature("payer_in_sum_1h", Entity.PAYEE, Aggregate.SUM, "minor", "e", "中", HOUR,
                 by=Entity.PAYER)  # fmt: skip
    profiles = Profiles(make_catalogue([by]))
    for n in range(LIMIT + 1):
        profiles.learn_one(paid(n, START + timedelta(seconds=n / 10), "cus_rich"))
    at = START + timedelta(seconds=LIMIT / 10 + 1)
    spent = Event("pay_x", "cus_rich", "mer_1", 5, "CNY", "CARD", None, at, kind=Kind.PAYMENT)
    assert profiles.learn_one(spent)[-1] == "payee"


@pytest.mark.parametrize("count", [0, 1, 100, 5_000, 50_000])
def test_a_sketch_counts_within_three_standard_errors(count: int) -> None:
    sketch = Sketch()
    for n in range(count):
        sketch.add(f"cus_{n}")
        sketch.add(f"cus_{n // 2}")
    assert sketch.estimate() == pytest.approx(count, rel=3 * 0.023)
    halves = [Sketch(), Sketch()]
    for n in range(count):
        halves[n % 2].add(f"cus_{n}")
    joined = Sketch.joined(halves)
    assert joined.registers == sketch.registers
    assert joined.estimate() == sketch.estimate()
