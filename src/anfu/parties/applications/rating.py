"""The rating of a merchant (风险评级), and by when it must be looked at again.

At least once a year, whatever the rating: 银发〔2019〕85号 四(十六). How much sooner is the
institution's own choice, and so are the marks the rating is given by.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta
from enum import StrEnum

from anfu.parties.applications.scene import ONLINE, Scene
from anfu.parties.applications.trade import Grade, Trade


class Rating(StrEnum):
    """The highest is looked at most often."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


DAYS = {Rating.LOW: 365, Rating.MEDIUM: 180, Rating.HIGH: 90}


def rate(trade: Trade, scenes: Set[Scene], *, abnormal: bool) -> Rating:
    """HIGH for a raised trade or a firm the registry lists as abnormal (经营异常), MEDIUM for one
    that is paid by payers it does not see, else LOW."""
    if trade.grade is not Grade.ORDINARY or abnormal:
        return Rating.HIGH
    return Rating.MEDIUM if scenes & ONLINE else Rating.LOW


def due_on(rating: Rating, document_until: date, *, today: date) -> date:
    """The last day on which it may be looked at again in time: no later than the representative's
    document is valid (令〔2025〕11号 art. 26)."""
    return min(today + timedelta(days=DAYS[rating]), document_until)
