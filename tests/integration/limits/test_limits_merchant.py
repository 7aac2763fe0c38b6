"""What a merchant allows itself to take in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.limits import operations, queries
from anfu.limits.breach import Reserved
from anfu.limits.rulebook import shipped_rules
from anfu.limits.use import Use, UseKind
from anfu.storage.database import Database

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NETWORK = UseKind.NETWORK_PAYMENT
RULES = shipped_rules()


def use(name: str, amount: int, **changes: Any) -> Use:
    start = Use(name, f"cus_{name}", 2, 2, False, "mer_a", amount, "CNY", NETWORK, NOON)
    return replace(start, **changes)


async def reserve(database: Database, *uses: Use) -> Reserved:
    async with database.transaction() as tx:
        return await operations.reserve(tx, uses=uses, rules=RULES)


async def release(database: Database, *uses: Use) -> None:
    async with database.transaction() as tx:
        await operations.release(tx, uses=uses)


async def set_limit(database: Database, window: str, amount: Any, currency: str = "CNY") -> None:
    async with database.transaction() as tx:
        await operations.set_merchant_limit(
            tx, merchant="mer_a", window=window, currency=currency, amount=amount, now=NOON
        )


async def remove(database: Database, window: str) -> bool:
    async with database.transaction() as tx:
        return await operations.remove_merchant_limit(
            tx, merchant="mer_a", window=window, currency="CNY"
        )


async def taken_in(owner: asyncpg.Connection) -> int | None:
    row = await owner.fetchval(
        "SELECT amount FROM limits.counter WHERE subject = 'mer_a' AND metric = 'incoming/CNY'"
    )
    return None if row is None else int(row)


async def test_without_a_limit_nothing_is_counted(
    database: Database, owner: asyncpg.Connection
) -> None:
    assert (await reserve(database, use("a", 10**9))).breaches == {}
    assert await taken_in(owner) is None
    assert await owner.fetchval("SELECT count(*) FROM limits.merchant_use") == 0


async def test_a_day_counts_both_kinds_of_payment(
    database: Database, owner: asyncpg.Connection
) -> None:
    await set_limit(database, "natural_day", 1_000)
    paid = use("b", 400, kind=UseKind.BALANCE_PAYMENT)
    withdrawn = use("c", 10**6, kind=UseKind.WITHDRAW_TO_OWN_BANK)
    assert (await reserve(database, use("a", 600), paid, withdrawn)).breaches == {}
    answer = await reserve(database, use("d", 1), use("e", 1, merchant="mer_b"))
    assert set(answer.breaches) == {"d"}
    breach = answer.breaches["d"]
    assert (breach.rule, breach.law, breach.limit, breach.used) == (
        "MERCHANT-DAY", None, 1_000, 1_000,
    )  # fmt: skip
    assert breach.resets_at == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert await taken_in(owner) == 1_000
    tomorrow = use("f", 1_000, at=NOON + timedelta(days=1))
    assert (await reserve(database, tomorrow)).breaches == {}


async def test_one_payment_is_bounded_without_a_sum(
    database: Database, owner: asyncpg.Connection
) -> None:
    await set_limit(database, "payment", 100)
    answer = await reserve(database, use("a", 100), use("b", 101), use("c", 999, currency="USD"))
    assert {name: breach.rule for name, breach in answer.breaches.items()} == {
        "b": "MERCHANT-PAYMENT"
    }
    assert await taken_in(owner) is None


async def test_a_limit_of_the_law_refuses_without_counting_for_the_merchant(
    database: Database, owner: asyncpg.Connection
) -> None:
    await set_limit(database, "natural_day", 10**7)
    answer = await reserve(database, use("a", 500_001, kind=UseKind.BALANCE_PAYMENT))
    assert answer.breaches["a"].rule == "CN-NP43-24-2"
    assert await taken_in(owner) == 0
    assert await owner.fetchval("SELECT count(*) FROM limits.merchant_use") == 0
    assert await owner.fetchval("SELECT sum(amount) FROM limits.counter") == 0


async def test_giving_back_does_not_depend_on_the_limits_of_today(
    database: Database, owner: asyncpg.Connection
) -> None:
    await reserve(database, use("before", 50))
    await set_limit(database, "natural_day", 1_000)
    await reserve(database, use("counted", 70), use("other", 30))
    await release(database, use("before", 50))
    assert await taken_in(owner) == 100
    assert await remove(database, "natural_day")
    await release(database, use("counted", 70))
    assert await taken_in(owner) == 30
    with pytest.raises(BrokenInvariant):
        await release(database, use("counted", 70))
    assert await taken_in(owner) == 30


async def test_old_uses_are_forgotten(database: Database, owner: asyncpg.Connection) -> None:
    await set_limit(database, "natural_day", 1_000)
    await reserve(database, use("a", 1), use("b", 1), use("c", 1, at=NOON + timedelta(days=1)))
    async with database.transaction() as tx:
        before = date(2026, 11, 24)
        assert await operations.forget_merchant_uses(tx, before=before, most=1) == 1
        assert await operations.forget_merchant_uses(tx, before=before, most=9) == 1
        assert await operations.forget_merchant_uses(tx, before=before, most=9) == 0
    await release(database, use("a", 1))
    assert await owner.fetchval("SELECT array_agg(id) FROM limits.merchant_use") == ["c"]


async def test_limits_are_set_changed_listed_and_removed(database: Database) -> None:
    await set_limit(database, "payment", 5)
    await set_limit(database, "natural_day", 50)
    await set_limit(database, "payment", 6)
    async with database.transaction() as tx:
        limits = await queries.list_merchant_limits(tx, merchants=["mer_a", "mer_b"])
        assert [(one.window, one.amount) for one in limits] == [("natural_day", 50), ("payment", 6)]
        key = {"merchant": "mer_a", "window": "payment"}
        assert (await queries.get_merchant_limit(tx, **key, currency="CNY")).amount == 6
        with pytest.raises(Refused, match="merchant_limit_not_found"):
            await queries.get_merchant_limit(tx, **key, currency="USD")
    assert await remove(database, "payment")
    assert not await remove(database, "payment")


@pytest.mark.parametrize(
    ("window", "amount", "currency", "code"),
    [
        ("calendar_year", 1, "CNY", "limit_window_unknown"),
        ("payment", 0, "CNY", "limit_amount_invalid"),
        ("payment", -1, "CNY", "limit_amount_invalid"),
        ("payment", 1 << 53, "CNY", "limit_amount_invalid"),
        ("payment", 1.5, "CNY", "limit_amount_invalid"),
        ("payment", True, "CNY", "limit_amount_invalid"),
        ("payment", 1, "cny", "currency_unknown"),
    ],
)
async def test_a_bad_limit_is_refused_and_not_set(
    database: Database, window: str, amount: Any, currency: str, code: str
) -> None:
    await set_limit(database, "payment", 5)
    with pytest.raises(Refused) as refusal:
        await set_limit(database, window, amount, currency)
    assert refusal.value.code == code
    async with database.transaction() as tx:
        limits = await queries.list_merchant_limits(tx, merchants=["mer_a"])
    assert [(one.window, one.currency, one.amount) for one in limits] == [("payment", "CNY", 5)]


async def test_removing_from_an_unknown_window_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="limit_window_unknown"):
        await remove(database, "lifetime")
