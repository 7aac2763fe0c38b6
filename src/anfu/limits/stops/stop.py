"""A stop order (紧急止付): for 48 hours nothing leaves the account; twice at most (86号)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anfu.limits.counter import Metric, Window
from anfu.limits.rule import Law, Operator, Provenance, Rule, Scope

LASTS = timedelta(hours=48)
MOST = 2
LAW = Law(
    "关于建立电信网络新型违法犯罪涉案账户紧急止付和快速冻结机制的通知",
    "银发〔2016〕86号",
    "二(一)2",
    "止付期限为自止付时点起48小时",
)


@dataclass(frozen=True, slots=True)
class NewStop:
    """An order as it comes in. `reference` is the authority's own number of it."""

    id: str
    customer: str
    authority: str
    reference: str


@dataclass(frozen=True, slots=True)
class StopOrder:
    """The `number`-th order on the account of `customer`, in force from `starts_at` until before
    `ends_at`; it ends by itself."""

    id: str
    customer: str
    number: int
    authority: str
    reference: str
    starts_at: datetime
    ends_at: datetime


def stop_rule(ends_at: datetime, currency: str) -> Rule:
    """An order that was given as a rule: not one minor unit leaves the account, to whomever. It has
    no begin: a payment that was made before the order and goes on after it is stopped too."""
    return Rule(
        id="CN-P86-2-2",
        title_en="Payment stopped by order of the police",
        title_zh="公安机关紧急止付",
        law=LAW,
        metric=Metric.BALANCE_OUT,
        window=Window.PAYMENT,
        scope=Scope(account_classes=None),
        maximum=0,
        currency=currency,
        operator=Operator.LTE,
        effective_from=date.min,
        effective_to=None,
        provenance=Provenance.SOURCE,
        on_breach=("reject",),
        ends_at=ends_at,
    )
