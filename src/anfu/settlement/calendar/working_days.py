"""Working days (工作日) of mainland China: Monday to Friday, less holidays, with adjusted ones."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from anfu.kernel.errors import Refused

_SATURDAY = 5
_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Raises Refused `calendar_missing` for a day of a year that has not been announced."""
    announced = _announced()
    if day.year not in _years():
        raise Refused("calendar_missing", field="day", year=day.year)
    return announced.get(day, day.weekday() < _SATURDAY)


def next_working_day(day: date) -> date:
    """The first working day after `day`. Raises Refused `calendar_missing`."""
    following = day + _DAY
    while not is_working_day(following):
        following += _DAY
    return following


def last_day() -> date:
    """The last day of which it is known."""
    return date(max(_years()), 12, 31)


@cache
def _years() -> frozenset[int]:
    return frozenset(day.year for day in _announced())


@cache
def _announced() -> Mapping[date, bool]:
    """Whether people work, of the days that are not as their weekday says."""
    days: dict[date, bool] = {}
    lines = files("anfu.settlement.calendar").joinpath("days.csv").read_text("utf-8")
    for row in csv.DictReader(lines.splitlines()):
        day, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        while day <= last:
            days[day] = row["kind"] == "WORKDAY"
            day += _DAY
    return days
