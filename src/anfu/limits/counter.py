"""What is counted, for whom and for how long. Which counters a use feeds follows from the use
alone, never from the rules of the day: so it can be given back exactly, and a rule that comes
into force finds its counter filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from anfu.kernel.periods import civil_date, civil_day, civil_month, civil_year
from anfu.limits.use import Code, Debit, Use, UseKind


class Window(StrEnum):
    """How long a sum runs, in civil time of Asia/Shanghai. PAYMENT is one payment, uncounted."""

    PAYMENT = "payment"
    NATURAL_DAY = "natural_day"
    NATURAL_MONTH = "natural_month"
    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


class Metric(StrEnum):
    """BALANCE_PAYMENT: paid from the balance, without withdrawals to the customer's own bank
    account. BALANCE_OUT: with them. BANK_PAYMENT: paid from the payer's bank accounts. The COUNTs
    are numbers of payments. CODE_PAYMENT: begun with a code, paid from one pocket (`_pocket`);
    STATIC_CODE_PAYMENT: of these, the ones with a static code. INCOMING: what a merchant takes in.
    """

    BALANCE_PAYMENT = "balance_payment"
    BALANCE_COUNT = "balance_count"
    BALANCE_OUT = "balance_out"
    BANK_PAYMENT = "bank_payment"
    BANK_COUNT = "bank_count"
    CODE_PAYMENT = "code_payment"
    STATIC_CODE_PAYMENT = "static_code_payment"
    INCOMING = "incoming"


_BALANCE = frozenset({UseKind.BALANCE_PAYMENT})
_BANK = frozenset({UseKind.NETWORK_PAYMENT})
COUNTED: Mapping[Metric, frozenset[UseKind]] = MappingProxyType(
    {
        Metric.BALANCE_PAYMENT: _BALANCE,
        Metric.BALANCE_COUNT: _BALANCE,
        Metric.BALANCE_OUT: _BALANCE | {UseKind.WITHDRAW_TO_OWN_BANK},
        Metric.BANK_PAYMENT: _BANK,
        Metric.BANK_COUNT: _BANK,
        Metric.CODE_PAYMENT: _BALANCE | _BANK,
        Metric.STATIC_CODE_PAYMENT: _BALANCE | _BANK,
        Metric.INCOMING: _BALANCE | _BANK,
    }
)
COUNTS = frozenset({Metric.BALANCE_COUNT, Metric.BANK_COUNT})
# Metrics that only uses begun with one of these codes add to.
CODES: Mapping[Metric, frozenset[Code]] = MappingProxyType(
    {
        Metric.CODE_PAYMENT: frozenset({Code.STATIC, Code.DYNAMIC}),
        Metric.STATIC_CODE_PAYMENT: frozenset({Code.STATIC}),
    }
)

# The sums kept for every payer. A rule may bound no other (`rulebook` refuses it): its counter
# would start empty in the middle of a window.
KEPT: frozenset[tuple[Metric, Window]] = frozenset(
    {
        (Metric.BALANCE_PAYMENT, Window.NATURAL_DAY),
        (Metric.BALANCE_PAYMENT, Window.NATURAL_MONTH),
        (Metric.BALANCE_PAYMENT, Window.CALENDAR_YEAR),
        (Metric.BALANCE_COUNT, Window.NATURAL_DAY),
        (Metric.BALANCE_OUT, Window.LIFETIME),
        (Metric.BANK_PAYMENT, Window.NATURAL_DAY),
        (Metric.BANK_PAYMENT, Window.NATURAL_MONTH),
        (Metric.BANK_COUNT, Window.NATURAL_DAY),
        (Metric.CODE_PAYMENT, Window.NATURAL_DAY),
        (Metric.STATIC_CODE_PAYMENT, Window.NATURAL_DAY),
    }
)
# A lifetime sum is kept only for the class that has a lifetime limit (43号 art. 11(1)).
LIFETIME_CLASS = 1
_LIFETIME_START = date(1970, 1, 1)


class Counter(NamedTuple):
    """The key of a sum. Its order is the global order in which counters are locked."""

    metric: str
    subject: str
    window: str
    starts_on: date


Meters = Mapping[tuple[Metric, Window], Counter]


def payer_counters(use: Use) -> Meters:
    """The sums of its payer that `use` adds to."""
    meters: dict[tuple[Metric, Window], Counter] = {}
    day = civil_date(use.at)
    month, year = day.replace(day=1), date(day.year, 1, 1)
    customer, currency = use.customer, use.currency
    if use.kind == UseKind.BALANCE_PAYMENT:
        metric, count = f"balance_payment/{currency}", f"balance_count/{currency}"
        meters[_DAY] = Counter(metric, customer, "natural_day", day)
        meters[_MONTH] = Counter(metric, customer, "natural_month", month)
        meters[_YEAR] = Counter(metric, customer, "calendar_year", year)
        meters[_NUMBER] = Counter(count, customer, "natural_day", day)
    if use.kind == UseKind.NETWORK_PAYMENT:
        metric, count = f"bank_payment/{currency}", f"bank_count/{currency}"
        meters[_BANK_DAY] = Counter(metric, customer, "natural_day", day)
        meters[_BANK_MONTH] = Counter(metric, customer, "natural_month", month)
        meters[_BANK_NUMBER] = Counter(count, customer, "natural_day", day)
    elif use.account_class == LIFETIME_CLASS:
        metric = f"balance_out/{currency}"
        meters[_LIFETIME] = Counter(metric, customer, "lifetime", _LIFETIME_START)
    if use.code is not Code.NONE and use.kind != UseKind.WITHDRAW_TO_OWN_BANK:
        meters.update(_code_counters(use, day))
    return meters


def _code_counters(use: Use, day: date) -> Meters:
    pocket, subject = _pocket(use)
    metrics = [metric for metric, codes in CODES.items() if use.code in codes]
    return {
        (metric, Window.NATURAL_DAY): Counter(
            f"{metric.value}/{use.currency}/{pocket}", subject, "natural_day", day
        )
        for metric in metrics
    }


def _pocket(use: Use) -> tuple[str, str]:
    """What is added up for a code payment, and the subject of the sum: all payment accounts of the
    customer (296号 art. 12), all its bank accounts where the institution debits (art. 13), or the
    one account where its bank debits (art. 12)."""
    if use.kind == UseKind.BALANCE_PAYMENT:
        return "balance", use.customer
    if use.debit is Debit.INSTITUTION:
        return "banks", use.customer
    return "bank_account", f"{use.customer}/{use.bank_account or ''}"


def weight(metric: Metric, use: Use) -> int:
    """What `use` adds to a sum of `metric`: its amount, or one."""
    return 1 if metric in COUNTS else use.amount


def parts(use: Use) -> list[tuple[Counter, int]]:
    """What `use` adds to each sum of its payer."""
    found = payer_counters(use).items()
    return [(counter, weight(metric, use)) for (metric, _), counter in found]


def merchant_counter(use: Use) -> Counter:
    """The day's sum of its merchant that `use` adds to, if the merchant has a limit for it."""
    if use.merchant is None:
        raise ValueError("a use without a merchant")
    metric = f"incoming/{use.currency}"
    return Counter(metric, use.merchant, "natural_day", civil_date(use.at))


