"""The policy of cases and its calendar: what it means, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.risk.cases.calendar import Calendar, after_working
from anfu.risk.cases.policy import DEFAULT, CasePolicy, Level, make_policy, read_policy

WEEK = frozenset({1, 2, 3, 4, 5})
# Nine to six; National Day 2026 as the operator gives it, with a Saturday worked instead.
OFFICE = Calendar(
    WEEK, 9 * 60, 18 * 60,
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    workdays=frozenset({date(2026, 10, 10)}),
)  # fmt: skip


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "seconds", "end"),
    [
        ("2026-11-23T10:00", 1_800, "2026-11-23T10:30"),
        ("2026-11-23T08:00", 1_800, "2026-11-23T09:30"),  # before the doors open
        ("2026-11-23T17:45", 1_800, "2026-11-24T09:15"),  # over night
        ("2026-11-23T17:30", 1_800, "2026-11-23T18:00"),  # the last moment of the day
        ("2026-11-23T18:00", 1_800, "2026-11-24T09:30"),  # closed
        ("2026-11-27T17:45", 1_800, "2026-11-30T09:15"),  # over the weekend
        ("2026-09-30T17:45", 1_800, "2026-10-08T09:15"),  # over the holiday
        ("2026-10-09T17:45", 1_800, "2026-10-10T09:15"),  # into a Saturday that is worked
        ("2026-11-23T09:00", 2 * 9 * 3_600, "2026-11-24T18:00"),
        ("2026-11-23T10:00", 0, "2026-11-23T10:00"),
    ],
)
def test_working_time_goes_by_in_working_hours(start: str, seconds: int, end: str) -> None:
    assert after_working(OFFICE, shanghai(start), seconds) == shanghai(end)


def test_without_a_calendar_somebody_is_always_there() -> None:
    assert after_working(None, shanghai("2026-10-01T03:00"), 1_800) == shanghai("2026-10-01T03:30")


def test_the_leanest_calendar_there_can_be_still_comes_to_an_end() -> None:
    """What cannot be timed would stop every payment that is held."""
    mondays = frozenset(date(2026, 11, 23) + timedelta(days=7 * n) for n in range(400))
    lean = Calendar(frozenset({1}), 0, 60, holidays=mondays)
    assert after_working(lean, shanghai("2026-11-23T10:00"), 7 * 86_400) == shanghai(
        "2037-10-05T01:00"
    )


@pytest.mark.parametrize(
    "values",
    [
        {"weekdays": frozenset()}, {"weekdays": frozenset({0})}, {"opens": 600, "closes": 659},
        {"closes": 1_441}, {"opens": -1},
        {"holidays": frozenset({date(2026, 1, 1)}), "workdays": frozenset({date(2026, 1, 1)})},
        {"holidays": frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(401))},
    ],
)  # fmt: skip
def test_a_calendar_that_says_nothing_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="case_policy_invalid"):
        Calendar(**{"weekdays": WEEK, "opens": 540, "closes": 1_080, **values})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_response_s", 59), ("first_response_s", 86_401), ("hold_most_s", 1_799),
        ("hold_most_s", 7 * 86_400 + 1), ("two_people", {"XXQ": 1}), ("two_people", {"CNY": -1}),
        ("group_by", ("payer", "payer")), ("group_by", ("amount",)), ("group_most", 0),
        ("group_most", 101), ("group_window_s", -1), ("sample_blocked", 101), ("queue", "A b"),
        ("escalation", (Level(60, "a"), Level(60, "b"))), ("escalation", (Level(0, "a"),)),
        ("escalation", (Level(60, "A"),)), ("first_response_s", True),
        ("escalation", tuple(Level(n + 1, "a") for n in range(9))),
    ],
)  # fmt: skip
def test_a_policy_out_of_its_bounds_is_refused(field: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        CasePolicy(**{field: value})
    assert (refused.value.code, refused.value.field) == ("case_policy_invalid", field)


def test_a_policy_is_read_as_it_was_written() -> None:
    policy = CasePolicy(
        two_people={"CNY": 5, "USD": 7}, escalation=(Level(60, "a"),), calendar=OFFICE,
        group_by=("card",),
    )  # fmt: skip
    assert read_policy(policy.body) == policy
    assert read_policy(policy.body).version == policy.version != DEFAULT.version
    assert read_policy(DEFAULT.body) == DEFAULT
    with pytest.raises(BrokenInvariant):
        read_policy(b'{"v":9}')
    with pytest.raises(Refused, match="case_policy_invalid"):
        make_policy({**OFFICE_FORM, "calendar": {**OFFICE_FORM["calendar"], "holidays": ["1 May"]}})


OFFICE_FORM: dict[str, Any] = {"calendar": {"weekdays": [1], "opens": 1, "closes": 99}}


def test_a_payment_waits_for_the_first_response_and_never_longer_than_policy_lets_it() -> None:
    start, wait = shanghai("2026-11-23T17:45"), timedelta(minutes=30)
    day = CasePolicy()
    assert day.held_until(start, day.due_at(start), wait) == start + wait
    office = CasePolicy(calendar=OFFICE, hold_most_s=86_400)
    assert office.held_until(start, office.due_at(start), wait) == shanghai("2026-11-24T09:15")
    short = CasePolicy(calendar=OFFICE, hold_most_s=3_600)
    assert short.held_until(start, short.due_at(start), wait) == shanghai("2026-11-23T18:45")


def test_levels_are_reached_in_working_time_and_end() -> None:
    policy = CasePolicy(calendar=OFFICE, escalation=(Level(900, "a"), Level(1_800, "b")))
    start = shanghai("2026-11-23T17:50")
    assert policy.escalates_at(start, 0) == shanghai("2026-11-24T09:05")
    assert policy.escalates_at(start, 1) == shanghai("2026-11-24T09:20")
    assert policy.escalates_at(start, 2) is None


def test_two_people_from_the_amount_on_and_for_what_is_not_named() -> None:
    policy = CasePolicy(two_people={"CNY": 100})
    assert [policy.takes_two(amount, "CNY") for amount in (99, 100, 101)] == [False, True, True]
    assert policy.takes_two(0, "USD")


def test_the_sample_is_as_large_as_asked_and_always_the_same() -> None:
    ids = [f"dec_{n}" for n in range(10_000)]
    drawn = [i for i in ids if CasePolicy(sample_blocked=5).samples(i)]
    assert len(drawn) == 507
    assert set(drawn) < {i for i in ids if CasePolicy(sample_blocked=20).samples(i)}
    assert not any(CasePolicy(sample_blocked=0).samples(i) for i in ids)
    assert all(CasePolicy(sample_blocked=100).samples(i) for i in ids)
