"""The only place that reads the time. Everything else is told `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present as an aware UTC datetime."""

    def now(self) -> datetime: ...

    def wall(self) -> datetime:
        """What the clocks of other machines tell: for the freshness of messages, never for
        business. Another time than `now` on a test clock only."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> datetime:
        return self.now()


class MovableClock:
    """A test clock (测试时钟): runs like `base`, and may be moved ahead of it, never back."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return self._base.now() + self.ahead

    def wall(self) -> datetime:
        return self._base.wall()

    def move(self, ahead: timedelta) -> None:
        """Stand at least `ahead` of the base."""
        self.ahead = max(self.ahead, ahead)


class ManualClock:
    """A clock that moves only when told to; for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        self._now = aware(start)

    def now(self) -> datetime:
        return self._now

    def wall(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move forward. Raises ValueError for a negative step: time does not run back."""
        if step < timedelta(0):
            raise ValueError("a clock does not run backwards")
        self._now += step

    def set(self, moment: datetime) -> None:
        """Move forward to `moment`. Raises ValueError if that lies in the past."""
        self.advance(aware(moment) - self._now)


def aware(moment: datetime) -> datetime:
    """`moment` in UTC. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("a datetime needs a time zone")
    return moment.astimezone(UTC)
