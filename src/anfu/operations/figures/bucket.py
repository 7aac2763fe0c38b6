"""Buckets: what was counted of the payments made in a minute or an hour.

A bucket holds payments by the time they were made, as they stand now. A payment that moves later,
or is followed by another try at the same order, has its minute counted again, up to `CLOSED`
after it; what moves later than that no longer shows. Whole minutes are always counted anew, so
that counting twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CLOSED = timedelta(days=35)
"""How old a minute may be and still be counted again."""
KEPT = timedelta(days=40)
"""How long minutes are kept; hours for ever."""
BACK = timedelta(days=31)
"""How far back counting begins in a database that was never counted."""
STEP = timedelta(hours=4)
"""How much is counted in one transaction."""
# A transaction that was open when its minute was counted has committed by then.
OVERLAP = timedelta(minutes=2)


class Why(StrEnum):
    """Where a reason comes from."""

    DECISION = "DECISION"
    FAILURE = "FAILURE"
    REFUSAL = "REFUSAL"


@dataclass(frozen=True, slots=True)
class Bucket:
    """`count` payments of `amount` minor units in one state; `retried`: of them, followed by
    another try at the same order. `channel` is `balance` where there is none."""

    at: datetime
    currency: str
    channel: str
    state: str
    count: int
    amount: int
    retried: int


@dataclass(frozen=True, slots=True)
class Reason:
    """How often a code was the reason."""

    at: datetime
    kind: Why
    code: str
    count: int


def minute_of(moment: datetime) -> datetime:
    """The beginning of its minute."""
    return moment.replace(second=0, microsecond=0)


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The minutes to be counted next: every one in `[start, end)`, and `more` when there are some
    behind it."""

    start: datetime
    end: datetime
    more: bool

    @property
    def minutes(self) -> list[datetime]:
        """Their beginnings."""
        count = (self.end - self.start) // MINUTE
        return [self.start + n * MINUTE for n in range(count)]


def next_stretch(until: datetime | None, *, now: datetime) -> Stretch:
    """What to count when everything before `until` was counted; None is nothing ever."""
    begun = hour_of(now - BACK) if until is None else minute_of(until - OVERLAP)
    present = minute_of(now) + MINUTE
    end = min(begun + STEP, present)
    return Stretch(min(begun, end), end, end < present)


def late_minutes(moments: Iterable[datetime], stretch: Stretch, *, now: datetime) -> list[datetime]:
    """The minutes of payments that moved, as far as they are neither counted anyway nor closed."""
    minutes = {minute_of(moment) for moment in moments}
    return sorted(m for m in minutes if now - CLOSED <= m < stretch.start)
