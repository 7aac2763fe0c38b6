"""Accounts, entries and what can be read of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from tests.integration.ledger.ledger_books import (
    BANK,
    CHART,
    MER,
    NOW,
    OPEN,
    USD,
    A,
    B,
    Books,
    move,
)

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.ledger.account import Account, Balance, Side, TrialBalance
from anfu.ledger.entry import Denial, Entry, EntryOrder
from anfu.ledger.operations import open_accounts, post
from anfu.ledger.queries import (
    balance_at,
    find_balances,
    find_entries,
    get_balance,
    list_entries,
    trial_balance,
)

MICROSECOND = timedelta(microseconds=1)


async def test_an_entry_moves_money_once(books: Books) -> None:
    assert await books.post(move("1", A, MER, 2_500)) == {}
    assert await books.counters(A, MER, BANK) == [
        (0, 2_500, 0, 10_000),
        (0, 0, 0, 2_500),
        (0, 10_000, 0, 0),
    ]
    async with books.database.transaction() as tx:
        assert await find_entries(tx, ["1", "2"]) == {"1": Entry("1", A, MER, "CNY", 2_500, NOW)}
    await books.check()


async def test_a_batch_goes_as_far_as_the_money(books: Books) -> None:
    denials = await books.post(
        move("1", A, MER, 6_000),
        move("2", A, MER, 6_000),
        move("3", A, B, 4_000),
        move("4", B, MER, 4_000),
        move("5", MER, OPEN, 10_000),
        EntryOrder("6", A, USD, "CNY", 1),
        move("7", A, "cus_nobody/balance/CNY", 1),
    )
    assert denials == {
        "2": Denial("insufficient_funds", A, 4_000),
        "6": Denial("asset_mismatch", USD, 0),
        "7": Denial("account_not_found", "cus_nobody/balance/CNY", None),
    }
    assert await books.available(A, B, MER, OPEN) == [0, 0, 0, 10_000]
    async with books.database.transaction() as tx:
        assert set(await find_entries(tx, list("1234567"))) == {"1", "3", "4", "5"}
    await books.check()


async def test_a_link_is_written_whole_or_not_at_all(books: Books) -> None:
    denial = Denial("insufficient_funds", A, 4_000)
    denials = await books.post(
        move("1", A, MER, 6_000, "L"), move("2", A, B, 4_001, "L"), move("3", A, B, 7)
    )
    assert denials == {"1": denial, "2": denial}
    assert await books.available(A, B, MER) == [9_993, 7, 0]
    await books.check()


async def test_when_all_are_denied_nothing_is_written(books: Books) -> None:
    before = await books.balances()
    assert set(await books.post(move("1", B, MER, 1), move("2", MER, B, 1))) == {"1", "2"}
    assert await books.post() == {}
    assert await books.balances() == before
    async with books.database.transaction() as tx:
        assert await find_entries(tx, ["1", "2"]) == {}


async def test_an_id_is_used_once(books: Books) -> None:
    before = await books.balances()
    with pytest.raises(BrokenInvariant, match="same id"):
        await books.post(move("1", A, B, 1), move("1", A, B, 1))
    with pytest.raises(BrokenInvariant, match="entry_pkey"):
        await books.post(move("1", A, B, 1), move("seed", A, B, 1))
    assert await books.balances() == before


async def test_an_account_is_opened_once_on_its_terms(books: Books) -> None:
    async with books.database.transaction() as tx:
        await open_accounts(tx, accounts=[*CHART, CHART[0]], now=NOW + MICROSECOND)
        await open_accounts(tx, accounts=[], now=NOW)
    assert await books.available(A) == [10_000]
    for other in [
        Account(A, "CNY", Side.CREDIT, overdraft=True),
        Account(A, "CNY", Side.DEBIT),
        Account(A, "USD", Side.CREDIT),
    ]:
        with pytest.raises(BrokenInvariant, match="other terms"):
            async with books.database.transaction() as tx:
                fresh = Account("cus_new/balance/CNY", "CNY", Side.CREDIT)
                await open_accounts(tx, accounts=[fresh, other], now=NOW)
    async with books.database.transaction() as tx:
        assert await find_balances(tx, ["cus_new/balance/CNY"]) == {}
        assert (await get_balance(tx, A)).account == CHART[0]


async def test_balance_at_counts_the_moment_itself(books: Books) -> None:
    minute = timedelta(minutes=1)
    await books.post(move("1", A, MER, 1_000), move("2", A, MER, 1), now=NOW + minute)
    await books.post(move("3", MER, A, 300), now=NOW + 2 * minute)
    moments = [
        NOW - MICROSECOND,
        NOW,
        NOW + minute - MICROSECOND,
        NOW + minute,
        NOW + minute + MICROSECOND,
        NOW + 2 * minute - MICROSECOND,
        NOW + 2 * minute,
        NOW + timedelta(days=4000),
    ]
    async with books.database.transaction() as tx:
        history = {key: [await balance_at(tx, key, at) for at in moments] for key in (A, MER, BANK)}
        assert (await get_balance(tx, A)).posted == history[A][-1]
        with pytest.raises(Refused, match="account_not_found"):
            await balance_at(tx, "cus_nobody/balance/CNY", NOW)
    assert history == {
        A: [0, 10_000, 10_000, 8_999, 8_999, 8_999, 9_299, 9_299],
        MER: [0, 0, 0, 1_001, 1_001, 1_001, 701, 701],
        BANK: [0, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000],
    }


async def test_the_trial_balance_sums_each_asset(books: Books) -> None:
    await books.post(move("1", A, MER, 1_000))
    other = Account("anfu/fees/USD", "USD", Side.CREDIT)
    async with books.database.transaction() as tx:
        await open_accounts(tx, accounts=[other], now=NOW)
        order = EntryOrder("usd", USD, other.key, "USD", 5)
        assert await post(tx, orders=[order], now=NOW) == {}
        assert await trial_balance(tx) == [
            TrialBalance("CNY", 0, 11_000, 0, 11_000, 11_000, 0),
            TrialBalance("USD", 0, 5, 0, 5, 5, 0),
        ]


async def test_an_account_is_read_in_pages_newest_first(books: Books) -> None:
    for i in range(3):
        now = NOW + timedelta(seconds=i // 2 + 1)
        await books.post(move(f"out{i}", A, B, 10), move(f"in{i}", B, A, 10), now=now)
    await books.post(move("elsewhere", OPEN, MER, 1))
    pages: list[list[str]] = []
    cursor = None
    async with books.database.transaction() as tx:
        while True:
            page = await list_entries(tx, A, cursor=cursor, most=3)
            pages.append([entry.id for entry in page.entries])
            if page.next is None:
                break
            cursor = page.next
        assert (await list_entries(tx, "cus_nobody/balance/CNY")).entries == ()
    assert pages == [["out2", "in2", "out1"], ["out0", "in1", "in0"], ["seed"]]


@pytest.mark.parametrize("cursor", ["", ".", "x.y", "12", "12.", "9" * 30 + ".a", "1.\x00"])
async def test_a_cursor_of_nobody_is_refused(books: Books, cursor: str) -> None:
    async with books.database.transaction() as tx:
        with pytest.raises(Refused, match="cursor_invalid"):
            await list_entries(tx, A, cursor=cursor)


async def test_an_unknown_account_has_no_balance(books: Books) -> None:
    async with books.database.transaction() as tx:
        with pytest.raises(Refused, match="account_not_found") as refused:
            await get_balance(tx, "cus_nobody/balance/CNY")
        assert refused.value.details == {"account": "cus_nobody/balance/CNY"}
        assert await find_balances(tx, ["cus_nobody/balance/CNY", B]) == {
            B: Balance(CHART[1], 0, 0, 0, 0)
        }


async def test_a_batch_is_two_statements_and_one_update_an_account(
    books: Books, owner: asyncpg.Connection
) -> None:
    updates = "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'account'"
    statements: list[str] = []
    await owner.execute("SET ROLE anfu_app")
    await post(owner, orders=[move("warm", A, MER, 1)], now=NOW)  # asyncpg learns the types
    async with owner.transaction():
        before = await owner.fetchval(updates)
        with owner.query_logger(lambda record: statements.append(record.query)):
            orders = [move(str(i), A, MER, 1) for i in range(60)]
            assert await post(owner, orders=orders, now=NOW) == {}
            await asyncio.sleep(0)  # the logger is called soon, not at once
        assert await owner.fetchval(updates) - before == 2
    assert len(statements) == 2
    assert await books.available(A, MER) == [9_939, 61]
