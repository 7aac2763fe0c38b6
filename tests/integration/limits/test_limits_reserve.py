"""Reserving and giving back on a real database: golden boundaries, races, attacks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant
from anfu.limits import operations, queries
from anfu.limits.breach import Reserved
from anfu.limits.rulebook import shipped_rules
from anfu.limits.use import Use, UseKind
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

RULES = shipped_rules()
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NEW_DAY = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
WITHDRAW = UseKind.WITHDRAW_TO_OWN_BANK
NETWORK = UseKind.NETWORK_PAYMENT
Sums = dict[tuple[str, str, str, str], int]


def use(name: str, amount: int, **changes: Any) -> Use:
    start = Use(name, "cus_a", 2, 2, False, "mer_a", amount, "CNY", UseKind.BALANCE_PAYMENT, NOON)
    return replace(start, **changes)


async def reserve(database: Database, *uses: Use) -> Reserved:
    async def work(tx: Tx) -> Reserved:
        return await operations.reserve(tx, uses=uses, rules=RULES)

    return await database.run(work)


async def sums(owner: asyncpg.Connection) -> Sums:
    """What is counted, but for the month and the numbers, which no law bounds."""
    rows = await owner.fetch(
        "SELECT * FROM limits.counter WHERE amount > 0 AND span <> 'natural_month'"
        " AND metric NOT LIKE '%count/%'"
    )
    return {
        (r["subject"], r["metric"], r["span"], str(r["starts_on"])): r["amount"] for r in rows
    }  # fmt: skip


async def refused(database: Database, owner: asyncpg.Connection, one: Use) -> str:
    """The rule that refuses `one`, having changed nothing."""
    before = await sums(owner)
    answer = await reserve(database, one)
    assert set(answer.breaches) == {one.id}
    assert answer.liable == {}
    assert await sums(owner) == before
    return answer.breaches[one.id].rule


async def test_g1_class_one_lifetime_counts_withdrawals(
    database: Database, owner: asyncpg.Connection
) -> None:
    one = {"account_class": 1}
    assert (await reserve(database, use("a", 90_000, **one))).breaches == {}
    assert (await reserve(database, use("b", 10_000, kind=WITHDRAW, **one))).breaches == {}
    later = NOON + timedelta(days=4000)
    for kind in (UseKind.BALANCE_PAYMENT, WITHDRAW):
        refusing = await refused(database, owner, use("c", 1, kind=kind, at=later, **one))
        assert refusing == "CN-NP43-11-1"


async def test_g2_class_two_year_leaves_withdrawals_free(
    database: Database, owner: asyncpg.Connection
) -> None:
    strong = {"strong": True}
    assert (await reserve(database, use("a", 9_999_000, **strong))).breaches == {}
    assert (await reserve(database, use("b", 1_000, **strong))).breaches == {}
    before = await sums(owner)
    assert (await reserve(database, use("c", 5_000_000, kind=WITHDRAW))).breaches == {}
    assert await sums(owner) == before
    assert await refused(database, owner, use("d", 1, **strong)) == "CN-NP43-11-2"
    assert (await reserve(database, use("e", 1, at=NEW_YEAR, **strong))).breaches == {}


async def test_class_three_year(database: Database, owner: asyncpg.Connection) -> None:
    three = {"strong": True, "account_class": 3}
    assert (await reserve(database, use("a", 20_000_000, **three))).breaches == {}
    assert await refused(database, owner, use("b", 1, **three)) == "CN-NP43-11-3"


async def test_g3_two_factors_a_day(database: Database, owner: asyncpg.Connection) -> None:
    answer = await reserve(database, use("a", 499_999), use("b", 1))
    assert answer == Reserved({}, {}, {})
    assert await refused(database, owner, use("c", 1)) == "CN-NP43-24-2"
    answer = await reserve(database, use("d", 1, strong=True))
    assert answer.breaches == {}


async def test_g4_one_factor_a_day_at_the_institutions_risk(
    database: Database, owner: asyncpg.Connection
) -> None:
    answer = await reserve(database, use("a", 100_000, factors=1))
    assert answer == Reserved({}, {"a": "CN-NP43-24-3"}, {})
    assert await refused(database, owner, use("b", 1, factors=1)) == "CN-NP43-24-3"
    assert await refused(database, owner, use("c", 100_001, factors=0)) == "CN-NP43-24-3"
    fresh = use("d", 100_001, factors=1, customer="cus_b")
    assert await refused(database, owner, fresh) == "CN-NP43-24-3"


async def test_the_tiers_share_one_day(database: Database, owner: asyncpg.Connection) -> None:
    await reserve(database, use("a", 90_000))
    assert await refused(database, owner, use("b", 10_001, factors=1)) == "CN-NP43-24-3"
    assert (await reserve(database, use("c", 10_000, factors=1))).liable == {"c": "CN-NP43-24-3"}
    assert (await reserve(database, use("d", 400_000))).breaches == {}
    await reserve(database, use("e", 1_000_000, strong=True))
    answer = await reserve(database, use("f", 1))
    assert answer.breaches["f"].used == 1_500_000
    assert answer.breaches["f"].remaining == 0


async def test_the_day_turns_at_midnight_in_shanghai(
    database: Database, owner: asyncpg.Connection
) -> None:
    last = NEW_DAY - timedelta(microseconds=1)
    await reserve(database, use("a", 500_000, at=last))
    answer = await reserve(database, use("b", 1, at=last), use("c", 500_000, at=NEW_DAY))
    assert set(answer.breaches) == {"b"}
    assert answer.breaches["b"].resets_at == NEW_DAY
    day = ("cus_a", "balance_payment/CNY", "natural_day")
    year = ("cus_a", "balance_payment/CNY", "calendar_year", "2026-01-01")
    assert await sums(owner) == {
        (*day, "2026-11-23"): 500_000,
        (*day, "2026-11-24"): 500_000,
        year: 1_000_000,
    }


async def test_network_payments_and_firms_and_other_currencies_are_not_bound(
    database: Database, owner: asyncpg.Connection
) -> None:
    huge = 1 << 52
    answer = await reserve(
        database,
        use("a", huge, kind=NETWORK),
        use("b", huge, account_class=None),
        use("c", huge, currency="USD"),
    )
    assert answer == Reserved({}, {}, {})
    assert {metric for _, metric, _, _ in await sums(owner)} == {
        "balance_payment/USD", "balance_payment/CNY", "bank_payment/CNY",
    }  # fmt: skip
    assert (await reserve(database, use("d", 500_000, customer="cus_b"))).breaches == {}


async def test_a_batch_is_taken_in_sequence_and_greedily(
    database: Database, owner: asyncpg.Connection
) -> None:
    amounts = [300_000, 250_000, 150_000, 60_000, 50_000]
    answer = await reserve(database, *[use(str(i), a) for i, a in enumerate(amounts)])
    assert set(answer.breaches) == {"1", "3"}
    assert [answer.breaches[i].used for i in ("1", "3")] == [300_000, 450_000]
    assert set((await sums(owner)).values()) == {500_000}


async def test_an_id_comes_once_in_a_batch(database: Database, owner: asyncpg.Connection) -> None:
    with pytest.raises(BrokenInvariant):
        await reserve(database, use("a", 1), use("a", 1))
    assert await sums(owner) == {}
    assert await reserve(database) == Reserved({}, {}, {})


async def test_a_rolled_back_transaction_leaves_no_trace(
    database: Database, owner: asyncpg.Connection
) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            await operations.reserve(tx, uses=[use("a", 1)], rules=RULES)
            raise RuntimeError
    assert await sums(owner) == {}


async def test_a_hundred_parallel_payments_never_pass_a_limit(
    database: Database, owner: asyncpg.Connection
) -> None:
    """Each pays 130.00 of 5,000.00: 38 fit."""
    uses = [use(f"p{i}", 13_000) for i in range(100)]
    answers = await asyncio.gather(*[reserve(database, one) for one in uses])
    assert sum(len(answer.breaches) for answer in answers) == 62
    assert set((await sums(owner)).values()) == {38 * 13_000}


async def test_parallel_batches_over_the_same_customers_do_not_deadlock(
    database: Database, owner: asyncpg.Connection
) -> None:
    def batch(n: int) -> list[Use]:
        order = range(20) if n % 2 else reversed(range(20))
        return [
            use(f"{n}/{i}", 30_000, customer=f"cus_{i}", merchant=f"mer_{i % 3}") for i in order
        ]

    async with database.transaction() as tx:
        await set_day(tx, "mer_0", 400_000)

    async def work(tx: Tx, uses: list[Use]) -> Reserved:
        return await operations.reserve(tx, uses=uses, rules=RULES)

    async def once(uses: list[Use]) -> Reserved:
        async with database.transaction() as tx:
            return await work(tx, uses)

    answers = await asyncio.gather(*[once(batch(n)) for n in range(24)])
    taken = 24 * 20 - sum(len(answer.breaches) for answer in answers)
    found = await sums(owner)
    days = {k: v for k, v in found.items() if k[1].startswith("balance") and k[2] == "natural_day"}
    assert sum(days.values()) == taken * 30_000
    assert max(days.values()) <= 500_000
    assert found["mer_0", "incoming/CNY", "natural_day", "2026-11-23"] == 390_000


async def set_day(tx: Tx, merchant: str, amount: int) -> None:
    await operations.set_merchant_limit(
        tx, merchant=merchant, window="natural_day", currency="CNY", amount=amount, now=NOON
    )


async def test_release_gives_back_exactly_what_was_taken(
    database: Database, owner: asyncpg.Connection
) -> None:
    await reserve(database, use("base", 7))
    before = await sums(owner)
    uses = [
        use("a", 100), use("b", 200, account_class=1), use("c", 300, kind=WITHDRAW),
        use("d", 400, kind=WITHDRAW, account_class=1), use("e", 500, kind=NETWORK),
        use("f", 600, currency="USD"), use("g", 700, customer="cus_b", at=NEW_YEAR),
    ]  # fmt: skip
    assert (await reserve(database, *uses)).breaches == {}
    assert await sums(owner) != before
    async with database.transaction() as tx:
        await operations.release(tx, uses=uses)
    assert await sums(owner) == before


async def test_release_of_what_was_never_taken_breaks_an_invariant(
    database: Database, owner: asyncpg.Connection
) -> None:
    with pytest.raises(BrokenInvariant, match="never taken"):
        async with database.transaction() as tx:
            await operations.release(tx, uses=[use("a", 1)])
    await reserve(database, use("a", 1))
    before = await sums(owner)
    with pytest.raises(BrokenInvariant, match="more is given back"):
        async with database.transaction() as tx:
            await operations.release(tx, uses=[use("a", 2)])
    assert await sums(owner) == before


async def test_the_sums_are_read_per_window(database: Database) -> None:
    await reserve(database, use("a", 5, account_class=1), use("b", 6, at=NEW_DAY))
    async with database.transaction() as tx:
        used = await queries.list_used(tx, subject="cus_a", at=NOON)
    assert [(u.metric, u.window, u.currency, u.amount) for u in used] == [
        ("balance_count", "natural_day", "CNY", 1),
        ("balance_out", "lifetime", "CNY", 5),
        ("balance_payment", "calendar_year", "CNY", 11),
        ("balance_payment", "natural_day", "CNY", 5),
        ("balance_payment", "natural_month", "CNY", 11),
    ]
