"""A piece of feedback (付款评价), and the share of payers who are satisfied (满意度)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

PREFIX = "fbk"
SATISFIED = 4
"""The least score of whom counts as satisfied, of five."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """`score` of 1 to 5 for a checkout of `payee`; `paid`: whether it was paid when it was given;
    `comment`: sealed, bound to `id`; `payer`: its customer, or its guest."""

    id: str
    checkout: str
    payee: str
    payer: str
    paid: bool
    score: int
    comment: bytes | None = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many have given a score, and how many of those one of four or five."""

    count: int
    satisfied: int

    @property
    def share(self) -> float | None:
        """Scores of four and five over all scores; None without any."""
        return None if self.count == 0 else self.satisfied / self.count
