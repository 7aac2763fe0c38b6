"""Features, declared once: which events of which entity are taken together, and how.

A window is half-open, `(t - D - W, t - D]`, in event time, with W its length and D its delay, and
without a delay **the payment being decided is in it**, if it is of the kinds and meets the
condition: a first payment counts 1. Events of one instant see those that arrived before them.
Without a window a feature speaks of the entity's whole life, up to `t`. No entity, no feature: a
key that is NULL or empty gives NULL, and learns nothing. Of an empty window COUNT, SUM, DISTINCT,
FRAUD_COUNT and FRAUD_SHARE are 0, all others NULL.

A label counts from the moment it was told: FRAUD_COUNT and its like know at `t` what had been said
at or before `t`, of several words about one payment the latest (of one moment: fraud). Sums
are exact; a quotient is one division of doubles made of exact whole numbers: MEAN is
`sum / count`, RATIO `(amount * count) / sum`, STD `sqrt(count * sum(x * x) - sum * sum) / count`,
PASSED_ON one of the two sums, each stopped as SUM is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.risk.facts import Fact, Facts, Type


class Entity(StrEnum):
    """Whose events are taken together; the value is the name of the input that holds its key."""

    PAYER = "payer"
    PAYEE = "payee"
    DEVICE = "device"
    CARD = "card"
    ADDRESS = "address"
    TERMINAL = "terminal"
    PHONE = "phone"


class Purpose(StrEnum):
    """What a rule is for, and what a figure is. A figure of ANTI_FRAUD is locked to that purpose:
    反电信网络诈骗法 art. 18. One of GENERAL, the service itself, is as free as the fields it is
    made of (`purposes`)."""

    GENERAL = "GENERAL"
    ANTI_FRAUD = "ANTI_FRAUD"
    CREDIT = "CREDIT"
    MARKETING = "MARKETING"


class Aggregate(StrEnum):
    """COUNT to DISTINCT, FIRST and LAST work over the window; ages and times are whole seconds.

    SUM stops at 2^53 - 1. STD: population standard deviation of the amounts. FIRST, LAST: the
    oldest and the newest amount, of one instant by arrival. DISTINCT: different values of `field`,
    NULL and the empty text not among them. SINCE_LAST: since the newest one before the payment
    being decided. AGE: since the first. PAIR_AGE: since the first with the payment's own `field`, 0
    when it is that itself. RATIO: the amount over the mean of the others. FRAUD_COUNT, FRAUD_SHARE:
    those labelled FRAUD, and their share; FRAUD_SINCE, FRAUD_AGE: since the newest and the oldest
    of them. DISTANCE_LAST: km from the last position. DISTANCE_USUAL: km from the centre of the
    half-degree cell most events were in before. SPEED: km/h since the last position, over at least
    one minute. All in tenths, half up. HOUR: of the day, WEEKDAY: 1 Monday to 7 Sunday,
    Asia/Shanghai. PASSED_ON: what the payer paid over what it received, 10 at most, NULL where
    nothing came in; the catalogue has both sums (`passing`).
    """

    COUNT = "COUNT"
    SUM = "SUM"
    MEAN = "MEAN"
    MAX = "MAX"
    MIN = "MIN"
    STD = "STD"
    DISTINCT = "DISTINCT"
    FIRST = "FIRST"
    LAST = "LAST"
    SINCE_LAST = "SINCE_LAST"
    AGE = "AGE"
    PAIR_AGE = "PAIR_AGE"
    RATIO = "RATIO"
    FRAUD_COUNT = "FRAUD_COUNT"
    FRAUD_SHARE = "FRAUD_SHARE"
    FRAUD_SINCE = "FRAUD_SINCE"
    FRAUD_AGE = "FRAUD_AGE"
    DISTANCE_LAST = "DISTANCE_LAST"
    DISTANCE_USUAL = "DISTANCE_USUAL"
    SPEED = "SPEED"
    HOUR = "HOUR"
    WEEKDAY = "WEEKDAY"
    PASSED_ON = "PASSED_ON"


CIVIL = frozenset({Aggregate.HOUR, Aggregate.WEEKDAY})
AMOUNTS = frozenset(
    {Aggregate.SUM, Aggregate.MEAN, Aggregate.MAX, Aggregate.MIN, Aggregate.STD, Aggregate.RATIO}
) | {Aggregate.FIRST, Aggregate.LAST}
_FRAUDS = frozenset({Aggregate.FRAUD_COUNT, Aggregate.FRAUD_SHARE})
LABELS = _FRAUDS | {Aggregate.FRAUD_SINCE, Aggregate.FRAUD_AGE}
PLACES = frozenset({Aggregate.DISTANCE_LAST, Aggregate.DISTANCE_USUAL, Aggregate.SPEED})
VALUES = frozenset({Aggregate.DISTINCT, Aggregate.PAIR_AGE})
WINDOWED = AMOUNTS | LABELS | {Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.PASSED_ON}
_PAYERS = PLACES | {Aggregate.RATIO, Aggregate.PASSED_ON}
_DOUBLE = _PAYERS | {Aggregate.MEAN, Aggregate.STD, Aggregate.FRAUD_SHARE}
_NEVER_NULL = frozenset({Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT}) | _FRAUDS | CIVIL
# Never NULL where the payment itself is always in the window.
_FULL = frozenset({Aggregate.MEAN, Aggregate.MAX, Aggregate.MIN, Aggregate.STD, Aggregate.FIRST})


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
class Finding:
    """A value found beside the features: by lists, the graph, models; last in the facts."""

    name: str
    type: Type
    nullable: bool
    unit: str
    en: str
    zh: str
    purpose: Purpose = Purpose.ANTI_FRAUD


@dataclass(frozen=True, slots=True)
class Feature:
    """`kinds` of events of `entity` (with `also`: of the pair of both) for which `condition`, a
    rule over the inputs, is TRUE. `by` is the input of the payment being decided that holds the
    key, None for the entity's own: `entity=PAYEE, by=PAYER` is what the payer received, and the
    payment being decided is not among it. `field` is an input (DISTINCT, PAIR_AGE)."""

    name: str
    entity: Entity | None
    aggregate: Aggregate
    unit: str
    en: str
    zh: str
    window_s: int | None = None
    field: str | None = None
    condition: str | None = None
    also: Entity | None = None
    by: Entity | None = None
    kinds: tuple[Kind, ...] = (Kind.PAYMENT,)
    delay_s: int = 0
    purpose: Purpose = Purpose.GENERAL

    @property
    def fact(self) -> Fact:
        kind = Type.DOUBLE if self.aggregate in _DOUBLE else Type.INTEGER
        keyed = (self.by or self.entity, self.also)
        always = set(keyed) <= {None, Entity.PAYER, Entity.PAYEE}
        return Fact(self.name, kind, not (always and self._never_null))

    @property
    def itself(self) -> bool:
        """Whether the payment being decided may be in its own window."""
        return not self.delay_s and self.by is None and Kind.PAYMENT in self.kinds

    @property
    def _never_null(self) -> bool:
        full = self.itself and self.condition is None
        return self.aggregate in _NEVER_NULL or (
            full and self.aggregate in _FULL | {Aggregate.LAST, Aggregate.AGE}
        )


# `at` is in microseconds since 1970. Stored catalogues name the inputs they were made with.
INPUTS = (
    Input("event", Type.TEXT, False, "id", "payment", "支付单号"),
    Input("kind", Type.TEXT, False, "code", "what happened", "事件类型"),
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
    Input("terminal", Type.TEXT, True, "id", "terminal", "终端"),
    Input("phone", Type.TEXT, True, "token", "phone", "手机号"),
    Input("payee_kind", Type.TEXT, True, "code", "customer or merchant", "收款人类型"),
    Input("mcc", Type.TEXT, True, "code", "merchant category", "商户类别"),
    Input("promotion", Type.TEXT, True, "id", "promotion used", "优惠活动"),
)
FINDINGS = (
    Finding("approximate", Type.TEXT, True, "codes",
            "entities with so many events in a window that its figures are rounded",
            "窗口内事件过多、数值为近似的对象"),
    Finding("payer_component", Type.INTEGER, True, "accounts",
            "accounts tied to the payer by shared devices, cards, addresses and phones",
            "与付款人共用设备、银行卡、地址或手机号的账户数"),
    Finding("payer_fraud_steps", Type.INTEGER, True, "steps",
            "steps from the payer to a known fraud", "付款人到已知欺诈的关联步数"),
    Finding("payee_fraud_steps", Type.INTEGER, True, "steps",
            "steps from the payee to a known fraud", "收款人到已知欺诈的关联步数"),
    Finding("cycle_length", Type.INTEGER, True, "payments",
            "payments in the shortest circle this payment closes", "本笔支付闭合的最短资金环长度"),
    Finding("model_score", Type.DOUBLE, True, "probability",
            "probability of fraud by the model in force", "在用模型给出的欺诈概率"),
    Finding("model_grade", Type.INTEGER, True, "grade",
            "0 low, 1 middle, 2 general, 3 high, by the model's thresholds", "模型风险等级"),
    Finding("anomaly_score", Type.DOUBLE, True, "score",
            "how unlike other payments, 0 to 1, by the unsupervised model", "无监督模型异常分"),
    Finding("device_standing", Type.TEXT, True, "code",
            "CLAIMED, or by its profile PROVEN, ALIKE, NEW, REJECTED", "设备认定方式"),
    Finding("device_bound", Type.BOOLEAN, True, "flag",
            "the device is bound to the payer", "设备已与付款人绑定"),
    Finding("device_signals", Type.TEXT, True, "codes",
            "what is odd about the device, separated by commas", "设备异常信号"),
    Finding("list_hits", Type.TEXT, False, "codes",
            "entries of lists that were met, as list:input, separated by commas", "命中的名单"),
    Finding("degraded", Type.TEXT, True, "code",
            "what was not ready in time: profiles, model", "未能及时得到的部分"),
)  # fmt: skip
_TEXTS = frozenset(i.name for i in INPUTS if i.type is Type.TEXT) - {"event"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Inputs, features and findings in the order of the facts; `body` is their canonical
    declaration, to be stored beside decisions made with it, `version` a hash of it."""

    inputs: tuple[Input, ...]
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...]
    version: str
    facts: tuple[Fact, ...] = field(repr=False)
    body: bytes = field(repr=False, compare=False)

    def __hash__(self) -> int:
        return hash(self.version)  # what is kept by catalogue is looked up often

    def read(self, event: Event) -> Facts:
        """The inputs of an event."""
        seen = event.environment
        known = {
            "event": event.id, "kind": event.kind.value, "at": (event.at - EPOCH) // MICROSECOND,
            "device": seen.device, "address": seen.address,
            "latitude": seen.latitude, "longitude": seen.longitude,
        }  # fmt: skip
        return tuple(known[i.name] if i.name in known else getattr(event, i.name)
                     for i in self.inputs)  # fmt: skip

    @property
    def learned(self) -> int:
        """How many of the facts, from the first, profiles give: inputs, features and the first
        finding, `approximate`."""
        return len(self.inputs) + len(self.features) + 1


