"""Profiles against the definitions, read naively off the list of all events."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anfu.risk import reading, tracks
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.environment import Environment, distance_km
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.features import Aggregate, Entity, Feature, make_catalogue
from anfu.risk.profiles import Profiles
from anfu.risk.tracks import cell_of, centre_of

START = datetime(2026, 11, 1, tzinfo=UTC)
PLACES = [(31.2, 121.5), (39.9, 116.4), (22.5, 114.1), (31.21, 121.49), None]
EXTRA = [
    Feature("payer_mean_24h", Entity.PAYER, Aggregate.MEAN, "minor", "mean", "均值", 86_400),
    Feature("payer_mean", Entity.PAYER, Aggregate.MEAN, "minor", "mean", "均值"),
    Feature("payer_max", Entity.PAYER, Aggregate.MAX, "minor", "max", "最大"),
    Feature("payer_sum", Entity.PAYER, Aggregate.SUM, "minor", "sum", "合计"),
]
FULL = make_catalogue([*CATALOGUE.features, *EXTRA])


def us(event: Event) -> int:
    return (event.at - EPOCH) // MICROSECOND


def get(event: Event, name: str) -> Any:
    return getattr(event.environment if name in ("device", "address") else event, name)


def naive(event: Event, before: list[Event], feature: Feature) -> Any:
    """`before`: everything learned so far, in any order."""
    at = us(event)
    if feature.aggregate is Aggregate.HOUR:
        return (event.at + timedelta(hours=8)).hour
    assert feature.entity is not None
    if get(event, feature.entity.value) is None:
        return None
    earlier = [
        e for e in before
        if get(e, feature.entity) == get(event, feature.entity) and us(e) <= at
    ]  # fmt: skip
    rows = [*earlier, event]
    if feature.window_s is not None:
        rows = [e for e in rows if us(e) > at - feature.window_s * 1_000_000]
    return measured(feature, event, earlier, rows)


def measured(  # noqa: PLR0911 - one a kind
    feature: Feature, event: Event, earlier: list[Event], rows: list[Event]
) -> Any:
    kind, at = feature.aggregate, us(event)
    amounts = [e.amount for e in rows]
    if kind is Aggregate.COUNT:
        return sum(
            feature.condition is None or e.amount <= int(feature.condition.split()[-1])
            for e in rows
        )
    if kind is Aggregate.SUM:
        return sum(amounts)
    if kind is Aggregate.MEAN:
        return sum(amounts) / len(amounts)
    if kind is Aggregate.MAX:
        return max(amounts)
    if kind is Aggregate.DISTINCT:
        return len({get(e, feature.field or "") for e in rows} - {None})
    if kind is Aggregate.AGE:
        return (at - min(us(e) for e in rows)) // 1_000_000
    if kind is Aggregate.SINCE_LAST:
        return (at - max(us(e) for e in earlier)) // 1_000_000 if earlier else None
    if kind is Aggregate.PAIR_AGE:
        mine = get(event, feature.field or "")
        same = [us(e) for e in rows if get(e, feature.field or "") == mine]
        return None if mine is None else (at - min(same)) // 1_000_000
    if kind is Aggregate.RATIO:
        total = sum(e.amount for e in earlier)
        return event.amount * len(earlier) / total if total else None
    return travelled(kind, event, earlier)


def travelled(kind: Aggregate, event: Event, earlier: list[Event]) -> Any:
    here = event.environment
    known = [
        (us(e), e.environment.latitude, e.environment.longitude)
        for e in earlier if e.environment.latitude is not None
    ]  # fmt: skip
    if not known or here.latitude is None or here.longitude is None:
        return None
    last = max(known)
    if kind is Aggregate.DISTANCE_USUAL:
        cells = [cell_of(latitude, longitude) for _, latitude, longitude in known]
        usual = max((cells.count(cell), cell) for cell in cells)[1]
        return distance_km(here.latitude, here.longitude, *centre_of(usual))
    km = distance_km(here.latitude, here.longitude, last[1], last[2])
    if kind is Aggregate.DISTANCE_LAST:
        return km
    return round(km / (max(us(event) - last[0], 60_000_000) / 3_600_000_000), 1)


def random_events(seed: int, count: int, *, mean_s: float) -> list[Event]:
    """Events in order of arrival, some late by up to the stated bound, some of one instant."""
    source = random.Random(seed)
    now, made = START, []
    for i in range(count):
        now += timedelta(seconds=int(source.expovariate(1 / mean_s)) * source.randint(0, 1))
        late = timedelta(seconds=source.choice([0, 0, 0, 1, 600, 3_600]))
        place = source.choice(PLACES)
        amounts = [1, 500, 501, 20_000, 20_001, source.randint(1, 10**9)]
        environment = Environment(
            source.choice(["dvc_a", "dvc_b", None]),
            source.choice(["ip_1", "ip_2", None]),
            *(place or (None, None)),
        )
        event = Event(
            id=f"pay_{i}",
            payer=source.choice(["cus_a", "cus_b"]),
            payee=source.choice(["mer_a", "mer_b", "cus_a"]),
            amount=source.choice(amounts),
            currency="CNY",
            method="CARD",
            card=source.choice(["tok_a", "tok_b", "tok_c", None]),
            at=now - late,
            environment=environment,
        )
        made.append(event)
    return made


def assert_as_defined(event: Event, facts: tuple[Any, ...], before: list[Event]) -> None:
    start = len(FULL.inputs)
    for feature, value in zip(FULL.features, facts[start:-1], strict=True):
        assert value == naive(event, before, feature), (feature.name, event)


@pytest.mark.parametrize("mean_s", [60.0, 7_200.0, 90_000.0])
@pytest.mark.parametrize("long", [192, 3])
def test_facts_are_as_defined_whatever_the_order_and_whatever_was_forgotten(
    mean_s: float, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONG", long)
    monkeypatch.setattr(tracks, "LONG", long)
    source = random.Random(11)
    profiles = Profiles(FULL)
    learned: list[Event] = []
    for event in random_events(int(mean_s), 260, mean_s=mean_s):
        assert_as_defined(event, profiles.learn_one(event), learned)
        learned.append(event)
        recent = [e for e in learned[-4:] if e.at > event.at - timedelta(hours=2)]
        if source.random() < 0.25:
            forgotten = source.choice(recent)
            learned.remove(forgotten)
            profiles.forget_one(forgotten)


@pytest.mark.parametrize("cut", [1, 57, 199])
def test_a_store_lost_in_the_middle_and_rebuilt_gives_the_same_facts(cut: int) -> None:
    events = random_events(5, 200, mean_s=20_000.0)
    undisturbed, lost = Profiles(FULL), Profiles(FULL)
    wanted = [undisturbed.learn_one(event) for event in events]
    for event in events[:cut]:
        lost.learn_one(event)
    rebuilt = Profiles(FULL)
    shuffled = list(events[:cut])
    random.Random(cut).shuffle(shuffled)
    assert rebuilt.rebuild(shuffled) == cut
    assert [rebuilt.learn_one(event) for event in events[cut:]] == wanted[cut:]


def test_forgetting_a_batch_leaves_no_trace() -> None:
    events = random_events(9, 120, mean_s=3_000.0)
    disturbed, undisturbed = Profiles(FULL), Profiles(FULL)
    for event in events[:60]:
        disturbed.learn_one(event)
        undisturbed.learn_one(event)
    doomed = [Event(f"x{i}", "cus_a", "mer_new", 7, "CNY", "CARD", "tok_new", events[59].at)
              for i in range(10)]  # fmt: skip
    for event in doomed:
        disturbed.learn_one(event)
    for event in doomed:
        disturbed.forget_one(event)
    assert disturbed.counts() == undisturbed.counts()
    assert [disturbed.learn_one(e) for e in events[60:]] == [
        undisturbed.learn_one(e) for e in events[60:]
    ]
