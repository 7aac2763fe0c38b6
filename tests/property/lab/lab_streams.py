"""Random streams of events with labels, and what each feature means read naively off the list."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from anfu.risk.environment import Environment, distance_km
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.risk.features import Aggregate, Feature, make_catalogue
from anfu.risk.passing import sums_of
from anfu.risk.places import cell_of, centre_of

START = datetime(2026, 11, 1, tzinfo=UTC)
PLACES = [(31.2, 121.5), (39.9, 116.4), (22.5, 114.1), (31.21, 121.49), (-90.0, 180.0), None]
_BARE = make_catalogue([])
SECOND = 1_000_000


@dataclass(frozen=True)
class Said:
    """`event` was said to be fraud or not at the microsecond `at`."""

    event: str
    at: int
    fraud: bool


def random_stream(seed: int, count: int, *, mean_s: float, late: bool) -> list[Event]:
    """In the order of arrival; many of one instant, payments and behaviour, some without keys."""
    source = random.Random(seed)
    now, made = START, []
    for i in range(count):
        now += timedelta(seconds=int(source.expovariate(1 / mean_s)) * source.randint(0, 1))
        behind = timedelta(seconds=source.choice([0, 0, 0, 1, 600, 3_600]) if late else 0)
        kind = source.choice([Kind.PAYMENT] * 5 + [Kind.LOGIN, Kind.DEVICE_BIND, Kind.REFUND])
        place = source.choice(PLACES)
        amounts = [1, 500, 501, 20_000, 20_001, source.randint(1, 10**9)]
        parties = ["cus_a", "cus_b", "mer_a"]
        payees = ["mer_a", "mer_b", "cus_a", "cus_b"]
        made.append(
            Event(
                id=f"evt_{i}",
                payer=source.choice(parties),
                payee=source.choice(payees if kind is Kind.PAYMENT else ["", "mer_a"]),
                amount=source.choice(amounts) if kind in (Kind.PAYMENT, Kind.REFUND) else 0,
                currency="CNY",
                method=source.choice(["CARD", "BALANCE"]),
                card=source.choice(["tok_a", "tok_b", "tok_c", None, ""]),
                at=now - behind,
                environment=Environment(
                    source.choice(["dvc_a", "dvc_b", None]),
                    source.choice(["ip_1", "ip_2", None, ""]),
                    *(place or (None, None)),
                ),
                kind=kind,
                terminal=source.choice(["t_1", "t_2", None, ""]),
                phone=source.choice(["p_1", None]),
            )
        )
    return made


def random_labels(seed: int, events: Sequence[Event], *, mean_s: float) -> list[Said]:
    """Some events are labelled, at once or later; some labels are taken back."""
    source = random.Random(seed)
    made = []
    for event in events:
        if source.random() < 0.5:
            at = us(event) + int(source.choice([0, 1, source.expovariate(1 / mean_s)])) * SECOND
            made.append(Said(event.id, at, source.random() < 0.8))
            if source.random() < 0.3:
                later = at + int(source.choice([0, source.expovariate(1 / mean_s)])) * SECOND
                made.append(Said(event.id, later, not made[-1].fraud))
    return made


def us(event: Event) -> int:
    return (event.at - EPOCH) // MICROSECOND


def known(event: Event) -> dict[str, Any]:
    return dict(zip((i.name for i in _BARE.inputs), _BARE.read(event), strict=True))


class Oracle:
    """Features as their declaration says, one event against all that arrived before it."""

    def __init__(self, events: Sequence[Event], labels: Sequence[Said]) -> None:
        self.events = [known(event) for event in events]
        self.labels = labels

    def value(self, place: int, feature: Feature) -> Any:
        """Of the event that arrived as number `place`."""
        event = self.events[place]
        at = event["at"]
        if feature.aggregate is Aggregate.HOUR:
            return (at // (3_600 * SECOND) + 8) % 24
        if feature.aggregate is Aggregate.WEEKDAY:
            shanghai = EPOCH + timedelta(microseconds=at) + timedelta(hours=8)
            return shanghai.isoweekday()
        if feature.aggregate is Aggregate.PASSED_ON:
            out, came = (self.value(place, part) for part in sums_of(feature))
            return min(out / came, 10.0) if came else None
        probes = [feature.by or feature.entity, feature.also]
        sources = [feature.entity, feature.also]
        wanted = [event[p.value] for p in probes if p is not None]
        if not all(wanted):
            return None
        last = place if feature.by is not None else place + 1
        earlier, rows = [], []
        for arrived, other in enumerate(self.events[:last]):
            mine = [other[s.value] for s in sources if s is not None] == wanted
            if mine and self._chosen(feature, other) and self._within(feature, at, other["at"]):
                rows.append(other)
                if arrived < place:
                    earlier.append(other)
        return self._measured(feature, event, earlier, rows)

    @staticmethod
    def _chosen(feature: Feature, other: dict[str, Any]) -> bool:
        if other["kind"] not in feature.kinds:
            return False
        limit = None if feature.condition is None else int(feature.condition.split()[-1])
        return limit is None or other["amount"] <= limit

    @staticmethod
    def _within(feature: Feature, at: int, then: int) -> bool:
        end = at - feature.delay_s * SECOND
        start = -math.inf if feature.window_s is None else end - feature.window_s * SECOND
        return start < then <= end

    def _fraud(self, event: dict[str, Any], at: int) -> bool:
        said = [x for x in self.labels if x.event == event["event"] and x.at <= at]
        newest = max((x.at for x in said), default=None)
        return any(x.fraud for x in said if x.at == newest)

    def _measured(  # noqa: PLR0911 - one a kind
        self,
        feature: Feature,
        event: dict[str, Any],
        earlier: list[dict[str, Any]],
        rows: list[dict[str, Any]],
    ) -> Any:
        kind, at = feature.aggregate, event["at"]
        amounts = [row["amount"] for row in rows]
        if kind is Aggregate.COUNT:
            return len(rows)
        if kind is Aggregate.SUM:
            return min(sum(amounts), (1 << 53) - 1)
        if kind is Aggregate.DISTINCT:
            return len({row[feature.field or ""] for row in rows} - {None, ""})
        if kind in (Aggregate.FRAUD_COUNT, Aggregate.FRAUD_SHARE):
            told = sum(self._fraud(row, at) for row in rows if row is not event)
            share = told / len(rows) if rows else 0.0
            return told if kind is Aggregate.FRAUD_COUNT else share
        if kind in (Aggregate.FRAUD_SINCE, Aggregate.FRAUD_AGE):
            frauds = [row["at"] for row in rows if row is not event and self._fraud(row, at)]
            outer = max if kind is Aggregate.FRAUD_SINCE else min
            return (at - outer(frauds)) // SECOND if frauds else None
        if kind is Aggregate.RATIO:
            total = sum(row["amount"] for row in earlier)
            return event["amount"] * len(earlier) / total if total else None
        if kind is Aggregate.PAIR_AGE:
            mine = event[feature.field or ""]
            same = [row["at"] for row in rows if row[feature.field or ""] == mine]
            return (at - min(same)) // SECOND if same and mine else None
        if kind is Aggregate.SINCE_LAST:
            return (at - max(row["at"] for row in earlier)) // SECOND if earlier else None
        if kind in (Aggregate.DISTANCE_LAST, Aggregate.DISTANCE_USUAL, Aggregate.SPEED):
            return travelled(kind, event, earlier)
        return None if not rows else amount_of(kind, rows, at)


def amount_of(kind: Aggregate, rows: list[dict[str, Any]], at: int) -> Any:
    amounts = [row["amount"] for row in rows]
    in_time = [row["amount"] for row in sorted(rows, key=lambda row: row["at"])]
    n, total = len(amounts), sum(amounts)
    return {
        Aggregate.MEAN: lambda: total / n,
        Aggregate.MAX: lambda: max(amounts),
        Aggregate.MIN: lambda: min(amounts),
        Aggregate.STD: lambda: math.sqrt(n * sum(a * a for a in amounts) - total * total) / n,
        Aggregate.FIRST: lambda: in_time[0],
        Aggregate.LAST: lambda: in_time[-1],
        Aggregate.AGE: lambda: (at - min(row["at"] for row in rows)) // SECOND,
    }[kind]()


def travelled(kind: Aggregate, event: dict[str, Any], earlier: list[dict[str, Any]]) -> Any:
    here = (event["latitude"], event["longitude"])
    places = [(e["at"], e["latitude"], e["longitude"]) for e in earlier
              if e["latitude"] is not None]  # fmt: skip
    if not places or None in here:
        return None
    last = max(places)
    if kind is Aggregate.DISTANCE_USUAL:
        cells = [cell_of(latitude, longitude) for _, latitude, longitude in places]
        return distance_km(*here, *centre_of(max((cells.count(cell), cell) for cell in cells)[1]))
    km = distance_km(*here, *last[1:])
    if kind is Aggregate.DISTANCE_LAST:
        return km
    return round(km / (max(event["at"] - last[0], 60 * SECOND) / (3_600 * SECOND)), 1)
