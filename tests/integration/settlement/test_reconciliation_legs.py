"""The second and third leg: trade bill, fund bill, our bank's statement."""

from __future__ import annotations

from datetime import date, timedelta

from tests.integration.settlement.books import DAY, NET, Books, line, noon, open_books

from anfu.channels.bills.bill import BillKind, FundKind, FundLine
from anfu.kernel.clock import ManualClock
from anfu.payments.fund import bank_key, channel_key
from anfu.settlement.reconciliation.bank.settle import Settled, settle
from anfu.settlement.reconciliation.bank.statement import BankLine, Statement
from anfu.settlement.reconciliation.suspense import long_key, short_key
from anfu.settlement.reconciliation.terms import Terms
from anfu.storage.database import Database

AGREED = Terms(rate_ppm=6000, bank_text="NET CLEARING", bank_days=3)


def fund(row: int, kind: FundKind, amount: int, reference: str) -> FundLine:
    return FundLine(row, kind, None, reference, amount, "CNY", noon(DAY), None)


async def told(books: Books, day: date, *lines: BankLine) -> Settled:
    """Our bank's statement of a day."""
    books.clock.advance(timedelta(minutes=1))
    statement = Statement("camt", day, day, lines)
    now = books.clock.now()
    return await settle(books.desk, statement, repr(statement).encode(), by="stf_1", now=now)


async def two_legs(books: Books) -> list[str]:
    """Two payments, of which the channel keeps 90 as its fees and pays out the rest in two."""
    numbers = [await books.payment(10_000), await books.payment(5_000)]
    await books.take([line(1, numbers[0], 10_000, fee=60), line(2, numbers[1], 5_000, fee=30)])
    await books.take([
        fund(1, FundKind.PAYMENT, 10_000, f"ref_{numbers[0]}"), fund(2, FundKind.FEE, -90, "fees"),
        fund(3, FundKind.PAYMENT, 5_000, f"ref_{numbers[1]}"),
        fund(4, FundKind.SETTLEMENT, -9_940, "payout-20261123-1"),
        fund(5, FundKind.SETTLEMENT, -4_970, "payout-20261123-2"),
    ], kind=BillKind.FUND)  # fmt: skip
    return numbers


async def test_three_legs_that_agree_leave_nothing_at_the_channel(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock, AGREED)
    await two_legs(books)
    assert await books.found() == [("SHORT", "EXPECTED", "")] * 2
    assert await books.balance(channel_key(NET, "CNY")) == 15_000 - 90
    by_number = BankLine(1, DAY, 9_940, "CNY", ("X1", "payout-20261123-1"), "")
    by_amount = BankLine(2, DAY, 4_970, "CNY", (), "NET CLEARING HOUSE")
    others = BankLine(3, DAY, -77, "CNY", (), "rent")
    done = await told(books, DAY + timedelta(days=1), by_number, by_amount, others)
    assert [(i.state, i.line_amount, len(i.entries)) for i in done.items] == [
        ("MATCHED", 9_940, 1), ("MATCHED", 4_970, 1)
    ]  # fmt: skip
    assert await books.balance(channel_key(NET, "CNY")) == 0
    assert await books.balance(bank_key("CNY")) == 14_910
    again = await told(books, DAY + timedelta(days=1), by_number, by_amount, others)
    assert (again.new, again.items) == (False, ())
    assert await books.balance(bank_key("CNY")) == 14_910
    await books.check()


async def test_every_difference_of_the_fund_bill_is_found(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock, AGREED)
    first, other = await books.payment(10_000), await books.payment(5_000)
    await books.take([line(1, first, 10_000, fee=60), line(2, other, 5_000, fee=30)])
    await books.take([
        fund(1, FundKind.PAYMENT, 9_999, f"ref_{first}"), fund(2, FundKind.OTHER, -7, "penalty"),
        fund(3, FundKind.FEE, -100, "fees"), fund(4, FundKind.PAYMENT, 300, "ref_nobody"),
    ], kind=BillKind.FUND)  # fmt: skip
    assert sorted((i.cls, i.state, i.reference) for i in await books.items()) == [
        ("AMOUNT_MISMATCH", "POSTED", f"ref_{first}"), ("FEE_MISMATCH", "POSTED", "fees"),
        ("LONG", "POSTED", "penalty"), ("LONG", "POSTED", "ref_nobody"),
        ("SHORT", "IN_DOUBT", f"ref_{other}"),
    ]  # fmt: skip
    assert await books.balance(long_key(NET, "CNY")) == 300
    assert await books.balance(short_key(NET, "CNY")) == 1 + 7 + 10
    await books.check()
    later = fund(1, FundKind.PAYMENT, 5_000, f"ref_{other}")
    next_day = DAY + timedelta(days=1)
    await books.take([], next_day)
    await books.take([later], next_day, kind=BillKind.FUND)
    states = {i.reference: i.state for i in await books.items()}
    assert states[f"ref_{other}"] == "MATCHED"
    # All that moved at the channel: 9,999 - 7 - 100 + 300 + 5,000.
    assert await books.balance(channel_key(NET, "CNY")) == 15_192
    await books.check()


async def test_a_payout_that_comes_short_late_or_out_of_nothing(
    database: Database, clock: ManualClock
) -> None:
    books = await open_books(database, clock, AGREED)
    await two_legs(books)
    less = BankLine(1, DAY, 9_900, "CNY", ("payout-20261123-1",), "")
    more = BankLine(2, DAY, 50, "CNY", (), "NET CLEARING")
    await told(books, DAY + timedelta(days=1), less, more)
    await books.take([], DAY + timedelta(days=1))
    steps = []
    for days in (2, 3, 4, 5):
        await told(books, DAY + timedelta(days=days), BankLine(1, DAY, -1, "CNY", (), f"{days}"))
        await books.take([], DAY + timedelta(days=days))
        steps.append({i.reference: i.state for i in await books.items()}["payout-20261123-2"])
    assert steps == ["IN_DOUBT", "IN_DOUBT", "POSTED", "POSTED"]
    assert sorted((i.cls, i.state) for i in await books.items()) == [
        ("AMOUNT_MISMATCH", "POSTED"), ("LONG", "POSTED"), ("SHORT", "POSTED")
    ]  # fmt: skip
    assert await books.balance(short_key(NET, "CNY")) == 40 + 4_970
    assert await books.balance(long_key(NET, "CNY")) == 50
    assert await books.balance(bank_key("CNY")) == 9_950
    assert await books.balance(channel_key(NET, "CNY")) == 0
    await books.check()
