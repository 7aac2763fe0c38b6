"""G12: 银发〔2016〕261号 二(十二), at its boundaries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anfu.kernel.errors import Refused
from anfu.parties.sameday.eligibility import (
    Eligibility,
    Trading,
    check_eligible,
    eligibility,
)

ENROLLED = date(2026, 11, 23)


def day(number: int) -> date:
    return ENROLLED + timedelta(days=number)


def after(days: int, paid: range, *fraud: int) -> Eligibility:
    """How it stands `days` after the merchant came in."""
    return eligibility(
        Trading(ENROLLED, day(days), {day(n) for n in paid}, {day(n) for n in fraud})
    )


def refusal(found: Eligibility) -> dict[str, object]:
    with pytest.raises(Refused) as refused:
        check_eligible(found)
    assert refused.value.code == "same_day_too_early"
    return dict(refused.value.details)


def test_g12_89_days_and_30_normal_days_are_refused() -> None:
    found = after(89, range(89))
    assert found == Eligibility(89, 30, day(90))
    assert refusal(found) == {
        "days_missing": 1, "normal_days_missing": 0, "earliest": "2027-02-21",
    }  # fmt: skip


def test_g12_90_days_and_29_normal_days_are_refused() -> None:
    found = after(90, range(61, 90))
    assert found == Eligibility(90, 29, day(91))
    assert refusal(found) == {
        "days_missing": 0, "normal_days_missing": 1, "earliest": "2027-02-22",
    }  # fmt: skip


def test_g12_90_days_and_30_normal_days_are_allowed() -> None:
    found = after(90, range(60, 90))
    assert found == Eligibility(90, 30, day(90))
    check_eligible(found)


def test_a_day_without_a_payment_or_with_a_fraud_breaks_the_row() -> None:
    quiet = eligibility(
        Trading(ENROLLED, day(100), {day(n) for n in range(70, 100) if n != 80}, frozenset())
    )
    assert quiet == Eligibility(100, 19, day(111))
    assert after(100, range(70, 100), 80) == quiet


def test_a_fraud_of_today_begins_the_row_again_tomorrow() -> None:
    assert after(100, range(60, 101), 100) == Eligibility(100, 0, day(131))


def test_today_does_not_count_since_it_is_not_over() -> None:
    assert after(90, range(61, 91)) == Eligibility(90, 29, day(91))


def test_days_before_it_came_in_do_not_count() -> None:
    assert after(10, range(-30, 10)) == Eligibility(10, 10, day(90))


@settings(deadline=None)
@given(
    days=st.integers(0, 130),
    paid=st.sets(st.integers(0, 130)),
    fraud=st.sets(st.integers(0, 130), max_size=3),
)
def test_who_trades_normally_is_eligible_on_the_day_that_was_told_and_not_before(
    days: int, paid: set[int], fraud: set[int]
) -> None:
    told = after_sets(days, {n for n in paid if n <= days}, {n for n in fraud if n <= days})
    until = (told.earliest - ENROLLED).days
    normal = {n for n in paid if n < days} | set(range(days, until))
    normal |= {days} & (paid | ({days} if until > days else set()))
    bad = {n for n in fraud if n <= days}
    for later in range(days, until):
        assert not after_sets(later, {n for n in normal if n <= later}, bad).eligible
    assert after_sets(until, normal, bad).eligible


def after_sets(days: int, paid: set[int], fraud: set[int]) -> Eligibility:
    return eligibility(
        Trading(ENROLLED, day(days), {day(n) for n in paid}, {day(n) for n in fraud})
    )
