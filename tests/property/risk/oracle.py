"""What features mean, read naively off the list of everything that happened; and random streams."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

from anfu.risk.environment import Environment, distance_km
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.risk.features import (
    LABELS,
    PLACES,
    VALUES,
    Aggregate,
    Entity,
    Feature,
    make_catalogue,
)
from anfu.risk.passing import sums_of
from anfu.risk.places import cell_of, centre_of

START = datetime(2026, 11, 1, tzinfo=UTC)
PLACES_SEEN = [(31.2, 121.5), (39.9, 116.4), (22.5, 114.1), (31.21, 121.49), None]
MOST = (1 << 53) - 1
CONDITIONS = {
    "amount <= 500": lambda e: e.amount <= 500,
    "amount <= 20000": lambda e: e.amount <= 20_000,
    "method = 'CARD'": lambda e: e.method == "CARD",
    "promotion IS NOT NULL": lambda e: e.promotion is not None,
    "payee_kind = 'MERCHANT' AND amount > 500":
        lambda e: e.payee_kind == "MERCHANT" and e.amount > 500,
}  # fmt: skip
_CASH = ("4829", "5094", "5944", "6010", "6011", "6012", "6051", "6211", "6540", "7995")
CONDITIONS |= {
    "amount IN (100000, 200000, 300000, 400000, 500000, 600000, 800000, 1000000, 2000000)":
        lambda e: e.amount in [n * 100_000 for n in (1, 2, 3, 4, 5, 6, 8, 10, 20)],
    f"mcc IN ({', '.join(map(repr, _CASH))})": lambda e: e.mcc in _CASH,
}  # fmt: skip


def us(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def get(event: Event, name: str) -> Any:
    value = getattr(event.environment if name in ("device", "address") else event, name)
    return value or None


@dataclass
class Past:
    """Everything learned, in order of arrival; words by payment: (when said, fraud)."""

    events: list[Event] = field(default_factory=list)
    words: dict[str, set[tuple[int, bool]]] = field(default_factory=dict)

    def hear(self, event: Event, *, fraud: bool, at: datetime) -> None:
        self.words.setdefault(event.id, set()).add((us(at), fraud))

    def value(self, event: Event, feature: Feature) -> Any:
        """Of `feature` for `event`, which is not among `events` yet."""
        at, civil = us(event.at), event.at + timedelta(hours=8)
        if feature.aggregate is Aggregate.HOUR:
            return civil.hour
        if feature.aggregate is Aggregate.WEEKDAY:
            return civil.isoweekday()
        if feature.aggregate is Aggregate.PASSED_ON:
            out, came = (self.value(event, part) for part in sums_of(feature))
            return min(out / came, 10.0) if came else None
        keys = {str(feature.entity): get(event, str(feature.by or feature.entity))}
        if feature.also is not None:
            keys[feature.also.value] = get(event, feature.also.value)
        if None in keys.values():
            return None
        until = at - feature.delay_s * 1_000_000
        among = [*self.events, *([event] if feature.by is None else [])]
        rows = [
            e for e in among
            if e.kind in feature.kinds and us(e.at) <= until
            and all(get(e, name) == key for name, key in keys.items())
            and (feature.condition is None or CONDITIONS[feature.condition](e))
        ]  # fmt: skip
        if feature.window_s is not None:
            after = until - feature.window_s * 1_000_000
            rows = [e for e in rows if us(e.at) > after]
        # By time; of one instant by arrival, which the sort keeps.
        rows.sort(key=lambda e: e.at)
        return self._measured(feature, event, rows)

    def _measured(self, feature: Feature, event: Event, rows: list[Event]) -> Any:  # noqa: PLR0911
        kind, at = feature.aggregate, us(event.at)
        amounts, count = [e.amount for e in rows], len(rows)
        others = [e for e in rows if e is not event]
        if kind in LABELS:
            return self._labelled(kind, at, rows)
        if kind is Aggregate.COUNT:
            return count
        if kind is Aggregate.SUM:
            return min(MOST, sum(amounts))
        if kind is Aggregate.DISTINCT:
            return len({get(e, str(feature.field)) for e in rows} - {None})
        if kind is Aggregate.PAIR_AGE:
            mine = get(event, str(feature.field))
            same = [us(e.at) for e in rows if get(e, str(feature.field)) == mine]
            return None if mine is None or not same else (at - min(same)) // 1_000_000
        if kind is Aggregate.SINCE_LAST:
            return (at - us(others[-1].at)) // 1_000_000 if others else None
        if kind is Aggregate.RATIO:
            total = sum(e.amount for e in others)
            return event.amount * len(others) / total if total else None
        if kind in PLACES:
            return travelled(kind, event, others)
        if not rows:
            return None
        return {
            Aggregate.MEAN: lambda: sum(amounts) / count,
            Aggregate.STD: lambda: (
                sqrt(count * sum(a * a for a in amounts) - sum(amounts) ** 2) / count
            ),
            Aggregate.MAX: lambda: max(amounts),
            Aggregate.MIN: lambda: min(amounts),
            Aggregate.FIRST: lambda: amounts[0],
            Aggregate.LAST: lambda: amounts[-1],
            Aggregate.AGE: lambda: (at - us(rows[0].at)) // 1_000_000,
        }[kind]()

    def _labelled(self, kind: Aggregate, at: int, rows: list[Event]) -> Any:
        frauds = []
        for event in rows:
            said = sorted(word for word in self.words.get(event.id, ()) if word[0] <= at)
            if said and said[-1][1]:
                frauds.append(us(event.at))
        if kind is Aggregate.FRAUD_COUNT:
            return len(frauds)
        if kind is Aggregate.FRAUD_SHARE:
            return len(frauds) / len(rows) if rows else 0.0
        if not frauds:
            return None
        return (at - (max if kind is Aggregate.FRAUD_SINCE else min)(frauds)) // 1_000_000


def travelled(kind: Aggregate, event: Event, earlier: list[Event]) -> Any:
    here = event.environment
    known = [
        (us(e.at), e.environment.latitude, e.environment.longitude)
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
    hours = max(us(event.at) - last[0], 60_000_000) / 3_600_000_000
    return int(km / hours * 10 + 0.5) / 10


def random_features(seed: int, count: int) -> list[Feature]:
    """Features of every kind, as wild as a declaration may be."""
    source, made = random.Random(seed), []
    kinds = [(Kind.PAYMENT,)] * 6 + [
        (Kind.LOGIN_FAILED,), (Kind.REFUND, Kind.PAYMENT), (Kind.LOGIN, Kind.LOGIN_FAILED),
    ]  # fmt: skip
    while len(made) < count:
        aggregate = source.choice(list(Aggregate))
        entity = None if aggregate in ("HOUR", "WEEKDAY") else source.choice(list(Entity))
        values: dict[str, Any] = {
            "window_s": source.choice([None, 60, 3_600, 86_400, 604_800, 7_776_000]),
            "delay_s": source.choice([0, 0, 0, 60, 86_400]),
            "condition": source.choice([None, None, *CONDITIONS]),
            "also": source.choice([None, None, None, *Entity]),
            "by": source.choice([None, None, None, *Entity]),
            "kinds": source.choice(kinds),
        }
        if aggregate in VALUES:
            values["field"] = source.choice([e.value for e in Entity] + ["method", "promotion"])
        if values["by"] is entity:
            values["by"] = None
        try:
            feature = Feature(f"f{len(made)}", entity, aggregate, "u", "e", "中", **values)
            named = enumerate(sums_of(feature) if aggregate is Aggregate.PASSED_ON else ())
            some = [feature, *(replace(f, name=f"{f.name}_{n}") for n, f in named)]
            make_catalogue(some)
        except ValueError:
            continue
        made += some
    return made


def random_events(seed: int, count: int, *, mean_s: float) -> list[Event]:
    """Events in order of arrival, some late by up to the stated bound, some of one instant, some
    of them behaviour."""
    source = random.Random(seed)
    now, made = START, []
    behaviour = [Kind.LOGIN, Kind.LOGIN_FAILED, Kind.REFUND]
    for i in range(count):
        now += timedelta(seconds=int(source.expovariate(1 / mean_s)) * source.randint(0, 1))
        late = timedelta(seconds=source.choice([0, 0, 0, 1, 600, 3_600]))
        place = source.choice(PLACES_SEEN)
        kind = source.choice(behaviour) if source.random() < 0.25 else Kind.PAYMENT
        amounts = [1, 500, 501, 20_000, 20_001, 300_000, source.randint(1, 10**9)]
        payees = ["mer_a", "mer_b", "cus_a"]
        environment = Environment(
            source.choice(["dvc_a", "dvc_b", None, ""]),
            source.choice(["ip_1", "ip_2", None]),
            *(place or (None, None)),
        )
        made.append(Event(
            id=f"pay_{i}",
            payer=source.choice(["cus_a", "cus_b"]),
            payee=source.choice(payees if kind in (Kind.PAYMENT, Kind.REFUND) else [""]),
            amount=source.choice(amounts),
            currency="CNY",
            method=source.choice(["CARD", "BALANCE"]),
            card=source.choice(["tok_a", "tok_b", "tok_c", None]),
            at=now - late,
            environment=environment,
            kind=kind,
            terminal=source.choice(["ter_a", None]),
            phone=source.choice(["pho_a", "pho_b", None]),
            mcc=source.choice(["5411", "6051", None]),
            payee_kind=source.choice(["CUSTOMER", "MERCHANT", None]),
            promotion=source.choice(["new", None, None]),
        ))  # fmt: skip
    return made


def steps(seed: int, events: list[Event]) -> Iterator[tuple[str, Any]]:
    """`("event", event)`, `("word", (event, fraud, at))` or `("forget", event)`, in order. Words
    come in any order and are said up to a week after the payment; what is forgotten is recent."""
    source = random.Random(seed)
    known: list[Event] = []
    for event in events:
        yield "event", event
        known.append(event)
        recent = [e for e in known[-4:] if e.at > event.at - timedelta(hours=2)]
        if source.random() < 0.15:
            gone = source.choice(recent)
            known.remove(gone)
            yield "forget", gone
        paid = [e for e in known[-30:] if e.kind is Kind.PAYMENT]
        while paid and source.random() < 0.4:
            about = source.choice(paid)
            after = timedelta(seconds=source.choice([0, 1, 3_600, 86_400, 604_800]))
            yield "word", (about, source.random() < 0.6, about.at + after)
