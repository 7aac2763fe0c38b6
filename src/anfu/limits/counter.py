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
from anfu.limits.use import Use, UseKind


class Window(StrEnum):
    """How long a sum runs, in civil time of Asia/Shanghai. PAYMENT is one payment, uncounted."""

    PAYMENT = "payment"
    NATURAL_DAY = "natural_day"
    NATURAL_MONTH = "natural_month"
    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


class Metric(StrEnum):
    """BALANCE_PAYMENT: paid from the balance, without withdrawals to the customer's own bank
    account. BALANCE_OUT: with them. INCOMING: what a merchant takes in."""

    BALANCE_PAYMENT = "balance_payment"
    BALANCE_OUT = "balance_out"
    INCOMING = "incoming"


COUNTED: Mapping[Metric, frozenset[UseKind]] = MappingProxyType(
    {
        Metric.BALANCE_PAYMENT: frozenset({UseKind.BALANCE_PAYMENT}),
        Metric.BALANCE_OUT: frozenset({UseKind.BALANCE_PAYMENT, UseKind.WITHDRAW_TO_OWN_BANK}),
        Metric.INCOMING: frozenset({UseKind.BALANCE_PAYMENT, UseKind.NETWORK_PAYMENT}),
    }
)

# The sums kept for every payer. A rule may bound no other (`rulebook` refuses it): its counter
# would start empty in the middle of a window.
KEPT: frozenset[tuple[Metric, Window]] = frozenset(
    {
        (Metric.BALANCE_PAYMENT, Window.NATURAL_DAY),
        (Metric.BALANCE_PAYMENT, Window.CALENDAR_YEAR),
        (Metric.BALANCE_OUT, Window.LIFETIME),
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
_NONE: Meters = MappingProxyType({})


def payer_counters(use: Use) -> Meters:
    """The sums of its payer that `use` adds to."""
    if use.account_class is None or use.kind == UseKind.NETWORK_PAYMENT:
        return _NONE
    meters: dict[tuple[Metric, Window], Counter] = {}
    if use.kind == UseKind.BALANCE_PAYMENT:
        metric = f"balance_payment/{use.currency}"
        day = civil_date(use.at)
        meters[_DAY] = Counter(metric, use.customer, "natural_day", day)
        meters[_YEAR] = Counter(metric, use.customer, "calendar_year", date(day.year, 1, 1))
    if use.account_class == LIFETIME_CLASS:
        metric = f"balance_out/{use.currency}"
        meters[_LIFETIME] = Counter(metric, use.customer, "lifetime", _LIFETIME_START)
    return meters


def merchant_counter(use: Use) -> Counter:
    """The day's sum of its merchant that `use` adds to, if the merchant has a limit for it."""
    if use.merchant is None:
        raise ValueError("a use without a merchant")
    metric = f"incoming/{use.currency}"
    return Counter(metric, use.merchant, "natural_day", civil_date(use.at))


def total(parts: Iterable[tuple[Counter, int]]) -> dict[Counter, int]:
    """The amounts per counter."""
    sums: dict[Counter, int] = {}
    for counter, amount in parts:
        sums[counter] = sums.get(counter, 0) + amount
    return sums


def resets_at(window: Window, at: datetime) -> datetime | None:
    """When a sum of `window` that counts `at` begins anew (UTC); None for never."""
    period = _PERIODS.get(window)
    return None if period is None else period(at).end


_DAY = (Metric.BALANCE_PAYMENT, Window.NATURAL_DAY)
_YEAR = (Metric.BALANCE_PAYMENT, Window.CALENDAR_YEAR)
_LIFETIME = (Metric.BALANCE_OUT, Window.LIFETIME)
_PERIODS = {
    Window.NATURAL_DAY: civil_day,
    Window.NATURAL_MONTH: civil_month,
    Window.CALENDAR_YEAR: civil_year,
}
