"""Fees of a merchant (手续费): of each payment, by the volume of its month. Minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from anfu.kernel.money import Money, Rate, Rounding

_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Tier:
    """`rate_bp`, basis points, for a payment that comes when the month's volume is `volume` or
    more, and less than the next tier's."""

    volume: int
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Fee:
    """`least` and `most` (None: no bound) of one payment; `returned`: a refund gives its share of
    the fee back. The first tier begins at 0."""

    tiers: Sequence[Tier]
    least: int = 0
    most: int | None = None
    returned: bool = True


def part_of(amount: int, rate_bp: int, currency: str, rounding: Rounding) -> int:
    """`rate_bp` basis points of `amount`."""
    rate = Rate(Decimal(rate_bp) / _BASIS_POINTS, rounding)
    return rate.of(Money(amount, currency)).minor


def fee_of(fee: Fee, amount: int, *, volume: int, currency: str) -> int:
    """The fee of a payment of `amount`, before which the month came to `volume`. Half a minor unit
    is rounded up; a fee is never more than what was paid."""
    rate_bp = [tier.rate_bp for tier in fee.tiers if tier.volume <= volume][-1]
    charged = max(fee.least, part_of(amount, rate_bp, currency, Rounding.HALF_UP))
    if fee.most is not None:
        charged = min(charged, fee.most)
    return min(charged, amount)


def returned_of(charged: int, paid: int, *, before: int, refund: int) -> int:
    """What a `refund` gives back of the fee `charged` for `paid`, after refunds of `before`. All
    refunds of a payment together give back the whole fee when nothing is left of it, never more."""
    return charged * (before + refund) // paid - charged * before // paid
