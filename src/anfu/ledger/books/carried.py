"""Sums carried forward (结转): until which moments the books are added up for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from anfu.kernel.periods import civil_day

STEP = timedelta(minutes=10)
# Whoever books later than this takes the moment back: it is then added up again.
OVERLAP = timedelta(minutes=2)


def next_until(last: datetime, *, now: datetime) -> datetime | None:
    """Until when to add up next, after `last`: the end of its civil day (Asia/Shanghai) where that
    is over, else the last full ten minutes; None while they are not."""
    over = now - OVERLAP
    latest = over - (over - datetime.min.replace(tzinfo=over.tzinfo)) % STEP
    if latest <= last:
        return None
    day = civil_day(last)
    assert day.end is not None
    return min(day.end, latest)
