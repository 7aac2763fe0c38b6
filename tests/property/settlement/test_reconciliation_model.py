"""Any lines against any payments: every line and every payment in exactly one class, as a second
judge in plain Python says; sums add up, suspense is what is open, a second run finds nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.settlement.books import DAY, Books, line, noon, open_books

from anfu.channels.bills.bill import TradeLine
from anfu.kernel.clock import ManualClock
from anfu.settlement.reconciliation.terms import Terms
from anfu.storage.database import open_database

_days = itertools.count(0, 2)
FEE = 60


class Row(NamedTuple):
    """A line about a payment of 10,000 fen: its state, and what it says otherwise."""

    state: str
    more: int
    currency: str
    fee: int


class Case(NamedTuple):
    """How our payment stands, None where there is none, and the lines about it."""

    ours: str | None
    rows: list[Row]


rows = st.builds(
    Row,
    state=st.sampled_from(["DONE", "DONE", "NOT_DONE", "PENDING"]),
    more=st.sampled_from([0, 0, 1, -1]),
    currency=st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
    fee=st.sampled_from([FEE, FEE, FEE + 1]),
)
cases = st.lists(
    st.builds(
        Case,
        ours=st.sampled_from(["SUCCEEDED", "SUCCEEDED", "FAILED", "UNKNOWN", None]),
        rows=st.lists(rows, max_size=3),
    ),
    max_size=5,
)


def judged(case: Case) -> list[tuple[str, Row | None, bool]]:
    """Class, line, and whether our payment is in it: the rules of docs/reconciliation.md."""
    done = [row for row in case.rows if row.state == "DONE"]
    first = (done or case.rows or [None])[0]
    found = [
        ("DUPLICATE" if row.state == "DONE" else "MATCHED", row, False)
        for row in case.rows
        if row is not first
    ]
    if first is not None:
        return [*found, (_class(case.ours, first), first, case.ours is not None)]
    if case.ours == "SUCCEEDED":
        return [("IN_DOUBT", None, True)]
    return [("EXPECTED", None, True)] if case.ours == "UNKNOWN" else []


def _class(ours: str | None, row: Row) -> str:
    if row.state != "DONE":
        if ours in (None, "FAILED"):
            return "MATCHED"
        return "STATUS_MISMATCH" if (row.state, ours) == ("NOT_DONE", "SUCCEEDED") else "EXPECTED"
    if ours != "SUCCEEDED":
        return "LONG"
    if row.currency != "CNY":
        return "CURRENCY_MISMATCH"
    if row.more:
        return "AMOUNT_MISMATCH"
    return "MATCHED" if row.fee == FEE else "FEE_MISMATCH"


def wanted(given_cases: list[Case]) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    """By class and currency: lines, their sum, their fees, payments, their sum."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for cls, row, ours in (one for case in given_cases for one in judged(case)):
        if row is not None:
            of = sums.setdefault((cls, row.currency), Counter())
            of.update(lines=1, line_sum=10_000 + row.more, fees=row.fee)
        if ours:
            sums.setdefault((cls, "CNY"), Counter()).update(ours=1, our_sum=10_000)
    names = ("lines", "line_sum", "fees", "ours", "our_sum")
    return {key: tuple(of[name] for name in names) for key, of in sums.items()}  # type: ignore[misc]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(given_cases=cases)
def test_every_line_and_every_payment_is_in_one_class(
    database_url: str, runner: asyncio.Runner, given_cases: list[Case]
) -> None:
    runner.run(_compare(database_url, given_cases))


async def _compare(url: str, given_cases: list[Case]) -> None:
    database = await open_database(url, connections=2)
    try:
        clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
        number = next(_days)
        books = await open_books(database, clock, Terms(rate_ppm=6000), seed=number)
        await _day(books, number, given_cases)
    finally:
        await database.close()


async def _day(books: Books, number: int, given_cases: list[Case]) -> None:
    day, lines = DAY + timedelta(days=number), list[TradeLine]()
    books.clock.set(noon(day + timedelta(days=1)))
    for n, case in enumerate(given_cases):
        id_ = f"pay_nobody_{number}_{n}"
        if case.ours is not None:
            id_ = await books.payment(10_000, state=case.ours, at=noon(day))
        for row in case.rows:
            more = {"fee": row.fee, "currency": row.currency, "state": row.state}
            lines.append(line(len(lines) + 1, id_, 10_000 + row.more, **more))
    taken = await books.take(lines, day)
    sums = {(s.cls, s.currency): (s.lines, s.line_sum, s.fee_sum, s.ours, s.our_sum)
            for s in taken.sums}  # fmt: skip
    assert sums == wanted(given_cases)
    assert sum(s.lines for s in taken.sums) == len(lines)
    await books.check()
    before = await books.items()
    again = await books.take(lines, day)
    assert (again.new, again.sums) == (False, taken.sums)
    assert await books.items() == before
