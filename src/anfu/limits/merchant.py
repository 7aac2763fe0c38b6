"""The limits a merchant sets for what it takes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR
from anfu.limits.counter import Metric, Window
from anfu.limits.rule import Operator, Provenance, Rule, Scope

_EVERY = Scope(account_classes=None)
_TITLES = {
    Window.PAYMENT: ("The merchant's limit for one payment", "商户单笔收款限额"),
    Window.NATURAL_DAY: ("The merchant's limit for one day", "商户单日收款限额"),
}


@dataclass(frozen=True, slots=True)
class MerchantLimit:
    """`merchant` takes in at most `amount` minor units of `currency` in one payment or one natural
    day (`window`), counted from the moment a limit was first set."""

    merchant: str
    window: Window
    currency: str
    amount: int
    set_at: datetime


def own_rule(window: Window, currency: str, amount: int) -> Rule:
    """A merchant's limit as a rule, to be held against uses beside those of the law."""
    title_en, title_zh = _TITLES[window]
    return Rule(
        id="MERCHANT-PAYMENT" if window is Window.PAYMENT else "MERCHANT-DAY",
        title_en=title_en,
        title_zh=title_zh,
        law=None,
        metric=Metric.INCOMING,
        window=window,
        scope=_EVERY,
        maximum=amount,
        currency=currency,
        operator=Operator.LTE,
        effective_from=date.min,
        effective_to=None,
        provenance=Provenance.SOURCE,
        on_breach=("reject",),
    )


def check_window(window: str) -> Window:
    """Raises Refused unless a merchant can set a limit for `window`."""
    if window not in _TITLES:
        raise Refused("limit_window_unknown", field="window", window=window)
    return Window(window)


def check_limit(window: str, currency: str, amount: int) -> Window:
    """Raises Refused for a limit that no payment can be held against."""
    checked = check_window(window)
    if currency not in EXPONENTS:
        raise Refused("currency_unknown", field="currency", currency=currency)
    if type(amount) is not int or not 0 < amount <= MAX_MINOR:
        raise Refused("limit_amount_invalid", field="amount", most=MAX_MINOR)
    return checked
