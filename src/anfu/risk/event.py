"""One payment as risk sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from anfu.kernel.money import MAX_MINOR
from anfu.risk.environment import UNSEEN, Environment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """`amount` in minor units of `currency`; `card` a token, never a number; `at` the event time,
    aware, which windows are measured by. Raises ValueError for an amount or time out of range."""

    id: str
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    card: str | None
    at: datetime
    environment: Environment = UNSEEN

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MAX_MINOR:
            raise ValueError("amount is a whole number from 0 to 2^53 - 1")
        if self.at.tzinfo is None:
            raise ValueError("a datetime needs a time zone")


def moment(microseconds: int) -> datetime:
    """The UTC datetime so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
