"""Domains: which values a term can have, as an interval, a few values, and whether NULL.

Values of a type are in one order, NaN above all, texts by code point. A domain may hold more
values than it need, never fewer: what is called empty is empty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Domain:
    """Values from `low` to `high` (None: without end; `low_open`: without `low` itself), only
    those `allowed` (None: any), none `excluded`; `whole`: whole numbers; `null`: NULL besides."""

    low: Any = None
    high: Any = None
    low_open: bool = False
    high_open: bool = False
    allowed: frozenset[Any] | None = None
    excluded: frozenset[Any] = frozenset()
    whole: bool = False
    null: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is no value in it, and no NULL."""
        return not self.null and self._no_value

    @property
    def _no_value(self) -> bool:
        if self.allowed is not None:
            return not any(self._holds(value) for value in self.allowed)
        if self.low is None or self.high is None:
            return False
        return self._too_narrow()

    def _too_narrow(self) -> bool:
        if self.whole:
            first = math.floor(self.low) + 1 if self.low_open else math.ceil(self.low)
            last = math.ceil(self.high) - 1 if self.high_open else math.floor(self.high)
            outside = sum(1 for v in self.excluded if v == int(v) and first <= v <= last)
            return bool(last - first + 1 <= outside)
        if self.low == self.high:
            return self.low_open or self.high_open or self.low in self.excluded
        return bool(self.low > self.high)

    def _holds(self, value: Any) -> bool:
        if value in self.excluded or (self.whole and value != int(value)):
            return False
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return self.high is None or not (
            value > self.high or (self.high_open and value == self.high)
        )

    def __and__(self, other: Domain) -> Domain:
        """What is in both."""
        low, low_open = self.low, self.low_open
        if other.low is not None and (low is None or other.low >= low):
            low_open = other.low_open or (low == other.low and low_open)
            low = other.low
        high, high_open = self.high, self.high_open
        if other.high is not None and (high is None or other.high <= high):
            high_open = other.high_open or (high == other.high and high_open)
            high = other.high
        allowed = self.allowed if other.allowed is None else other.allowed
        if self.allowed is not None and other.allowed is not None:
            allowed = self.allowed & other.allowed
        return Domain(
            low, high, low_open, high_open, allowed, self.excluded | other.excluded,
            self.whole or other.whole, self.null and other.null,
        )  # fmt: skip


ANY = Domain(null=True)
VALUE = Domain()
NULL = Domain(allowed=frozenset(), null=True)
