"""Until when the books are added up: ten minutes a turn, a civil day where one is behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anfu.ledger.books.carried import next_until


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "now", "until"),
    [
        # ten minutes are full two minutes after they are over
        (at(23, 4, 0), at(23, 4, 11, 59), None),
        (at(23, 4, 0), at(23, 4, 12), at(23, 4, 10)),
        (at(23, 4, 3), at(23, 4, 12), at(23, 4, 10)),
        # some hours behind, in one step
        (at(23, 4, 0), at(23, 9, 47), at(23, 9, 40)),
        # the civil day ends at 16:00 UTC: it is never stepped over
        (at(23, 4, 0), at(26, 4, 0), at(23, 16, 0)),
        (at(23, 16, 0), at(26, 4, 0), at(24, 16, 0)),
        (at(23, 15, 50), at(23, 16, 5), at(23, 16, 0)),
        # a clock that stands before
        (at(23, 4, 0), at(22, 4, 0), None),
    ],
)
def test_the_next_moment(last: datetime, now: datetime, until: datetime | None) -> None:
    assert next_until(last, now=now) == until
