"""Arithmetic and order as DuckDB has them: 64-bit integers, IEEE 754 doubles, NaN above all.

The functions a compiled condition may call, and nothing else.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import copysign, inf, isnan, nan
from types import MappingProxyType
from typing import Any

_TOP = (1 << 63) - 1


def _magnitude(a: int) -> int | None:
    return abs(a) if a >= -_TOP else None


def _negative(a: int) -> int | None:
    return -a if a >= -_TOP else None


def _checked(work: Callable[[int, int], int]) -> Callable[[int, int], int | None]:
    def checked(a: int, b: int) -> int | None:
        result = work(a, b)
        return result if -_TOP - 1 <= result <= _TOP else None

    return checked


def _modulo(a: int, b: int) -> int | None:
    """The sign of the dividend, as in C; NULL where C traps."""
    if b == 0 or (b == -1 and a < -_TOP):
        return None
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def _remainder(a: float, b: float) -> float:
    return nan if b == 0 or math.isinf(a) else math.fmod(a, b)


def _rounded(work: Callable[[float], float]) -> Callable[[float], float]:
    """Zero keeps the sign of what it was rounded from: 1 / -0.0 is below everything."""

    def rounded(a: float) -> float:
        if not math.isfinite(a):
            return a
        return float(work(a)) or copysign(0.0, a)

    return rounded


def _half_away(a: float) -> float:
    whole = math.trunc(a)
    return whole + (copysign(1, a) if abs(a - whole) >= 0.5 else 0)


def _listed(hits: str, entry: str) -> bool:
    return entry in hits.split(",")


def _like(text: str, pattern: str) -> bool:
    """`%` is any text, `_` one code point."""
    first, *rest = _segments(pattern)
    if not rest:
        return len(text) == len(first) and _fits(text, first, 0)
    last = rest.pop()
    end = len(text) - len(last)
    if end < len(first) or not (_fits(text, first, 0) and _fits(text, last, end)):
        return False
    place = len(first)
    for segment in rest:  # the leftmost place leaves the most to those that follow
        while place + len(segment) <= end and not _fits(text, segment, place):
            place += 1
        place += len(segment)
        if place > end:
            return False
    return True


def _fits(text: str, segment: str, place: int) -> bool:
    if "_" not in segment:
        return text.startswith(segment, place)
    return all(s in ("_", t) for s, t in zip(segment, text[place:], strict=False))


@lru_cache(maxsize=1024)
def _segments(pattern: str) -> tuple[str, ...]:
    first, *rest = pattern.split("%")
    return (first, *(segment for segment in rest[:-1] if segment), *rest[-1:])


def _nullif(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return a
    if type(a) is not type(b):
        return None if _same(float(a), float(b)) else a
    return None if _same(a, b) else a


def _divide(a: float, b: float) -> float:
    a, b = float(a), float(b)
    if b != 0:
        return a / b
    return nan if a == 0 or isnan(a) else copysign(inf, a) * copysign(1.0, b)


def _above(a: float, b: float) -> bool:
    return a > b or (a != a and b == b)  # noqa: PLR0124 - only NaN differs from itself


def _same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)  # noqa: PLR0124


def _not_below(a: float, b: float) -> bool:
    return a >= b or a != a  # noqa: PLR0124


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _greatest(*values: Any) -> Any:
    best = None
    for value in values:
        if value is not None and (best is None or _above(value, best)):
            best = value
    return best


def _least(*values: Any) -> Any:
    best = None
    for value in values:
        if value is not None and (best is None or _above(best, value)):
            best = value
    return best


WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "__builtins__": {},
        "abs": abs,
        "float": float,
        "plus": _checked(operator.add),
        "minus": _checked(operator.sub),
        "times": _checked(operator.mul),
        "negative": _negative,
        "magnitude": _magnitude,
        "modulo": _modulo,
        "remainder": _remainder,
        "floor": _rounded(math.floor),
        "ceil": _rounded(math.ceil),
        "round": _rounded(_half_away),
        "length": len,
        "like": _like,
        "starts_with": str.startswith,
        "nullif": _nullif,
        "listed": _listed,
        "divide": _divide,
        "above": _above,
        "same": _same,
        "not_below": _not_below,
        "coalesce": _coalesce,
        "greatest": _greatest,
        "least": _least,
    }
)