def total(added: Iterable[tuple[Counter, int]]) -> dict[Counter, int]:
    """The amounts per counter."""
    sums: dict[Counter, int] = {}
    for counter, amount in added:
        sums[counter] = sums.get(counter, 0) + amount
    return sums


def resets_at(window: Window, at: datetime) -> datetime | None:
    """When a sum of `window` that counts `at` begins anew (UTC); None for never."""
    period = _PERIODS.get(window)
    return None if period is None else period(at).end


_DAY = (Metric.BALANCE_PAYMENT, Window.NATURAL_DAY)
_MONTH = (Metric.BALANCE_PAYMENT, Window.NATURAL_MONTH)
_NUMBER = (Metric.BALANCE_COUNT, Window.NATURAL_DAY)
_BANK_DAY = (Metric.BANK_PAYMENT, Window.NATURAL_DAY)
_BANK_MONTH = (Metric.BANK_PAYMENT, Window.NATURAL_MONTH)
_BANK_NUMBER = (Metric.BANK_COUNT, Window.NATURAL_DAY)
_YEAR = (Metric.BALANCE_PAYMENT, Window.CALENDAR_YEAR)
_LIFETIME = (Metric.BALANCE_OUT, Window.LIFETIME)
_PERIODS = {
    Window.NATURAL_DAY: civil_day,
    Window.NATURAL_MONTH: civil_month,
    Window.CALENDAR_YEAR: civil_year,
}
