"""Features, declared once: which events of which entity are taken together, and how.

A window is half-open, `(t - W, t]`, in event time, and **the payment being decided is in it**:
a first payment counts 1. Events of one instant see those that arrived before them. Without a
window a feature speaks of the entity's whole life. NULL entity, NULL features.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from anfu.kernel.canonical import canonical_bytes, digest
from anfu.risk.facts import Fact, Type


class Entity(StrEnum):
    """Whose events are taken together; the value is the name of the input that holds its key."""

    PAYER = "payer"
    PAYEE = "payee"
    DEVICE = "device"
    CARD = "card"
    ADDRESS = "address"


class Aggregate(StrEnum):
    """COUNT, SUM, MEAN, MAX, DISTINCT work over the window; ages and times are whole seconds.

    SINCE_LAST: since the entity's event before. AGE: since its first. PAIR_AGE: since its first
    with the same `field`, 0 when this is the first. RATIO: the amount over the mean of all
    earlier ones. DISTANCE_LAST: km from the last position. DISTANCE_USUAL: km from the centre of
    the half-degree cell most events were in before. SPEED: km/h since the last position, over at
    least one minute. HOUR: of the day, Asia/Shanghai.
    """

    COUNT = "COUNT"
    SUM = "SUM"
    MEAN = "MEAN"
    MAX = "MAX"
    DISTINCT = "DISTINCT"
    SINCE_LAST = "SINCE_LAST"
    AGE = "AGE"
    PAIR_AGE = "PAIR_AGE"
    RATIO = "RATIO"
    DISTANCE_LAST = "DISTANCE_LAST"
    DISTANCE_USUAL = "DISTANCE_USUAL"
    SPEED = "SPEED"
    HOUR = "HOUR"


AMOUNTS = frozenset({Aggregate.SUM, Aggregate.MEAN, Aggregate.MAX, Aggregate.RATIO})
PLACES = frozenset({Aggregate.DISTANCE_LAST, Aggregate.DISTANCE_USUAL, Aggregate.SPEED})
VALUES = frozenset({Aggregate.DISTINCT, Aggregate.PAIR_AGE})
_DOUBLE = PLACES | {Aggregate.MEAN, Aggregate.RATIO}
_NEVER_NULL = frozenset(
    {Aggregate.COUNT, Aggregate.SUM, Aggregate.MEAN, Aggregate.MAX, Aggregate.DISTINCT}
) | {Aggregate.AGE, Aggregate.HOUR}


@dataclass(frozen=True, slots=True)
class Input:
    """A raw value of the event, first in the facts."""

    name: str
    type: Type
    nullable: bool
    unit: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Feature:
    """`field` is an input (DISTINCT, PAIR_AGE); `condition` (COUNT) is a rule over the inputs."""

    name: str
    entity: Entity | None
    aggregate: Aggregate
    unit: str
    en: str
    zh: str
    window_s: int | None = None
    field: str | None = None
    condition: str | None = None

    @property
    def fact(self) -> Fact:
        kind = Type.DOUBLE if self.aggregate in _DOUBLE else Type.INTEGER
        always = self.entity in (None, Entity.PAYER, Entity.PAYEE)
        return Fact(self.name, kind, not (always and self.aggregate in _NEVER_NULL))


# `at` is in microseconds since 1970. Stored catalogues name the inputs they were made with.
INPUTS = (
    Input("event", Type.TEXT, False, "id", "payment", "支付单号"),
    Input("at", Type.INTEGER, False, "us", "time of the payment", "支付时间"),
    Input("amount", Type.INTEGER, False, "minor", "amount", "金额"),
    Input("currency", Type.TEXT, False, "code", "currency", "币种"),
    Input("method", Type.TEXT, False, "code", "payment method", "支付方式"),
    Input("payer", Type.TEXT, False, "id", "payer", "付款人"),
    Input("payee", Type.TEXT, False, "id", "payee", "收款人"),
    Input("card", Type.TEXT, True, "token", "card", "银行卡"),
    Input("device", Type.TEXT, True, "id", "device", "设备"),
    Input("address", Type.TEXT, True, "id", "network address", "网络地址"),
    Input("latitude", Type.DOUBLE, True, "deg", "latitude", "纬度"),
    Input("longitude", Type.DOUBLE, True, "deg", "longitude", "经度"),
)
_TEXTS = frozenset(i.name for i in INPUTS if i.type is Type.TEXT) - {"event"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Inputs and features in the order of the facts; `version` is a hash of the declaration."""

    inputs: tuple[Input, ...]
    features: tuple[Feature, ...]
    version: str
    facts: tuple[Fact, ...] = field(repr=False)

    @property
    def body(self) -> bytes:
        """The canonical declaration, to be stored beside decisions made with it."""
        return canonical_bytes(_declaration(self.inputs, self.features))


