"""What is counted next, what is counted again, and when a target is met."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anfu.kernel.ids import SeededEntropy, made_at, new_id
from anfu.operations.figures.bucket import BACK, CLOSED, MINUTE, late_minutes, next_stretch
from anfu.operations.targets.target import TARGETS, Measured, Name, share_of

NOW = datetime(2026, 11, 23, 4, 0, 30, tzinfo=UTC)
TOP = NOW.replace(second=0)


def test_a_database_never_counted_begins_a_month_back_four_hours_at_a_time() -> None:
    first = next_stretch(None, now=NOW)
    assert first.start == (NOW - BACK).replace(minute=0, second=0)
    assert (first.end - first.start, first.more) == (timedelta(hours=4), True)
    assert len(first.minutes) == 240


def test_the_newest_minutes_are_counted_anew_with_the_present_one() -> None:
    stretch = next_stretch(NOW - timedelta(seconds=5), now=NOW)
    assert stretch.minutes == [TOP - 2 * MINUTE, TOP - MINUTE, TOP]
    assert stretch.more is False


def test_an_older_minute_is_counted_again_until_it_is_closed() -> None:
    stretch = next_stretch(NOW, now=NOW)
    day, closed = TOP - timedelta(days=1), TOP - CLOSED - MINUTE
    moved = [day + timedelta(seconds=59), day, closed, TOP]
    assert late_minutes(moved, stretch, now=NOW) == [day]


def test_an_id_tells_when_it_was_made() -> None:
    made = new_id("pay", now=NOW + timedelta(milliseconds=7), entropy=SeededEntropy(1))
    assert made_at(made) == NOW + timedelta(milliseconds=7)
    for wrong in ("", "pay", "pay_", "pay_01kaw", "pay_01kaw0000l0000000000000000"):
        with pytest.raises(ValueError, match="not an id"):
            made_at(wrong)


@pytest.mark.parametrize(
    ("name", "part", "whole", "value", "met"),
    [
        (Name.FRAUD_VALUE, 1, 100_000, 0.00001, True),
        (Name.FRAUD_VALUE, 2, 100_000, 0.00002, False),
        (Name.SUCCESS, 98, 100, 0.98, True),
        (Name.SUCCESS, 979, 1_000, 0.979, False),
        (Name.REFUNDS, 0, 0, None, None),
    ],
)
def test_a_target_is_met_at_its_bound(
    name: Name, part: int, whole: int, value: float | None, met: bool | None
) -> None:
    measured = share_of(name, part, whole)
    assert (measured.value, measured.met) == (value, met)
    assert measured.missing == (None if whole else "nothing_counted")


def test_every_target_says_what_it_is_and_response_is_in_seconds() -> None:
    assert TARGETS.keys() == set(Name)
    assert Measured(Name.RESPONSE, 1_800.0).met is True
    assert Measured(Name.RESPONSE, 1_800.1).met is False
    assert [name for name, target in TARGETS.items() if target.seconds] == [Name.RESPONSE]
