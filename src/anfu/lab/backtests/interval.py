"""How sure a share is: Wilson's interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

# Two-sided 95 %.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, and between what bounds the true share lies 95 times of 100; all None of
    nothing."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def share_of(hits: int, of: int) -> Share:
    """E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927."""
    if of == 0:
        return Share(hits, of, None, None, None)
    p, square = hits / of, _Z * _Z
    middle = p + square / (2 * of)
    spread = _Z * sqrt(p * (1 - p) / of + square / (4 * of * of))
    whole = 1 + square / of
    low, high = (middle - spread) / whole, (middle + spread) / whole
    return Share(hits, of, p, max(0.0, low) if hits else 0.0, min(1.0, high) if hits < of else 1.0)
