"""Rings of the compiled kernel say what `risk.tiles` says of the same events, value for value."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.features import Aggregate, Entity, Feature, make_catalogue
from anfu.risk.packed.layout import LIMIT, TOP
from anfu.risk.profiles import Profiles
from anfu.risk.tiles import Cut, Ring, Tile

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = 1_000_000
WINDOWS = ((600, 0), (3_600, 0), (3_600, 1_800))
_VALUES: dict[Aggregate, Any] = {
    Aggregate.COUNT: lambda whole: whole.count,
    Aggregate.SUM: lambda whole: whole.total,
    Aggregate.MEAN: lambda whole: whole.total / whole.count,
    Aggregate.MAX: lambda whole: whole.most,
    Aggregate.MIN: lambda whole: whole.least,
    Aggregate.FIRST: lambda whole: whole.first[1],
    Aggregate.DISTINCT: lambda whole: whole.sketches[0].estimate(),
}
FEATURES = [
    Feature(f"payee_{aggregate.lower()}_{window}_{delay}", Entity.PAYEE, aggregate, "u", "e", "中",
            window, delay_s=delay, field="payer" if aggregate is Aggregate.DISTINCT else None)
    for window, delay in WINDOWS
    for aggregate in _VALUES
]  # fmt: skip
CATALOGUE = make_catalogue(FEATURES)


class Beside:
    """Rings of `risk.tiles`, and the times of all events."""

    def __init__(self) -> None:
        self.rings = [Ring(Cut(w * SECOND, d * SECOND, (2,))) for w, d in WINDOWS]
        self.times: list[int] = []

    def add(self, event: Event) -> None:
        self.times.append((event.at - EPOCH) // MICROSECOND)
        for ring in self.rings:
            ring.add((self.times[-1], event.amount, event.payer))

    def take(self, event: Event) -> None:
        at = (event.at - EPOCH) // MICROSECOND
        self.times.remove(at)
        for ring in self.rings:
            ring.take((at, event.amount, event.payer))

    def read(self, at: int) -> Iterator[tuple[str, int, Tile]]:
        """The end of the names of features, how many events there were, and their tiles."""
        for ring, (window, delay) in zip(self.rings, WINDOWS, strict=True):
            until = at - delay * SECOND
            count = sum(until - window * SECOND < other <= until for other in self.times)
            yield f"_{window}_{delay}", count, ring.read(at)


def events_of(seed: int, count: int) -> Iterator[Event]:
    """Now fast, now slow; one in ten late."""
    source, at = random.Random(seed), 0.0
    for n in range(count):
        at += source.expovariate(4.0 if n // 4_000 % 2 else 30.0)
        late = source.uniform(0, 3_500) if source.random() < 0.1 else 0.0
        amount = 1 << 52 if n == count // 2 else source.randrange(1, 10**7)
        yield Event(f"pay_{n}", f"cus_{source.randrange(5_000)}", "mer_hot", amount, "CNY", "CARD",
                    None, START + timedelta(seconds=3_600 + at - late))  # fmt: skip


def paid(n: int, at: datetime, payee: str = "mer_hot") -> Event:
    return Event(f"pay_{n}", f"cus_{n % 900}", payee, 5, "CNY", "CARD", None, at)


def compare(facts: tuple[Any, ...], event: Event, beside: Beside) -> int:
    """Of the windows with too many rows every value; returns how many windows that were."""
    seen = dict(zip([*(i.name for i in CATALOGUE.inputs), *(f.name for f in FEATURES)], facts,
                    strict=False))  # fmt: skip
    hot = 0
    for end, count, whole in beside.read((event.at - EPOCH) // MICROSECOND):
        if count > LIMIT + 1:
            hot += 1
            assert facts[-1] == "payee"
            for aggregate, value in _VALUES.items():
                assert seen[f"payee_{aggregate.lower()}{end}"] == value(whole), (aggregate, end)
        elif 0 < count <= LIMIT:
            assert seen[f"payee_count{end}"] in (count, whole.count)
    return hot


@pytest.mark.parametrize("seed", [1, 2])
def test_every_value_of_every_busy_window_is_that_of_its_tiles(seed: int) -> None:
    profiles, beside, hot = Profiles(CATALOGUE), Beside(), 0
    for n, event in enumerate(events_of(seed, 26_000)):
        facts = profiles.learn_one(event)
        beside.add(event)
        if n % 211 == 0:
            hot += compare(facts, event, beside)
    assert hot > 100


def test_a_forgotten_event_leaves_counts_and_sums_and_comes_back() -> None:
    profiles, beside = Profiles(CATALOGUE), Beside()
    events = list(events_of(3, 14_000))
    for event in events:
        profiles.learn_one(event)
        beside.add(event)
    for event in events[-6_000::60]:
        profiles.forget_one(event)
        beside.take(event)
    for event in events[-6_000::60]:
        profiles.learn_one(event)
        beside.add(event)
    last = Event("pay_last", "cus_1", "mer_hot", 7, "CNY", "CARD", None,
                 max(e.at for e in events) + timedelta(seconds=1))  # fmt: skip
    beside.add(last)
    assert compare(profiles.learn_one(last), last, beside) > 0


def test_tiles_go_when_no_window_reaches_them() -> None:
    """Of a key that was busy once and then never enough for its rows to be too many."""
    profiles, tops = Profiles(CATALOGUE), []
    for n in range(LIMIT + 500):
        profiles.learn_one(paid(n, START + timedelta(seconds=n / 20)))
    for n in range(24_000):
        profiles.learn_one(paid(n, START + timedelta(hours=1, seconds=6 * n)))
        if n % 6_000 == 5_999:
            tops.append(int(profiles._shelves.state.meta[TOP]))
    assert tops[2:] == tops[1:2] * 2


def test_the_memory_of_rings_is_used_again() -> None:
    profiles, tops = Profiles(CATALOGUE), []
    for round_ in range(4):
        begin = START + timedelta(days=round_)
        for n in range(LIMIT + 500):
            profiles.learn_one(paid(n, begin + timedelta(seconds=n / 20), f"mer_{round_}"))
        tops.append(int(profiles._shelves.state.meta[TOP]))
        assert profiles.sweep(now=begin + timedelta(hours=20)) == 1
        assert profiles.counts()["payee"] == (0, 0)
    assert tops[1:] == tops[:1] * 3
