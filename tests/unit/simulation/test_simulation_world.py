"""The world of a seed: the same again, and such as people are."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from statistics import mean, median

import pytest

from anfu.authentication.factor import factor_count
from anfu.parties.person import DocumentType, parse_document, parse_person
from anfu.risk.environment import distance_km
from anfu.simulation.habits import LEAST, MOST, Day, trip
from anfu.simulation.places import CITIES
from anfu.simulation.plan import Plan
from anfu.simulation.world import Size, World, make_world

START = datetime(2026, 10, 31, 16, tzinfo=UTC)
DAYS = 10


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1, Size(payers=120), start=START)


@pytest.fixture(scope="module")
def plans(world: World) -> list[Plan]:
    return [plan for day in range(DAYS) for plan in world.plan(day)]


@pytest.fixture(scope="module")
def honest(plans: list[Plan]) -> list[Plan]:
    return [plan for plan in plans if plan.honest]


def test_the_same_seed_plans_the_same_days(plans: list[Plan]) -> None:
    again = make_world(1, Size(payers=120), start=START)
    assert [plan for day in range(DAYS) for plan in again.plan(day)] == plans


def test_a_day_does_not_follow_from_the_days_planned_before(world: World) -> None:
    assert world.plan(5) == make_world(1, Size(payers=120), start=START).plan(5)


def test_another_seed_plans_other_days(plans: list[Plan]) -> None:
    other = make_world(2, Size(payers=120), start=START)
    assert {(p.payer, p.amount, p.at) for p in other.plan(0)}.isdisjoint(
        (p.payer, p.amount, p.at) for p in plans
    )


def test_no_key_is_used_twice_and_each_may_travel_in_a_header(plans: list[Plan]) -> None:
    keys = [plan.key for plan in plans]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 100 and key.isascii() and " " not in key for key in keys)


def test_people_have_valid_documents_and_phones_and_nobody_has_them_twice(world: World) -> None:
    people = [person for person, _ in world.people()]
    for person in people:
        kind, number = person.document
        document = parse_document(DocumentType(kind), number)
        assert parse_person(person.name, person.phone, document).phone == person.phone
        assert number.startswith("99")  # no region: nobody's number
    assert len({p.document for p in people}) == len({p.phone for p in people}) == len(people)


def test_everyday_amounts_are_log_normal_between_5_and_500_yuan(honest: list[Plan]) -> None:
    everyday = [p.amount for p in honest if p.amount <= MOST]
    assert min(everyday) >= LEAST
    assert 3_500 < median(everyday) < 6_000
    assert mean(everyday) > 1.3 * median(everyday)  # skewed to the right
    assert 0 < len(honest) - len(everyday) < 0.01 * len(honest)


def test_a_payer_pays_one_to_eight_times_a_day_in_waking_hours(
    world: World, honest: list[Plan]
) -> None:
    days: dict[tuple[int, int], list[Plan]] = defaultdict(list)
    for plan in honest:
        days[plan.payer, (plan.at - START).days].append(plan)
    assert {len(made) for made in days.values()} == set(range(1, 9))
    assert len(days) == DAYS * len(world.payers)
    for (payer, day), made in days.items():
        wakes, sleeps = world.payers[payer].hours
        midnight = START + timedelta(days=day)
        assert made[0].at >= midnight + timedelta(hours=wakes)
        assert made[-1].at <= midnight + timedelta(hours=sleeps)
        assert all(b.at - a.at >= timedelta(minutes=12) for a, b in pairwise(made))


def test_nobody_travels_faster_than_a_train_overnight(world: World, honest: list[Plan]) -> None:
    last: dict[int, Plan] = {}
    for plan in honest:
        before = last.get(plan.payer)
        if before is not None:
            hours = (plan.at - before.at) / timedelta(hours=1)
            assert _distance(before, plan) < 20 or _distance(before, plan) / hours < 700
        last[plan.payer] = plan
    away = [p for p in world.payers for d in range(DAYS) if trip(Day(1, d, START), p)]
    assert 0.02 < len(away) / DAYS / len(world.payers) < 0.4


def test_devices_and_addresses_are_those_of_the_payer(world: World, honest: list[Plan]) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    for plan in honest:
        assert plan.place.device is not None and plan.place.address is not None
        seen[plan.place.device].add(plan.payer)
        assert ip_address(plan.place.address).version == 4
        assert factor_count(plan.factors) in (1, 2)
        assert plan.card is None or plan.card in world.payers[plan.payer].cards
    assert {len(payers) for payers in seen.values()} == {1}
    assert len(world.payers) <= len(seen) <= 2.2 * len(world.payers)


def test_days_are_in_order_and_within_themselves(world: World) -> None:
    for number in range(3):
        day = world.plan(number)
        assert [p.at for p in day] == sorted(p.at for p in day)
        start = START + timedelta(days=number)
        assert start <= day[0].at < start + timedelta(days=1)


def test_cities_are_where_they_are() -> None:
    beijing, shanghai = CITIES[0], CITIES[1]
    ends = (beijing.latitude, beijing.longitude, shanghai.latitude, shanghai.longitude)
    assert distance_km(*ends) == pytest.approx(1_067, abs=15)
    assert len({city.name for city in CITIES}) == len(CITIES) == 20


def _distance(a: Plan, b: Plan) -> float:
    places = (a.place.latitude, a.place.longitude, b.place.latitude, b.place.longitude)
    assert None not in places
    return distance_km(*(x for x in places if x is not None))
