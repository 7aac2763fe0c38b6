"""Features made of whole numbers of any size: what the kernel's 64 bits cannot hold, and tiles."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from anfu.kernel.money import MAX_MINOR
from anfu.risk.features import Aggregate, Feature
from anfu.risk.packed.layout import SECOND
from anfu.risk.tiles import Tile

_ZERO = {Aggregate.COUNT: 0, Aggregate.SUM: 0, Aggregate.DISTINCT: 0, Aggregate.FRAUD_SHARE: 0.0}


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


def tiled(  # noqa: PLR0911, PLR0913 - one a kind
    feature: Feature, whole: Tile, place: int, *, at: int, amount: int, mine: bool, frauds: int
) -> Any:
    """The value of a feature of a window that is read from tiles; `place` is that of its field
    among the sketches, `frauds` how many are known."""
    kind = feature.aggregate
    if kind is Aggregate.RATIO:
        return ratio(amount, whole.count, whole.total, mine=mine)
    if not whole.count:
        return _ZERO.get(kind)
    if kind is Aggregate.DISTINCT:
        return whole.sketches[place].estimate()
    if kind is Aggregate.COUNT:
        return whole.count
    if kind is Aggregate.SUM:
        return min(whole.total, MAX_MINOR)
    if kind is Aggregate.MEAN:
        return whole.total / whole.count
    if kind is Aggregate.STD:
        return deviation(whole.count, whole.total, whole.squares)
    if kind is Aggregate.FRAUD_SHARE:
        return frauds / whole.count
    assert whole.first is not None and whole.last is not None
    return {
        Aggregate.MAX: whole.most,
        Aggregate.MIN: whole.least,
        Aggregate.FIRST: whole.first[1],
        Aggregate.LAST: whole.last[1],
        Aggregate.SINCE_LAST: (at - whole.last[0]) // SECOND,
    }[kind]
