"""When a period closes and is paid, over the holidays of 2026: exact days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.settlement.calendar.working_days import is_working_day, next_working_day
from anfu.settlement.terms.cycle import T1, Cycle, Kind, closes, payable_on, until

D1, T0 = Cycle(Kind.NEXT_DAY), Cycle(Kind.SAME_DAY)
WEEK, MONTH = Cycle(Kind.WEEKLY, weekday=7), Cycle(Kind.MONTHLY, credit_days=10)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def closings(cycle: Cycle, first: date, last: date) -> dict[date, date]:
    """By the day a period closes with, the day it is payable."""
    return {d: payable_on(cycle, d) for d in days(first, last) if closes(cycle, d)}


def test_working_days_of_a_year_with_adjusted_ones() -> None:
    work = [sum(map(is_working_day, days(date(y, 1, 1), date(y, 12, 31)))) for y in (2025, 2026)]
    assert work == [248, 248]
    assert is_working_day(date(2026, 2, 14))  # Saturday, worked for the Spring Festival
    assert not is_working_day(date(2026, 2, 23))  # Monday, the last of nine days off
    assert next_working_day(date(2026, 2, 14)) == date(2026, 2, 24)
    assert next_working_day(date(2025, 9, 30)) == date(2025, 10, 9)


def test_a_year_that_was_not_announced_is_refused() -> None:
    for day in (date(2024, 12, 31), date(2027, 1, 1)):
        with pytest.raises(Refused) as refusal:
            is_working_day(day)
        assert (refusal.value.code, refusal.value.details["year"]) == ("calendar_missing", day.year)
    with pytest.raises(Refused, match="calendar_missing"):
        next_working_day(date(2026, 12, 31))


def test_t1_closes_before_each_working_day_and_joins_the_spring_festival() -> None:
    assert closings(T1, date(2026, 2, 12), date(2026, 3, 2)) == {
        date(2026, 2, 12): date(2026, 2, 13),
        date(2026, 2, 13): date(2026, 2, 14),  # Friday; Saturday is worked
        date(2026, 2, 23): date(2026, 2, 24),  # Saturday's sales and those of nine days off
        date(2026, 2, 24): date(2026, 2, 25),
        date(2026, 2, 25): date(2026, 2, 26),
        date(2026, 2, 26): date(2026, 2, 27),
        date(2026, 2, 27): date(2026, 2, 28),  # Friday; Saturday is worked
        date(2026, 3, 1): date(2026, 3, 2),
        date(2026, 3, 2): date(2026, 3, 3),
    }


def test_t1_over_the_national_day() -> None:
    assert closings(T1, date(2026, 9, 29), date(2026, 10, 12)) == {
        date(2026, 9, 29): date(2026, 9, 30),
        date(2026, 10, 7): date(2026, 10, 8),
        date(2026, 10, 8): date(2026, 10, 9),
        date(2026, 10, 9): date(2026, 10, 10),  # Saturday, worked
        date(2026, 10, 11): date(2026, 10, 12),
        date(2026, 10, 12): date(2026, 10, 13),
    }


def test_the_other_cycles() -> None:
    assert closings(D1, date(2026, 2, 16), date(2026, 2, 17)) == {
        date(2026, 2, 16): date(2026, 2, 17), date(2026, 2, 17): date(2026, 2, 18),
    }  # fmt: skip
    assert closings(T0, date(2026, 2, 16), date(2026, 2, 16)) == {
        date(2026, 2, 16): date(2026, 2, 16)
    }
    assert closings(WEEK, date(2026, 2, 9), date(2026, 3, 1)) == {
        date(2026, 2, 15): date(2026, 2, 24),
        date(2026, 2, 22): date(2026, 2, 24),
        date(2026, 3, 1): date(2026, 3, 2),
    }
    assert closings(MONTH, date(2026, 1, 1), date(2026, 4, 30)) == {
        date(2026, 1, 31): date(2026, 2, 11),
        date(2026, 2, 28): date(2026, 3, 11),
        date(2026, 3, 31): date(2026, 4, 13),
        date(2026, 4, 30): date(2026, 5, 11),
    }


def test_a_period_ends_with_the_civil_day_and_the_same_day_at_18() -> None:
    assert until(T1, date(2026, 2, 28)) == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert until(T0, date(2026, 2, 28)) == datetime(2026, 2, 28, 10, tzinfo=UTC)
