"""Half-open periods of time and civil days. A civil day is Asia/Shanghai unless a rule says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

# Mainland China has kept one offset without daylight saving since 1991; a fixed offset needs no
# time-zone database and is what the regulations mean by a natural day.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)`, both aware UTC; `end` None means for ever."""

    start: datetime
    end: datetime | None

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment < self.end)


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = Period(BEGINNING, None)


def civil_date(moment: datetime, zone: timezone = SHANGHAI) -> date:
    """The calendar date of `moment` in `zone`."""
    return moment.astimezone(zone).date()


def last_date(end: datetime) -> date:
    """The calendar date of the last moment before `end`: what is good until midnight is not good
    on the day that begins then."""
    return civil_date(end - timedelta.resolution)


def civil_day(moment: datetime, zone: timezone = SHANGHAI) -> Period:
    """The natural day (自然日) in which `moment` falls."""
    day = civil_date(moment, zone)
    return Period(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def civil_month(moment: datetime, zone: timezone = SHANGHAI) -> Period:
    """The natural month in which `moment` falls."""
    first = civil_date(moment, zone).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(_midnight(first, zone), _midnight(following, zone))


def civil_year(moment: datetime, zone: timezone = SHANGHAI) -> Period:
    """The calendar year in which `moment` falls."""
    year = civil_date(moment, zone).year
    return Period(_midnight(date(year, 1, 1), zone), _midnight(date(year + 1, 1, 1), zone))


def _midnight(day: date, zone: timezone) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
