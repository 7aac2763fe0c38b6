"""Money: a whole number of minor units and a currency. Never negative, never a float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    Inexact,
)
from enum import StrEnum

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused

# The largest amount of one payment or balance: fits PostgreSQL's bigint and JSON's safe integers.
MAX_MINOR = (1 << 53) - 1
_MAX_DIGITS = len(str(MAX_MINOR))
_AMOUNT = re.compile(r"0*([0-9]+)(?:\.([0-9]+))?", re.ASCII)

# A product that does not fit is an error, never rounded behind our back.
_RATE_DIGITS = 60
_EXACT = Context(prec=_RATE_DIGITS + 40, traps=[Inexact])


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units (fen, cents) of `currency` (ISO 4217).

    Raises ValueError on a negative, oversized or non-integer amount, or an unknown currency.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int or not 0 <= self.minor <= MAX_MINOR:
            raise ValueError("minor is a whole number from 0 to 2^53 - 1")
        if self.currency not in EXPONENTS:
            raise ValueError(f"{self.currency!r} is not an ISO 4217 currency")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Raises ValueError when the result would be negative."""
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Parts in proportion to `weights` that add up to the whole; the remainder goes to the
        largest remainders, the earlier part first. Raises ValueError without a positive weight."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights are whole numbers, none negative, not all zero")
        parts = [self.minor * weight // total for weight in weights]
        remainders = [self.minor * weight % total for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for i in order[: self.minor - sum(parts)]:
            parts[i] += 1
        return [Money(part, self.currency) for part in parts]

    def decimal(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def __str__(self) -> str:
        return f"{self.decimal():.{EXPONENTS[self.currency]}f} {self.currency}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")


def parse_money(text: str, currency: str) -> Money:
    """`"12.34"` in major units as Money. Raises Refused for anything that is not exactly an
    amount of that currency: more decimals than it has, a sign, an exponent, not a number."""
    if currency not in EXPONENTS:
        raise Refused("currency_unknown", field="currency", currency=currency)
    found = _AMOUNT.fullmatch(text)
    fraction = (found[2] or "") if found else ""
    if found is None or len(fraction) > EXPONENTS[currency]:
        raise Refused("amount_invalid", field="amount", amount=text)
    digits = found[1] + fraction.ljust(EXPONENTS[currency], "0")
    if len(digits.lstrip("0")) > _MAX_DIGITS or int(digits) > MAX_MINOR:
        raise Refused("amount_too_large", field="amount", amount=text)
    return Money(int(digits), currency)


class Rounding(StrEnum):
    """Named, so that no rate is applied with a rounding nobody chose."""

    DOWN = ROUND_DOWN
    UP = ROUND_CEILING
    HALF_UP = ROUND_HALF_UP
    HALF_EVEN = ROUND_HALF_EVEN


@dataclass(frozen=True, slots=True)
class Rate:
    """A factor for fees and exchange, with the rounding of its result."""

    factor: Decimal
    rounding: Rounding

    def __post_init__(self) -> None:
        if not self.factor.is_finite() or self.factor < 0:
            raise ValueError("a rate is a finite number, not negative")
        if len(f"{self.factor:f}") > _RATE_DIGITS:
            raise ValueError(f"a rate has at most {_RATE_DIGITS} characters")

    def of(self, money: Money) -> Money:
        """This rate of `money`, in the same currency, rounded to a minor unit."""
        return self.convert(money, money.currency)

    def convert(self, money: Money, currency: str) -> Money:
        """`money` in `currency` at this rate (major unit to major unit)."""
        exponent = EXPONENTS.get(currency)
        if exponent is None:
            raise ValueError(f"{currency!r} is not an ISO 4217 currency")
        minor = _EXACT.scaleb(_EXACT.multiply(money.decimal(), self.factor), exponent)
        return Money(int(minor.to_integral_value(rounding=self.rounding.value)), currency)
