"""Settlement cycles (结算周期): when a period closes, up to which moment, when it is payable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from anfu.kernel.periods import SHANGHAI
from anfu.settlement.calendar.working_days import is_working_day, next_working_day

_DAY = timedelta(days=1)
# A period of the same day closes while banks can still be asked on it.
_SAME_DAY_CUT = time(18)


class Kind(StrEnum):
    """SAME_DAY: T+0, under 银发〔2016〕261号 二(十二). NEXT_WORKING_DAY: T+1. NEXT_DAY: D+1."""

    SAME_DAY = "SAME_DAY"
    NEXT_WORKING_DAY = "NEXT_WORKING_DAY"
    NEXT_DAY = "NEXT_DAY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Cycle:
    """`weekday`: the last day of a week, 1 Monday to 7 Sunday, for WEEKLY; `credit_days`: how long
    after the month it is payable, for MONTHLY (账期)."""

    kind: Kind
    weekday: int | None = None
    credit_days: int = 0


T1 = Cycle(Kind.NEXT_WORKING_DAY)


def closes(cycle: Cycle, day: date) -> bool:
    """Whether a period ends with the civil day `day`. T+1 does not close before a day on which
    nobody works: what is paid over a weekend is settled with the day before it begins to be work
    again. Raises Refused `calendar_missing`."""
    if cycle.kind is Kind.NEXT_WORKING_DAY:
        return is_working_day(day + _DAY)
    if cycle.kind is Kind.WEEKLY:
        return day.isoweekday() == cycle.weekday
    if cycle.kind is Kind.MONTHLY:
        return (day + _DAY).day == 1
    return True


def until(cycle: Cycle, day: date) -> datetime:
    """The moment at which a period that ends with `day` ends; what comes then is in the next."""
    if cycle.kind is Kind.SAME_DAY:
        return datetime.combine(day, _SAME_DAY_CUT, SHANGHAI).astimezone(UTC)
    return datetime.combine(day + _DAY, time(0), SHANGHAI).astimezone(UTC)


def payable_on(cycle: Cycle, day: date) -> date:
    """The day on which a period that ends with `day` is paid. Raises Refused `calendar_missing`."""
    if cycle.kind is Kind.SAME_DAY:
        return day
    if cycle.kind is Kind.NEXT_DAY:
        return day + _DAY
    return next_working_day(day + timedelta(days=cycle.credit_days))
