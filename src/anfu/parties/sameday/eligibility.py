"""Who may be settled on the same day: 银发〔2016〕261号 二(十二).

No T+0 for a merchant that came in less than 90 days ago, or has not traded normally for 30 days in
a row since. Our reading: days are civil days in Shanghai; a normal day has at least one payment
that succeeded and none that is known to be fraud; the row ends with yesterday: today is not over.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

from anfu.kernel.errors import Refused

LAW, ARTICLE = "银发〔2016〕261号", "二(十二)"
DAYS, NORMAL_DAYS = 90, 30


@dataclass(frozen=True, slots=True)
class Trading:
    """What a merchant did: the civil day it came in, `today`, and of the last `NORMAL_DAYS` days
    and today those on which it was `paid` and those with a `fraud`."""

    enrolled: date
    today: date
    paid: Set[date]
    fraud: Set[date]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """`days` since it came in; `normal_days` in a row, counted to `NORMAL_DAYS`; `earliest` the
    first day on which it may be settled on the same day if it trades normally until then."""

    days: int
    normal_days: int
    earliest: date

    @property
    def days_missing(self) -> int:
        return max(0, DAYS - self.days)

    @property
    def normal_days_missing(self) -> int:
        return NORMAL_DAYS - self.normal_days

    @property
    def eligible(self) -> bool:
        return self.days_missing == 0 and self.normal_days_missing == 0


def eligibility(trading: Trading) -> Eligibility:
    """How the rule stands today."""
    today = trading.today
    begun_again = today in trading.fraud
    row = 0 if begun_again else _row(trading)
    # A fraud today spoils today: the row can begin tomorrow at the earliest.
    row_full = today + timedelta(days=NORMAL_DAYS - row + begun_again)
    old_enough = trading.enrolled + timedelta(days=DAYS)
    earliest = max(today, old_enough, row_full)
    return Eligibility((today - trading.enrolled).days, row, earliest)


def _row(trading: Trading) -> int:
    normal = trading.paid - trading.fraud
    for back in range(NORMAL_DAYS):
        day = trading.today - timedelta(days=back + 1)
        if day not in normal or day < trading.enrolled:
            return back
    return NORMAL_DAYS


def check_eligible(found: Eligibility) -> None:
    """Raises Refused `same_day_too_early`: what is missing, and from when it may be."""
    if not found.eligible:
        raise Refused(
            "same_day_too_early", field="merchant", days_missing=found.days_missing,
            normal_days_missing=found.normal_days_missing, earliest=found.earliest.isoformat(),
        )  # fmt: skip
