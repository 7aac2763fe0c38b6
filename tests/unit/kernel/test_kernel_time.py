"""The clock moves forward only; civil days begin at midnight in Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from anfu.kernel.clock import ManualClock, MovableClock, SystemClock, aware
from anfu.kernel.periods import (
    ALWAYS,
    BEGINNING,
    Period,
    civil_date,
    civil_day,
    civil_month,
    civil_year,
    last_date,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_the_systems_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_manual_clock_moves_only_when_told_and_never_back() -> None:
    clock = ManualClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(seconds=2))
    assert clock.now() == utc(2026, 11, 23, 4, 0, 2)
    clock.set(utc(2026, 11, 24))
    clock.advance(timedelta(0))
    for move in (lambda: clock.advance(timedelta(seconds=-1)), lambda: clock.set(NOON)):
        with pytest.raises(ValueError, match="backwards"):
            move()
    assert clock.now() == utc(2026, 11, 24)


def test_a_test_clock_runs_ahead_of_its_base_and_never_falls_back() -> None:
    base = ManualClock(NOON)
    clock = MovableClock(base)
    clock.move(timedelta(hours=2))
    clock.move(timedelta(hours=1))
    base.advance(timedelta(seconds=1))
    assert (clock.now(), clock.wall()) == (utc(2026, 11, 23, 6, 0, 1), base.now())


def test_a_naive_moment_is_refused_and_another_zone_turned_to_utc() -> None:
    with pytest.raises(ValueError, match="time zone"):
        aware(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001
    moment = aware(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert (moment, moment.tzinfo) == (utc(2026, 1, 1), UTC)


def test_a_natural_day_turns_at_sixteen_hours_utc() -> None:
    last = utc(2026, 11, 23, 15, 59, 59, 999_999)
    assert civil_date(last) == date(2026, 11, 23)
    assert civil_date(utc(2026, 11, 23, 16)) == date(2026, 11, 24)
    assert civil_day(last) == Period(utc(2026, 11, 22, 16), utc(2026, 11, 23, 16))
    assert civil_day(utc(2026, 11, 23, 16)).start == utc(2026, 11, 23, 16)


def test_what_ends_at_midnight_has_its_last_day_before() -> None:
    midnight = utc(2026, 11, 23, 16)
    assert last_date(midnight) == date(2026, 11, 23)
    assert last_date(midnight + timedelta(microseconds=1)) == date(2026, 11, 24)


def test_a_period_holds_its_start_and_not_its_end() -> None:
    day = civil_day(NOON)
    assert day.end is not None
    assert day.start in day
    assert day.end not in day
    assert day.end - timedelta(microseconds=1) in day
    assert day.start - timedelta(microseconds=1) not in day


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        (utc(2026, 12, 31, 15, 59), utc(2026, 11, 30, 16), utc(2026, 12, 31, 16)),
        (utc(2026, 12, 31, 16), utc(2026, 12, 31, 16), utc(2027, 1, 31, 16)),
        (utc(2028, 2, 28, 16), utc(2028, 1, 31, 16), utc(2028, 2, 29, 16)),
        (utc(2028, 2, 29, 16), utc(2028, 2, 29, 16), utc(2028, 3, 31, 16)),
        (utc(2027, 1, 31, 15), utc(2026, 12, 31, 16), utc(2027, 1, 31, 16)),
    ],
)
def test_a_natural_month(moment: datetime, start: datetime, end: datetime) -> None:
    assert civil_month(moment) == Period(start, end)


@pytest.mark.parametrize(
    ("moment", "year"), [(utc(2026, 12, 31, 15, 59, 59), 2026), (utc(2026, 12, 31, 16), 2027)]
)
def test_a_calendar_year_turns_with_shanghai(moment: datetime, year: int) -> None:
    period = civil_year(moment)
    assert period == Period(utc(year - 1, 12, 31, 16), utc(year, 12, 31, 16))
    assert moment in period


def test_another_zone_has_other_days() -> None:
    assert civil_day(NOON, UTC) == Period(utc(2026, 11, 23), utc(2026, 11, 24))
    west = timezone(timedelta(hours=-5))
    assert civil_date(NOON, west) == date(2026, 11, 22)


def test_always_has_no_end() -> None:
    assert BEGINNING in ALWAYS
    assert utc(9999, 12, 31) in ALWAYS