def make_catalogue(
    features: Iterable[Feature],
    inputs: tuple[Input, ...] = INPUTS,
    findings: tuple[Finding, ...] = FINDINGS,
) -> Catalogue:
    """Raises ValueError for a feature that says nothing or a name given twice."""
    features = tuple(features)
    for feature in features:
        _check(feature)
    facts = [Fact(i.name, i.type, i.nullable) for i in inputs]
    facts += [f.fact for f in features]
    facts += [Fact(f.name, f.type, f.nullable) for f in findings]
    if len({fact.name for fact in facts}) < len(facts):
        raise ValueError("a fact is named twice")
    body = canonical_bytes(_declaration(inputs, features, findings))
    return Catalogue(inputs, features, findings, sha256(body).hexdigest()[:16], tuple(facts), body)


def read_catalogue(body: bytes) -> Catalogue:
    """The catalogue whose `body` this is. Raises BrokenInvariant for a form of another version."""
    document = json.loads(body)
    if document["v"] != _VERSION:
        raise BrokenInvariant(f"a catalogue of form {document['v']}, not {_VERSION}")
    inputs = tuple(Input(**{**i, "type": Type(i["type"])}) for i in document["inputs"])
    features = [_feature(f) for f in document["features"]]
    return make_catalogue(features, inputs, tuple(_finding(f) for f in document["findings"]))


