"""A limit agreed with a customer (约定限额): lowered at once, raised after a cooling-off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR
from anfu.limits.counter import COUNTS, Metric, Window
from anfu.limits.rule import Law, Operator, Provenance, Rule, Scope, Step

METRICS = (Metric.BALANCE_PAYMENT, Metric.BALANCE_COUNT, Metric.BANK_PAYMENT, Metric.BANK_COUNT)
WINDOWS = (Window.PAYMENT, Window.NATURAL_DAY, Window.NATURAL_MONTH)

_TRANSFERS = Law(
    "关于加强支付结算管理 防范电信网络新型违法犯罪有关事项的通知",
    "银发〔2016〕261号",
    "二(十)",
    "约定支付账户与支付账户、支付账户与银行账户之间的日累计转账限额和笔数",
)
_DEBITS = Law(
    "非银行支付机构网络支付业务管理办法",
    "公告〔2015〕43号",
    "10(2)",
    "设立与客户风险承受能力相匹配的单笔和单日累计交易限额",
)
# The law that asks for the agreement; a limit not in it rests on the customer's wish alone.
_LAWS: Mapping[tuple[Metric, Window], Law] = MappingProxyType(
    {
        (Metric.BALANCE_PAYMENT, Window.NATURAL_DAY): _TRANSFERS,
        (Metric.BALANCE_COUNT, Window.NATURAL_DAY): _TRANSFERS,
        (Metric.BANK_PAYMENT, Window.PAYMENT): _DEBITS,
        (Metric.BANK_PAYMENT, Window.NATURAL_DAY): _DEBITS,
    }
)
_SOURCES = {
    Metric.BALANCE_PAYMENT: ("payments from the balance", "余额付款金额"),
    Metric.BALANCE_COUNT: ("number of payments from the balance", "余额付款笔数"),
    Metric.BANK_PAYMENT: ("payments from bank accounts", "银行账户付款金额"),
    Metric.BANK_COUNT: ("number of payments from bank accounts", "银行账户付款笔数"),
}
_SPANS = {
    Window.PAYMENT: ("one payment", "单笔"),
    Window.NATURAL_DAY: ("a day", "单日累计"),
    Window.NATURAL_MONTH: ("a month", "单月累计"),
}


@dataclass(frozen=True, slots=True)
class AgreedKey:
    """What a customer's limit bounds: payments from the balance or from bank accounts, their
    amount (minor units of `currency`) or their number, in one payment, natural day or month."""

    customer: str
    metric: Metric
    window: Window
    currency: str


@dataclass(frozen=True, slots=True)
class AgreedLimit:
    """At most `most`, None for no limit; from `next_at` on, if that is set, `next_most`."""

    key: AgreedKey
    most: int | None
    set_at: datetime
    next_most: int | None = None
    next_at: datetime | None = None

    def at(self, moment: datetime) -> AgreedLimit:
        """The same limit with a change that has become due made."""
        if self.next_at is None or moment < self.next_at:
            return self
        return replace(self, most=self.next_most, set_at=self.next_at, next_most=None, next_at=None)


def changed(
    limit: AgreedLimit, most: int | None, *, cooling_off: timedelta, now: datetime
) -> AgreedLimit:
    """`limit` after its customer asked for `most` (None: no limit).

    What is lower holds at once and ends a raise that waits; what is higher waits for `cooling_off`
    from now, also where another raise was waiting. What holds already ends a raise that waits.
    """
    current = limit.at(now)
    if not _higher(most, current.most):
        return AgreedLimit(limit.key, most, now)
    return replace(current, next_most=most, next_at=now + cooling_off)


def agreed_rules(limit: AgreedLimit) -> Iterator[Rule]:
    """The limit as rules to be held against uses: what holds now, and what follows."""
    if limit.most is not None:
        yield _rule(limit.key, limit.most, None, limit.next_at)
    if limit.next_most is not None:
        yield _rule(limit.key, limit.next_most, limit.next_at, None)


def check_agreed(metric: str, window: str, currency: str, most: int | None) -> None:
    """Raises Refused for a limit that no payment can be held against."""
    if window not in WINDOWS or metric not in METRICS:
        raise Refused("agreed_limit_unknown", field="window")
    if metric in COUNTS and window != Window.NATURAL_DAY:
        raise Refused("agreed_limit_unknown", field="window")
    if currency not in EXPONENTS:
        raise Refused("currency_unknown", field="currency", currency=currency)
    if most is not None and (type(most) is not int or not 0 < most <= MAX_MINOR):
        raise Refused("limit_amount_invalid", field="most", most=MAX_MINOR)


def _higher(wanted: int | None, held: int | None) -> bool:
    return held is not None and (wanted is None or wanted > held)


def _rule(key: AgreedKey, most: int, begins: datetime | None, ends: datetime | None) -> Rule:
    (source_en, source_zh), (span_en, span_zh) = _SOURCES[key.metric], _SPANS[key.window]
    return Rule(
        id=f"AGREED-{key.metric.upper()}-{key.window.upper()}".replace("_", "-"),
        title_en=f"The customer's agreed limit: {source_en} in {span_en}",
        title_zh=f"客户约定的{source_zh}{span_zh}限额",
        law=_LAWS.get((key.metric, key.window)),
        metric=key.metric,
        window=key.window,
        scope=Scope(account_classes=None),
        maximum=most,
        currency=key.currency,
        operator=Operator.LTE,
        effective_from=date.min,
        effective_to=None,
        provenance=Provenance.SOURCE,
        on_breach=("reject",),
        raise_by=(Step.AGREED_LIMIT,),
        starts_at=begins,
        ends_at=ends,
    )
