"""Every class there is, found and posted, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.settlement.books import DAY, NET, line, noon, open_books

from anfu.kernel.clock import ManualClock
from anfu.payments.fund import channel_key
from anfu.settlement.reconciliation.suspense import fee_key, long_key, short_key
from anfu.settlement.reconciliation.terms import Terms
from anfu.storage.database import Database

NEXT = DAY + timedelta(days=1)


async def test_one_of_each_class(database: Database, clock: ManualClock) -> None:
    books = await open_books(database, clock, Terms(rate_ppm=6000))
    good, repeated, short, amount, currency, status, fee, failed = [
        await books.payment(10_000, state="FAILED" if n == 7 else "SUCCEEDED") for n in range(8)
    ]
    back = await books.refund(good, 4_000)
    await books.payment(5, state="BLOCKED")
    await books.payment(7, method="other")
    taken = await books.take([
        line(1, good, 10_000, fee=60), line(2, repeated, 10_000, fee=60),
        line(3, repeated, 10_000, fee=60), line(4, amount, 10_001, fee=60),
        line(5, currency, 10_000, fee=60, currency="USD"),
        line(6, status, 10_000, state="NOT_DONE"), line(7, fee, 10_000, fee=75),
        line(8, failed, 10_000, fee=60), line(9, "pay_unknown", 300, fee=2),
        line(10, good, 4_000, refund=back, fee=-24),
        line(11, "pay_nothing", 9, state="NOT_DONE"),
    ])  # fmt: skip
    assert await books.found() == sorted([
        ("DUPLICATE", "POSTED", repeated), ("SHORT", "IN_DOUBT", short),
        ("AMOUNT_MISMATCH", "POSTED", amount), ("CURRENCY_MISMATCH", "POSTED", currency),
        ("STATUS_MISMATCH", "POSTED", status), ("FEE_MISMATCH", "POSTED", fee),
        ("LONG", "POSTED", failed), ("LONG", "POSTED", "pay_unknown"),
    ])  # fmt: skip
    sums = {(s.cls, s.currency): (s.lines, s.line_sum, s.fee_sum, s.ours, s.our_sum)
            for s in taken.sums}  # fmt: skip
    assert sums == {
        ("MATCHED", "CNY"): (4, 10_000 + 10_000 - 4_000 + 9, 60 + 60 - 24, 3, 16_000),
        ("DUPLICATE", "CNY"): (1, 10_000, 60, 0, 0),
        ("IN_DOUBT", "CNY"): (0, 0, 0, 1, 10_000),
        ("AMOUNT_MISMATCH", "CNY"): (1, 10_001, 60, 1, 10_000),
        ("CURRENCY_MISMATCH", "USD"): (1, 10_000, 60, 0, 0),
        ("CURRENCY_MISMATCH", "CNY"): (0, 0, 0, 1, 10_000),
        ("STATUS_MISMATCH", "CNY"): (1, 10_000, 0, 1, 10_000),
        ("FEE_MISMATCH", "CNY"): (1, 10_000, 75, 1, 10_000),
        ("LONG", "CNY"): (2, 10_300, 62, 1, 10_000),
    }
    assert await books.balance(long_key(NET, "CNY")) == 10_000 + 1 + 10_000 + 300
    assert await books.balance(long_key(NET, "USD")) == 10_000
    assert await books.balance(short_key(NET, "CNY")) == 10_000 + 10_000 + 15
    assert await books.balance(fee_key(NET, "CNY")) == 60 * 5 + 60 + 2 - 24
    # What the channel really has of us, but for what is in doubt: lines less fees.
    held = 10_000 * 2 + 10_000 + 10_001 + 10_000 + 10_000 + 300 - 4_000 - (60 * 5 + 75 + 2 - 24)
    assert await books.balance(channel_key(NET, "CNY")) == held + 10_000
    await books.check()


async def test_what_the_day_cut_has_parted_is_matched_first_next_day(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock)
    late = await books.payment(700, at=noon(DAY, 12 * 60 - 1))
    early = await books.payment(900, at=noon(NEXT, -12 * 60 + 1))
    # 23:59 is tomorrow for the channel, and 00:01 of tomorrow is today.
    await books.take([line(1, early, 900)])
    assert await books.found() == sorted(
        [("SHORT", "IN_DOUBT", late), ("MATCHED", "MATCHED", early)]
    )
    taken = await books.take([line(1, late, 700)], NEXT)
    assert await books.found() == sorted(
        [("SHORT", "MATCHED", late), ("MATCHED", "MATCHED", early)]
    )
    assert [(s.cls, s.lines, s.line_sum, s.ours) for s in taken.sums] == [("LATE", 1, 700, 0)]
    # Either of them once more is one too many.
    await books.take([line(1, late, 700), line(2, early, 900)], NEXT + timedelta(days=1))
    assert await books.found() == sorted([
        ("SHORT", "MATCHED", late), ("MATCHED", "MATCHED", early),
        ("DUPLICATE", "POSTED", late), ("DUPLICATE", "POSTED", early),
    ])  # fmt: skip
    assert await books.balance(long_key(NET, "CNY")) == 1_600
    await books.check()


async def test_short_is_in_doubt_for_one_bill_then_posted_and_cleared_when_it_comes(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock)
    missing = await books.payment(5_000)
    steps = []
    for day in range(4):
        lines = [line(1, missing, 5_000)] if day == 3 else []
        await books.take(lines, DAY + timedelta(days=day))
        [item] = await books.items()
        short = await books.balance(short_key(NET, "CNY"))
        steps.append((item.state, item.age_days(DAY + timedelta(days=day)), short, item.tasked))
        await books.check()
    assert steps == [
        ("IN_DOUBT", 0, 0, False), ("POSTED", 1, 5_000, True), ("POSTED", 2, 5_000, True),
        ("CLEARED", 3, 0, False),
    ]  # fmt: skip
    assert await books.balance(channel_key(NET, "CNY")) == 5_000


async def test_what_was_open_is_expected_until_it_ends(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock)
    done, failed, waits, pending = [await books.payment(100, state="UNKNOWN") for _ in range(4)]
    await books.take([line(1, pending, 100, state="PENDING")])
    assert {state for _, state, _ in await books.found()} == {"EXPECTED"}
    await books.set_state(done, "SUCCEEDED")
    await books.set_state(failed, "FAILED")
    await books.set_state(pending, "SUCCEEDED")
    await books.take([line(1, pending, 100)], NEXT)
    assert await books.found() == sorted([
        ("SHORT", "IN_DOUBT", done), ("SHORT", "VOID", failed), ("SHORT", "EXPECTED", waits),
        ("SHORT", "MATCHED", pending),
    ])  # fmt: skip


async def test_the_same_file_again_changes_nothing_and_no_statement_is_an_answer(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock)
    one = await books.payment(100)
    first = await books.take([line(1, one, 100), line(2, "pay_x", 7)])
    before = await books.found()
    again = await books.take([line(1, one, 100), line(2, "pay_x", 7)])
    assert (first.new, again.new) == (True, False)
    assert again.bill == first.bill and again.sums == first.sums
    assert await books.found() == before
    other = await books.take([line(1, one, 100)])
    assert (other.new, other.bill.state, other.sums) == (True, "PROPOSED", [])
    assert await books.found() == before
    empty = await books.take([], NEXT)
    assert (empty.bill.state, empty.bill.size, empty.sums) == ("IN_FORCE", 0, [])
    await books.check()
