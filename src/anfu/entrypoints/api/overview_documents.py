"""The forms of the overview."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.case_documents import OpenCountDocument
from anfu.entrypoints.api.documents import Currency, Request, TitleDocument
from anfu.operations.figures.bucket import Why
from anfu.operations.figures.queries import Span
from anfu.operations.targets.target import Name


class TargetsQuery(Request, frozen=True):
    """In which currency."""

    currency: Currency = "CNY"


class BoundDocument(Struct, frozen=True):
    """What is aimed at: at most (`le`) or at least (`ge`) this share, or so many seconds."""

    operator: Literal["le", "ge"]
    value: float
    unit: Literal["share", "s"]


class TargetDocument(Struct, frozen=True):
    """A target with what it has come to. `value` null: nothing is known, and `missing` says why.
    `beside`: figures one must know to read it."""

    name: Name
    target: BoundDocument
    value: float | None
    numerator: int | None
    denominator: int | None
    met: bool | None
    missing: Literal["no_catalogue", "no_feedback", "nothing_counted"] | None
    beside: dict[str, float | None]
    definition: TitleDocument


class PeriodDocument(Struct, frozen=True):
    """The targets of payments, refunds and cases begun since `since`, the start of a civil day."""

    since: datetime
    targets: list[TargetDocument]


class TargetsDocument(Struct, frozen=True):
    """The institution's targets, today and for thirty days. Sums in minor units of `currency`. The
    worker draws them up once a minute: these at `drawn_at`, of payments counted up to
    `counted_until`."""

    object: Literal["targets"]
    currency: str
    drawn_at: datetime
    counted_until: datetime | None
    today: PeriodDocument
    month: PeriodDocument


class ActivityQuery(TargetsQuery, frozen=True):
    """`hour` by minute, `day` by five minutes, `month` (30 days) by civil day."""

    span: Span = Span.HOUR


class PointDocument(Struct, frozen=True):
    """Payments made from `at` on, for the width of the series; `amount`: of those that succeeded,
    minor units."""

    at: datetime
    count: int
    per_second: float
    amount: int
    outcomes: dict[str, int]


class WhyDocument(Struct, frozen=True):
    """How often a code was why payments were asked about, stopped or not done."""

    kind: Why
    code: str
    count: int
    text: TitleDocument


class ChannelDocument(Struct, frozen=True):
    """A channel. `breaker`: OPEN is left alone for a while; `heard_share`: calls it was heard on
    lately, as this process has seen it; `success_share`: of payments of the span that ended there;
    `p50_s`, `p95_s`: from the order to its success, lately; `last_bill`: the last day whose bill
    came."""

    channel: str
    breaker: Literal["CLOSED", "OPEN"]
    heard_share: float
    succeeded: int
    failed: int
    success_share: float | None
    p50_s: float | None
    p95_s: float | None
    last_bill: date | None


class WaitingCasesDocument(Struct, frozen=True):
    """Cases that wait, by grade and age; `late`: without the first response that was due."""

    open: list[OpenCountDocument]
    late: int
    oldest_s: float


class ActivityDocument(Struct, frozen=True):
    """What goes on. Payments are counted up to `counted_until`, as they stand now."""

    object: Literal["activity"]
    span: Span
    width_s: int
    since: datetime
    counted_until: datetime | None
    currency: str
    points: list[PointDocument]
    outcomes: dict[str, int]
    reasons: list[WhyDocument]
    channels: list[ChannelDocument]
    cases: WaitingCasesDocument
