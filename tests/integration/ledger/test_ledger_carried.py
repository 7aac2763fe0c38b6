"""Sums carried forward: the trial balance is the same with them, whoever books late."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
import pytest
from tests.integration.ledger.ledger_books import CHART, MER, NOW, OPEN, A, B, Books, move

from anfu.ledger.account import Account, Side
from anfu.ledger.books.carry import carry
from anfu.ledger.books.operations import add_up, begin_carrying
from anfu.ledger.books.queries import sums_by_kind
from anfu.ledger.operations import open_accounts, post

MINUTE = timedelta(minutes=1)
Sums = dict[str, tuple[int, int, int]]


async def sums(books: Books, at: datetime | None = None) -> Sums:
    """Accounts, debits and credits of each kind of CNY."""
    async with books.database.transaction(readonly=True, snapshot=True) as tx:
        found = await sums_by_kind(tx, at)
    return {s.kind: (s.accounts, s.debits, s.credits) for s in found if s.currency == "CNY"}


async def moments(books: Books) -> list[int]:
    """The minutes after NOW that are added up; those that wait are negative."""
    async with books.database.transaction() as tx:
        rows = await tx.fetch("SELECT until, whole FROM ledger.carried ORDER BY until")
    return [int((r["until"] - NOW) / MINUTE) * (1 if r["whole"] else -1) for r in rows]


async def test_the_sums_are_the_same_with_what_was_carried(books: Books) -> None:
    await books.post(move("1", A, MER, 2_500), now=NOW + 5 * MINUTE)
    await books.post(move("2", A, B, 700), now=NOW + 15 * MINUTE)
    asked = [None, NOW - MINUTE, NOW, *(NOW + n * MINUTE for n in (4, 5, 10, 14, 15, 30))]
    before = [await sums(books, at) for at in asked]
    assert before[0] == {
        "balance": (3, 3_200, 13_200), "bank": (1, 10_000, 0), "suspense": (1, 0, 0)
    }  # fmt: skip
    assert before[1] == {}
    assert before[4] == before[0] | {"balance": (3, 2_500, 12_500)}
    assert await carry(books.database, now=NOW + 11 * MINUTE) == 0
    assert await carry(books.database, now=NOW + 12 * MINUTE) == 1
    assert await carry(books.database, now=NOW + 12 * MINUTE) == 0
    assert await carry(books.database, now=NOW + 32 * MINUTE) == 1
    assert await moments(books) == [10, 30]
    assert [await sums(books, at) for at in asked] == before
    async with books.database.transaction() as tx:
        carried = await tx.fetch(
            "SELECT until, kind, accounts, debits, credits FROM ledger.carried_sum"
            " WHERE currency = 'CNY' AND kind = 'balance' ORDER BY until"
        )
    assert [tuple(row) for row in carried] == [
        (NOW + 10 * MINUTE, "balance", 3, 2_500, 12_500),
        (NOW + 30 * MINUTE, "balance", 3, 3_200, 13_200),
    ]


async def test_what_is_booked_late_takes_back_what_was_carried(books: Books) -> None:
    for minutes in (12, 22, 32):
        assert await carry(books.database, now=NOW + minutes * MINUTE) == 1
    await books.post(move("late", A, MER, 400), now=NOW + 20 * MINUTE)
    assert await moments(books) == [10]
    assert (await sums(books))["balance"] == (3, 400, 10_400)
    assert await carry(books.database, now=NOW + 42 * MINUTE) == 1
    assert await moments(books) == [10, 40]
    assert (await sums(books, NOW + 19 * MINUTE))["balance"] == (3, 0, 10_000)
    assert (await sums(books, NOW + 40 * MINUTE))["balance"] == (3, 400, 10_400)
    account = Account("cus_late/balance/CNY", "CNY", Side.CREDIT)
    async with books.database.transaction() as tx:
        await open_accounts(tx, accounts=[account], now=NOW + 5 * MINUTE)
    assert await moments(books) == []
    assert (await sums(books))["balance"] == (4, 400, 10_400)
    assert (await sums(books, NOW + 4 * MINUTE))["balance"] == (3, 0, 10_000)


async def test_an_account_that_is_there_already_takes_nothing_back(books: Books) -> None:
    assert await carry(books.database, now=NOW + 12 * MINUTE) == 1
    async with books.database.transaction() as tx:
        await open_accounts(tx, accounts=CHART, now=NOW)
    assert await moments(books) == [10]


async def test_no_moment_is_written_while_somebody_books(books: Books) -> None:
    async with books.database.transaction() as tx:
        await post(tx, orders=[move("open", A, MER, 400)], now=NOW + MINUTE)
        assert await carry(books.database, now=NOW + 12 * MINUTE) == 0
        assert await moments(books) == []
    assert await carry(books.database, now=NOW + 12 * MINUTE) == 1
    assert (await sums(books, NOW + 10 * MINUTE))["balance"] == (3, 400, 10_400)


async def test_who_books_between_the_moment_and_its_sums_takes_the_moment_back(
    books: Books,
) -> None:
    async with books.database.transaction() as tx:
        assert await begin_carrying(tx, now=NOW + 12 * MINUTE) == NOW + 10 * MINUTE
    assert await moments(books) == [-10]
    before = await sums(books)
    await books.post(move("later", A, MER, 100), now=NOW + 11 * MINUTE)
    assert await moments(books) == [-10]
    await books.post(move("between", A, OPEN, 400), now=NOW + 9 * MINUTE)
    async with books.database.transaction() as tx:
        assert await add_up(tx) == 0
    assert await moments(books) == []
    assert before["balance"] == (3, 0, 10_000)
    assert (await sums(books, NOW + 10 * MINUTE))["balance"] == (3, 400, 10_000)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger.carried",
        "UPDATE ledger.carried SET until = until + interval '1 day'",
        "INSERT INTO ledger.carried (until, whole) VALUES (now(), true)",
        "UPDATE ledger.carried_sum SET debits = 0",
        "DELETE FROM ledger.carried_sum",
    ],
)
async def test_the_application_changes_no_sum(books: Books, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with books.database.transaction() as tx:
            await tx.execute(statement)
