"""Quotients of whole numbers of any size: what the kernel's 64 bits cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from anfu.risk.features import Aggregate, Feature


def deviation(count: int, total: int, squares: int) -> float:
    """Population standard deviation from a count, a sum, and a sum of squares."""
    return sqrt(count * squares - total * total) / count


def ratio(amount: int, count: int, total: int, *, mine: bool) -> float | None:
    """`amount` over the mean of `count` amounts that come to `total`, itself not counted."""
    others, rest = count - mine, total - amount * mine
    return amount * others / rest if rest else None


def divided(feature: Feature, amount: int, sums: Sequence[int], *, mine: bool) -> float | None:
    """A quotient of the sums of a walk: count, total in two digits of base 2^53, squares in four
    of base 2^27."""
    count, low, high, *digits = sums
    total = low + (high << 53)
    if feature.aggregate is Aggregate.RATIO:
        return ratio(amount, count, total, mine=mine)
    if feature.aggregate is Aggregate.MEAN:
        return total / count
    squares = sum(digit << 27 * n for n, digit in enumerate(digits))
    return deviation(count, total, squares)