def make_catalogue(features: Iterable[Feature], inputs: tuple[Input, ...] = INPUTS) -> Catalogue:
    """Raises ValueError for a feature that says nothing or a name given twice."""
    features = tuple(features)
    for feature in features:
        _check(feature)
    facts = [Fact(i.name, i.type, i.nullable) for i in inputs] + [f.fact for f in features]
    if len({fact.name for fact in facts}) < len(facts):
        raise ValueError("a fact is named twice")
    version = digest(_declaration(inputs, features)).hex()[:16]
    return Catalogue(inputs, features, version, tuple(facts))


def read_catalogue(body: bytes) -> Catalogue:
    """The catalogue whose `body` this is."""
    document = json.loads(body)
    inputs = tuple(Input(**{**i, "type": Type(i["type"])}) for i in document["inputs"])
    return make_catalogue([_feature(f) for f in document["features"]], inputs)


def _feature(values: dict[str, Any]) -> Feature:
    entity = None if values["entity"] is None else Entity(values["entity"])
    return Feature(**{**values, "entity": entity, "aggregate": Aggregate(values["aggregate"])})


def _declaration(inputs: Iterable[Input], features: Iterable[Feature]) -> dict[str, Any]:
    return {
        "v": 1,
        "inputs": [asdict(i) for i in inputs],
        "features": [asdict(f) for f in features],
    }


def _check(feature: Feature) -> None:
    aggregate = feature.aggregate
    if not (feature.name.isidentifier() and feature.name == feature.name.lower()):
        raise ValueError(f"{feature.name!r} is not a name in lower case")
    if (feature.entity is None) != (aggregate is Aggregate.HOUR):
        raise ValueError(f"{feature.name}: an entity is needed, except for HOUR")
    if (feature.field is None) != (aggregate not in VALUES):
        raise ValueError(f"{feature.name}: DISTINCT and PAIR_AGE need a field, others none")
    if feature.field is not None and feature.field not in _TEXTS - {str(feature.entity)}:
        raise ValueError(f"{feature.name}: {feature.field!r} is not an input to be told apart")
    if feature.condition is not None and aggregate is not Aggregate.COUNT:
        raise ValueError(f"{feature.name}: only COUNT takes a condition")
    windowed = aggregate in VALUES - {Aggregate.PAIR_AGE} or feature.condition is not None
    if feature.window_s is None and windowed:
        raise ValueError(f"{feature.name}: a window is needed")
    if feature.window_s is not None and feature.window_s <= 0:
        raise ValueError(f"{feature.name}: a window is longer than nothing")
    over_window = {Aggregate.COUNT, Aggregate.SUM, Aggregate.MEAN, Aggregate.MAX}
    if feature.window_s is not None and aggregate not in over_window | {Aggregate.DISTINCT}:
        raise ValueError(f"{feature.name}: {aggregate} has no window")
    if aggregate in PLACES | {Aggregate.RATIO} and feature.entity is not Entity.PAYER:
        raise ValueError(f"{feature.name}: {aggregate} is kept for payers")
