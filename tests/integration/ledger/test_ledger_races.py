"""Parallel transactions on the same rows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from tests.integration.ledger.ledger_books import BANK, CHART, MER, NOW, A, B, Books, move, promise

from anfu.kernel.errors import BrokenInvariant
from anfu.ledger.account import Account, Side
from anfu.ledger.entry import Denial
from anfu.ledger.operations import (
    admit,
    expire_holds,
    open_accounts,
    post,
    post_holds,
    void_holds,
    write,
)
from anfu.ledger.queries import find_holds, list_entries
from anfu.storage.transaction import Tx

LATER = NOW + timedelta(minutes=1)


async def test_fifty_at_once_pay_out_exactly_what_is_there(books: Books) -> None:
    answers = await asyncio.gather(
        *(books.post(move(f"p{i}", A, MER, 300), move(f"q{i}", A, B, 7)) for i in range(50))
    )
    denied = [name for answer in answers for name in answer]
    large = 50 - sum(name.startswith("p") for name in denied)
    small = 50 - sum(name.startswith("q") for name in denied)
    assert await books.available(A, B, MER) == [
        10_000 - 300 * large - 7 * small,
        7 * small,
        300 * large,
    ]
    assert large in (32, 33)
    assert (await books.available(A))[0] < 300
    async with books.database.transaction() as tx:
        page = await list_entries(tx, A, most=200)
    assert len(page.entries) == 1 + large + small
    await books.check()


async def test_fifty_equal_payments_of_a_fifth_of_the_money(books: Books) -> None:
    answers = await asyncio.gather(*(books.post(move(f"p{i}", A, MER, 2_000)) for i in range(50)))
    assert sum(not answer for answer in answers) == 5
    assert await books.available(A, MER) == [0, 10_000]
    await books.check()


async def test_holds_and_posts_share_one_balance(books: Books) -> None:
    answers = await asyncio.gather(
        *(books.hold(promise(f"h{i}", A, MER, 2_000)) for i in range(20)),
        *(books.post(move(f"p{i}", A, MER, 2_000)) for i in range(20)),
    )
    assert sum(not answer for answer in answers) == 5
    assert await books.available(A) == [0]
    await books.check()


async def test_one_of_two_resolves_a_hold(books: Books) -> None:
    async def finish(name: str, way: int) -> bool:
        try:
            async with books.database.transaction() as tx:
                if way == 0:
                    await post_holds(tx, amounts={name: None}, now=LATER)
                elif way == 1:
                    await void_holds(tx, ids=[name], now=LATER)
                else:
                    return await expire_holds(tx, now=LATER, most=1) == [name]
        except BrokenInvariant:
            return False
        return True

    ways = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2)]
    for i, pair in enumerate(ways * 3):
        name = f"h{i}"
        await books.hold(promise(name, A, MER, 100, 1))
        assert sum(await asyncio.gather(*(finish(name, way) for way in pair))) == 1
    async with books.database.transaction() as tx:
        holds = await find_holds(tx, [f"h{i}" for i in range(18)])
    posted = sum(hold.posted or 0 for hold in holds.values())
    assert await books.counters(A, MER) == [(0, posted, 0, 10_000), (0, 0, 0, posted)]
    await books.check()


async def test_a_hold_resolved_elsewhere_is_waited_for_then_refused(books: Books) -> None:
    await books.hold(promise("1", A, MER, 100))
    async with books.database.transaction() as first:
        await void_holds(first, ids=["1"], now=LATER)

        async def second() -> None:
            async with books.database.transaction() as tx:
                await post_holds(tx, amounts={"1": None}, now=LATER)

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.1)
        assert not waiting.done()
    with pytest.raises(BrokenInvariant):
        await waiting
    assert await books.available(A, MER) == [10_000, 0]
    await books.check()


async def test_batches_in_opposite_orders_do_not_deadlock(
    books: Books, owner: asyncpg.Connection
) -> None:
    keys = [f"cus_{i:02d}/balance/CNY" for i in range(12)]
    async with books.database.transaction() as tx:
        opened = [Account(key, "CNY", Side.CREDIT) for key in keys]
        await open_accounts(tx, accounts=opened, now=NOW)
        seeds = [move(f"seed{key}", BANK, key, 1_000) for key in keys]
        assert await post(tx, orders=seeds, now=NOW) == {}

    async def batch(number: int) -> None:
        ring = keys if number % 2 else keys[::-1]
        pairs = list(zip(ring, ring[1:] + ring[:1], strict=True))
        names = [f"{number}-{i}" for i in range(len(pairs))]
        if number % 4 < 2:
            moves = [move(n, *pair, 10) for n, pair in zip(names, pairs, strict=True)]
            assert await books.post(*moves) == {}
            return
        holds = [promise(n, *pair, 10) for n, pair in zip(names, pairs, strict=True)]
        assert await books.hold(*holds) == {}
        async with books.database.transaction() as tx:
            await post_holds(tx, amounts=dict.fromkeys(names[::-1][:6]), now=LATER)
            await void_holds(tx, ids=names[:6], now=LATER)

    await asyncio.gather(*(batch(number) for number in range(48)))
    deadlocks = await owner.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert deadlocks == 0
    await books.check()


async def test_accounts_opened_twice_at_once_are_one(books: Books) -> None:
    accounts = [Account(f"cus_{i}/balance/CNY", "CNY", Side.CREDIT) for i in range(20)]

    async def open_all(reverse: bool) -> None:
        async def work(tx: Tx) -> None:
            chart = accounts[::-1] if reverse else accounts
            await open_accounts(tx, accounts=[*chart, *CHART], now=NOW)

        await books.database.run(work)

    await asyncio.gather(*(open_all(bool(i % 2)) for i in range(8)))
    async with books.database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM ledger.account") == 26


async def test_money_that_comes_while_an_account_is_closed_is_denied_the_second_time(
    books: Books,
) -> None:
    seen: list[dict[str, Denial]] = []

    async def pay(tx: Tx) -> None:
        admitted = await admit(tx, orders=[move("1", A, B, 100)])
        seen.append(admitted.denials)
        if len(seen) == 1:  # B only receives and was not locked: it is closed under our feet
            await books.close(B)
        await write(tx, admitted=admitted, now=NOW)

    await books.database.run(pay)
    assert seen == [{}, {"1": Denial("account_closed", B, 0)}]
    assert await books.available(A, B) == [10_000, 0]
    await books.check()


async def test_an_account_with_money_is_not_closed_and_a_closed_one_stays_so(books: Books) -> None:
    await books.hold(promise("h", A, B, 1))
    for key in (A, B):
        with pytest.raises(BrokenInvariant, match="account_closed_is_empty"):
            await books.close(key)
    await books.close(MER)
    with pytest.raises(BrokenInvariant, match="append-only"):
        await books.close(MER)
    assert await books.post(move("1", A, MER, 1)) == {"1": Denial("account_closed", MER, 0)}
    await books.check()
