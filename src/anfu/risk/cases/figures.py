"""How the work on cases goes: what is open, and how fast somebody answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from anfu.risk.rules import Grade

# Ages a case that waits is counted by: up to so much.
AGES = (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4))
TARGET_S = 1_800
"""The institution's target for the first response."""


@dataclass(frozen=True, slots=True)
class OpenCount:
    """`count` cases of `grade` are open and no older than `age_s`, and older than the age before;
    `age_s` None is older than all."""

    grade: Grade
    age_s: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Responses:
    """Of the `cases` opened in the period, first responses among the `due` ones (those answered,
    and those that should have been): quantiles in seconds by the wall clock (None of no answer),
    and how many came `in_time` by the policy's working time, and `in_target` by the wall clock."""

    cases: int
    answered: int
    due: int
    in_time: int
    in_target: int
    p50_s: float | None
    p95_s: float | None

    @property
    def in_time_share(self) -> float | None:
        """0 to 1; None where nothing was due."""
        return round(self.in_time / self.due, 6) if self.due else None

    @property
    def in_target_share(self) -> float | None:
        """0 to 1; None where nothing was due."""
        return round(self.in_target / self.due, 6) if self.due else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits now: `late` cases without the first response they should have had, the oldest
    open one `oldest_s` seconds old."""

    counts: tuple[OpenCount, ...]
    late: int
    oldest_s: float