def _feature(values: dict[str, Any]) -> Feature:
    entities = {n: values[n] and Entity(values[n]) for n in ("entity", "also", "by")}
    kinds = tuple(Kind(kind) for kind in values["kinds"])
    purpose, aggregate = Purpose(values["purpose"]), Aggregate(values["aggregate"])
    return Feature(
        **{**values, **entities, "kinds": kinds, "purpose": purpose, "aggregate": aggregate}
    )


def _finding(values: dict[str, Any]) -> Finding:
    return Finding(
        **{**values, "type": Type(values["type"]), "purpose": Purpose(values["purpose"])}
    )


_VERSION = 2


def _declaration(
    inputs: Iterable[Input], features: Iterable[Feature], findings: Iterable[Finding]
) -> dict[str, Any]:
    return {
        "v": _VERSION,
        "inputs": [asdict(i) for i in inputs],
        "features": [asdict(f) for f in features],
        "findings": [asdict(f) for f in findings],
    }


def _check(feature: Feature) -> None:
    aggregate = feature.aggregate
    if not (feature.name.isidentifier() and feature.name == feature.name.lower()):
        raise ValueError(f"{feature.name!r} is not a name in lower case")
    if (feature.entity is None) != (aggregate in CIVIL):
        raise ValueError(f"{feature.name}: an entity is needed, except for the time of day")
    if (feature.field is None) != (aggregate not in VALUES):
        raise ValueError(f"{feature.name}: DISTINCT and PAIR_AGE need a field, others none")
    same = {str(feature.entity), str(feature.also)}
    if feature.field is not None and feature.field not in _TEXTS - same:
        raise ValueError(f"{feature.name}: {feature.field!r} is not an input to be told apart")
    if not feature.kinds or feature.delay_s < 0:
        raise ValueError(f"{feature.name}: some kind of event, and no negative delay")
    windowed = aggregate in VALUES - {Aggregate.PAIR_AGE} or feature.condition is not None
    if feature.window_s is None and (windowed or feature.delay_s or aggregate in LABELS):
        raise ValueError(f"{feature.name}: a window is needed")
    if feature.window_s is not None and feature.window_s <= 0:
        raise ValueError(f"{feature.name}: a window is longer than nothing")
    if feature.window_s is not None and aggregate not in WINDOWED | {Aggregate.SINCE_LAST}:
        raise ValueError(f"{feature.name}: {aggregate} has no window")
    if aggregate in _PAYERS and feature.entity is not Entity.PAYER:
        raise ValueError(f"{feature.name}: {aggregate} is kept for payers")
    if aggregate in PLACES | {Aggregate.PASSED_ON} and feature.by is not None:
        raise ValueError(f"{feature.name}: a journey, and what passes through, is of one payer")
    if aggregate in LABELS and feature.kinds != (Kind.PAYMENT,):
        raise ValueError(f"{feature.name}: only payments are labelled")
    if feature.also is not None and (feature.by is not None or feature.also is feature.entity):
        raise ValueError(f"{feature.name}: a pair is of two entities, by their own keys")
