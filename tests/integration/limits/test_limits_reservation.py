"""Payments that stay open: what they used is given back once, or never."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant
from anfu.limits import operations, queries
from anfu.limits.rulebook import shipped_rules
from anfu.limits.use import Use, UseKind
from anfu.storage.database import Database

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
RULES = shipped_rules()


def use(name: str) -> Use:
    return Use(name, "cus_a", 1, 2, False, "mer_a", 100, "CNY", UseKind.BALANCE_PAYMENT, NOON)


async def open_payments(database: Database, *ids: str) -> None:
    async with database.transaction() as tx:
        uses = [use(name) for name in ids]
        assert (await operations.reserve(tx, uses=uses, rules=RULES)).breaches == {}
        await operations.keep(tx, uses=uses)


async def day(owner: asyncpg.Connection) -> int:
    return int(
        await owner.fetchval(
            "SELECT amount FROM limits.counter WHERE span = 'natural_day'"
            " AND metric = 'balance_payment/CNY'"
        )
    )


async def give_back(database: Database, *ids: str) -> list[str]:
    async with database.transaction() as tx:
        return await operations.give_back(tx, ids=ids)


async def test_a_kept_use_comes_back_as_it_was(database: Database) -> None:
    await open_payments(database, "pay_1")
    async with database.transaction() as tx:
        assert await queries.find_reservation(tx, "pay_1") == use("pay_1")
        assert await queries.find_reservation(tx, "pay_2") is None


async def test_giving_back_happens_once(database: Database, owner: asyncpg.Connection) -> None:
    await open_payments(database, "pay_1", "pay_2")
    assert await day(owner) == 200
    assert await give_back(database, "pay_1", "pay_9") == ["pay_1"]
    assert await day(owner) == 100
    assert await give_back(database, "pay_1") == []
    assert await day(owner) == 100


async def test_what_is_settled_stays_used(database: Database, owner: asyncpg.Connection) -> None:
    await open_payments(database, "pay_1")
    async with database.transaction() as tx:
        assert await operations.settle(tx, ids=["pay_1"]) == ["pay_1"]
    assert await give_back(database, "pay_1") == []
    async with database.transaction() as tx:
        assert await operations.settle(tx, ids=["pay_1"]) == []
    assert await day(owner) == 100


async def test_ten_parallel_failures_give_back_once(
    database: Database, owner: asyncpg.Connection
) -> None:
    ids = [f"pay_{i}" for i in range(5)]
    await open_payments(database, "pay_x", *ids)
    orders = [ids if i % 2 else ids[::-1] for i in range(10)]
    answers = await asyncio.gather(*[give_back(database, *order) for order in orders])
    assert sorted(name for answer in answers for name in answer) == ids
    assert await day(owner) == 100


async def test_a_use_is_kept_once(database: Database, owner: asyncpg.Connection) -> None:
    await open_payments(database, "pay_1")
    with pytest.raises(BrokenInvariant, match="kept already"):
        await open_payments(database, "pay_1")
    assert await day(owner) == 100
    assert await owner.fetchval("SELECT count(*) FROM limits.reservation") == 1


async def test_nothing_is_kept_of_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await operations.keep(tx, uses=[])
        await operations.release(tx, uses=[])
        assert await operations.give_back(tx, ids=[]) == []


async def test_a_kept_use_cannot_be_rewritten(database: Database) -> None:
    await open_payments(database, "pay_1")
    async with database.transaction() as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("UPDATE limits.reservation SET amount = 1")
