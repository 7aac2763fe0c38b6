"""Arithmetic and order as DuckDB has them: 64-bit integers, IEEE 754 doubles, NaN above all.

The functions a compiled condition may call, and nothing else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
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
        "divide": _divide,
        "above": _above,
        "same": _same,
        "not_below": _not_below,
        "coalesce": _coalesce,
        "greatest": _greatest,
        "least": _least,
    }
)
