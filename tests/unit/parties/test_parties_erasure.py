"""What the law keeps, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime

from anfu.parties.privacy.erasure import CONSENTS, IDENTITY, OPERATIONS, TRANSACTIONS, Kept, keep

ENDED = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # the 24th in Shanghai


def test_each_kind_is_kept_from_the_end_of_what_it_is_about() -> None:
    assert list(keep(ended_at=ENDED, last_used_at=datetime(2025, 1, 2, tzinfo=UTC))) == [
        Kept(IDENTITY, date(2036, 11, 24)),
        Kept(OPERATIONS, date(2031, 11, 24)),
        Kept(CONSENTS, date(2029, 11, 24)),
        Kept(TRANSACTIONS, date(2035, 1, 2)),
    ]


def test_who_never_paid_has_no_transactions_to_keep() -> None:
    assert [kept.retention for kept in keep(ended_at=ENDED, last_used_at=None)] == [
        IDENTITY, OPERATIONS, CONSENTS,
    ]  # fmt: skip


def test_a_leap_day_ends_on_the_first_of_march() -> None:
    leap = datetime(2028, 2, 29, 4, tzinfo=UTC)
    assert [kept.until for kept in keep(ended_at=leap, last_used_at=None)] == [
        date(2038, 3, 1), date(2033, 3, 1), date(2031, 3, 1),
    ]  # fmt: skip
