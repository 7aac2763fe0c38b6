"""Environment, event, catalogue, and windows by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.environment import Environment, distance_km
from anfu.risk.event import Event
from anfu.risk.features import Aggregate, Entity, Feature, make_catalogue, read_catalogue
from anfu.risk.profiles import Profiles

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SHANGHAI = (31.2304, 121.4737)
BEIJING = (39.9042, 116.4074)


def event(seconds: float = 0, amount: int = 100, *, payer: str = "cus_1", **other: Any) -> Event:
    given: dict[str, Any] = {"payee": "mer_1", "card": None, **other}
    return Event(id=f"pay_{seconds}", payer=payer, amount=amount, currency="CNY", method="CARD",
                 at=START + timedelta(seconds=seconds), **given)  # fmt: skip


def named(facts: tuple[Any, ...]) -> dict[str, Any]:
    names = [fact.name for fact in CATALOGUE.facts[: CATALOGUE.learned]]
    return dict(zip(names, facts, strict=True))


def test_distance_is_the_great_circle() -> None:
    assert distance_km(*SHANGHAI, *BEIJING) == 1067.3
    assert distance_km(*SHANGHAI, *SHANGHAI) == 0.0
    assert distance_km(0, 0, 0, 180) == 20015.1


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, 181.0), (1.0, None), (float("nan"), 0.0)])
def test_a_position_lies_on_the_globe(place: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="position"):
        Environment(latitude=place[0], longitude=place[1])


def test_an_event_has_an_amount_and_a_time() -> None:
    with pytest.raises(ValueError, match="amount"):
        event(amount=-1)
    with pytest.raises(ValueError, match="time zone"):
        Event("e", "a", "b", 1, "CNY", "CARD", None, datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_window_is_open_at_its_start_and_counts_the_payment_itself() -> None:
    profiles = Profiles(CATALOGUE)
    assert named(profiles.learn_one(event(0)))["payer_count_10m"] == 1
    assert named(profiles.learn_one(event(599.999999)))["payer_count_10m"] == 2
    assert named(profiles.learn_one(event(600)))["payer_count_10m"] == 2
    assert named(profiles.learn_one(event(600)))["payer_count_10m"] == 3
    assert named(profiles.learn_one(event(1_200)))["payer_count_10m"] == 1


def test_sums_are_exact_and_stop_at_the_largest_safe_number() -> None:
    profiles, most = Profiles(CATALOGUE), (1 << 53) - 1
    profiles.learn_one(event(0, most - 10))
    assert named(profiles.learn_one(event(1, 9)))["payer_sum_1h"] == most - 1
    facts = named(profiles.learn_one(event(2, most)))
    assert (facts["payer_sum_1h"], facts["payer_max_7d"]) == (most, most)


def test_what_is_passed_on_is_measured_by_what_came_in_within_a_day_and_stops_at_ten() -> None:
    profiles = Profiles(CATALOGUE)

    def passed_on(seconds: float, amount: int) -> float | None:
        found: float | None = named(profiles.learn_one(event(seconds, amount)))[
            "payer_passed_on_24h"
        ]
        return found

    assert passed_on(0, 0) is None
    profiles.learn_one(event(1, 1_000, payer="cus_2", payee="cus_1"))
    assert [passed_on(2, 799), passed_on(3, 1), passed_on(4, 9_199)] == [0.799, 0.8, 9.999]
    assert [passed_on(5, 1), passed_on(6, 1)] == [10.0, 10.0]
    assert passed_on(86_401, 1) is None


def test_new_things_have_age_zero_and_unknown_things_are_null() -> None:
    profiles = Profiles(CATALOGUE)
    seen = Environment("dvc_1", None, *SHANGHAI)
    first = named(profiles.learn_one(event(0, environment=seen)))
    assert (first["payer_device_age_s"], first["payer_payee_age_s"], first["payer_age_s"]) == (
        0,
        0,
        0,
    )
    assert first["amount_to_mean"] is first["distance_km"] is first["payer_card_age_s"] is None
    assert first["card_count_1h"] is first["address_payers_1h"] is None
    far = Environment("dvc_1", None, *BEIJING)
    second = named(profiles.learn_one(event(3_600, 300, environment=far)))
    assert (second["payer_device_age_s"], second["payer_since_last_s"]) == (3_600, 3_600)
    assert (second["distance_last_km"], second["speed_kmh"]) == (1067.3, 1067.3)
    assert second["amount_to_mean"] == 3.0


def test_an_event_never_learned_cannot_be_forgotten() -> None:
    profiles = Profiles(CATALOGUE)
    profiles.learn_one(event(0))
    with pytest.raises(BrokenInvariant):
        profiles.forget_one(event(1))
    profiles.forget_one(event(0))
    assert set(profiles.counts().values()) == {(0, 0)}


def test_idle_addresses_are_swept_and_payers_are_kept() -> None:
    profiles = Profiles(CATALOGUE)
    profiles.learn_one(event(0, environment=Environment(address="ip_1")))
    # Of all payments, and of tiny ones, within an hour; each is kept two hours longer.
    profiles.sweep(now=START + timedelta(seconds=10_799))
    assert profiles.counts()["address"] == (1, 1)
    profiles.sweep(now=START + timedelta(seconds=10_800))
    assert profiles.counts()["address"] == (0, 0)
    assert profiles.counts()["payer"] == (1, 1)


async def test_what_is_dead_goes_by_itself_as_time_passes_in_the_stream() -> None:
    small = make_catalogue([f for f in CATALOGUE.features if f.name == "address_payers_1h"])
    profiles, day = Profiles(small), 86_400
    most = 0
    for n in range(3_000):
        at, seen = n * day / 1_000, Environment(address=f"ip_{n}")
        await profiles.learn([event(at, environment=seen)])
        most = max(most, profiles.counts()["address"][0])
    # Three hours of addresses, and as many again before their turn comes: 250 at this rate.
    assert 125 <= most <= 275


async def test_looks_at_keys_nobody_knows_leave_nothing_behind() -> None:
    profiles = Profiles(CATALOGUE)
    for n in range(100):
        await profiles.look([event(n, environment=Environment("dvc_x", "ip_x"))])
    assert set(profiles.counts().values()) == {(0, 0)}
    assert not profiles._shelves.names


def test_the_catalogue_is_read_back_from_its_body() -> None:
    assert read_catalogue(CATALOGUE.body) == CATALOGUE
    assert make_catalogue(CATALOGUE.features[1:]).version != CATALOGUE.version
    assert len(CATALOGUE.features) == 109
    assert all(f.en.isascii() and not f.zh.isascii() for f in CATALOGUE.features)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Upper"},
        {"name": "a; b"},
        {"name": "amount"},
        {"entity": None},
        {"window_s": 0},
        {"field": "payee"},
        {"aggregate": Aggregate.DISTINCT},
        {"aggregate": Aggregate.DISTINCT, "field": "payer"},
        {"aggregate": Aggregate.DISTINCT, "field": "amount"},
        {"aggregate": Aggregate.AGE},
        {"kinds": ()},
        {"delay_s": -1},
        {"delay_s": 60, "window_s": None},
        {"also": Entity.PAYER},
        {"aggregate": Aggregate.FRAUD_COUNT, "window_s": None},
        {"aggregate": Aggregate.SPEED, "entity": Entity.CARD, "window_s": None},
        {"condition": "amount > 1", "window_s": None},
        {"aggregate": Aggregate.PASSED_ON, "entity": Entity.CARD},
        {"aggregate": Aggregate.PASSED_ON, "by": Entity.PAYEE},
    ],
)
def test_a_feature_that_says_nothing_is_refused(change: dict[str, Any]) -> None:
    good: dict[str, Any] = {"name": "f", "entity": Entity.PAYER, "aggregate": Aggregate.COUNT,
                            "unit": "payments", "en": "e", "zh": "中", "window_s": 60}  # fmt: skip
    make_catalogue([Feature(**good)])
    with pytest.raises(ValueError, match=r"."):
        make_catalogue([Feature(**{**good, **change})])


def test_what_is_passed_on_needs_both_sums_of_the_same_window() -> None:
    alone = [f for f in CATALOGUE.features if f.name != "payer_in_sum_24h"]
    with pytest.raises(ValueError, match="payer_passed_on_24h"):
        Profiles(make_catalogue(alone))
