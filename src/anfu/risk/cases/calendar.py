"""A business calendar: the hours in which somebody is there, as data of the operator's.

Nothing of any year is built in: public holidays and the working weekends that make up for them
(调休) are announced by the State Council each year and given as dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.periods import Period, civil_date, civil_day

DAY_MINUTES = 24 * 60
_DATES_MOST = 400
_HOURS_LEAST = 60
# Longer than a week of working time takes when one hour of one weekday is worked and every holiday
# falls on that weekday: (168 + 400) weeks.
_HORIZON = timedelta(days=4_400)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Work is done from minute `opens` to minute `closes` of the civil day (Asia/Shanghai) on
    `weekdays` (1 Monday to 7 Sunday) that are no `holidays`, and on `workdays` whatever day they
    are. Raises Refused("case_policy_invalid")."""

    weekdays: frozenset[int]
    opens: int
    closes: int
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(1, 8)):
            raise _invalid("weekdays", "one to seven of 1 to 7")
        if not (self.opens >= 0 and self.opens + _HOURS_LEAST <= self.closes <= DAY_MINUTES):
            raise _invalid("opens", "an hour before it closes, at the least, within one day")
        if len(self.holidays | self.workdays) > _DATES_MOST:
            raise _invalid("holidays", f"at most {_DATES_MOST} dates")
        if self.holidays & self.workdays:
            raise _invalid("holidays", "a date is a holiday or a workday, not both")

    def works_on(self, day: date) -> bool:
        """Whether somebody is there on `day`."""
        if day in self.workdays:
            return True
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def hours(self, day: Period) -> Period | None:
        """The working hours of a civil day; None when nobody is there."""
        if not self.works_on(civil_date(day.start)):
            return None
        opens, closes = (timedelta(minutes=m) for m in (self.opens, self.closes))
        return Period(day.start + opens, day.start + closes)


def after_working(calendar: Calendar | None, start: datetime, seconds: int) -> datetime:
    """The moment at which `seconds` of working time, at most a week of them, have gone by since
    `start` (aware UTC); without a calendar somebody is always there."""
    left = timedelta(seconds=seconds)
    if calendar is None:
        return start + left
    day = civil_day(start)
    while day.start - start < _HORIZON:
        hours = calendar.hours(day)
        if hours is not None and hours.end is not None and start < hours.end:
            begin = max(start, hours.start)
            if left <= hours.end - begin:
                return begin + left
            left -= hours.end - begin
        assert day.end is not None
        day = civil_day(day.end)
    raise BrokenInvariant("a calendar without working time")


def _invalid(field: str, reason: str) -> Refused:
    return Refused("case_policy_invalid", field=f"calendar.{field}", reason=reason)
