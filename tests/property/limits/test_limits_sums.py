"""Random uses against a model in plain Python: sums equal, no limit passed, all given back."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter as Sums
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anfu.limits import operations
from anfu.limits.rulebook import shipped_rules
from anfu.limits.use import Use, UseKind
from anfu.storage.database import Database, open_database
from anfu.storage.transaction import Tx

RULES = shipped_rules()
START = datetime(2026, 12, 30, 15, 0, tzinfo=UTC)
MERCHANT_DAY = 300_000
_worlds = itertools.count()

uses = st.builds(
    Use,
    id=st.just(""),
    customer=st.sampled_from(["cus_a", "cus_b"]),
    account_class=st.sampled_from([None, 1, 2, 3]),
    factors=st.integers(0, 3),
    strong=st.booleans(),
    merchant=st.sampled_from([None, "mer_limited", "mer_free"]),
    amount=st.one_of(st.integers(1, 200_000), st.integers(1, 12_000_000)),
    currency=st.sampled_from(["CNY", "CNY", "USD"]),
    kind=st.sampled_from(UseKind),
    at=st.integers(0, 72).map(lambda hours: START + timedelta(hours=hours)),
)
batches = st.lists(st.lists(uses, min_size=1, max_size=8), min_size=1, max_size=5)


class Model:
    """The law and the merchant's limit, written down a second time without rules or windows."""

    def __init__(self) -> None:
        self.day: Sums[tuple[str, str, object]] = Sums()
        self.year: Sums[tuple[str, str, int]] = Sums()
        self.life: Sums[tuple[str, str]] = Sums()
        self.incoming: Sums[tuple[str, object]] = Sums()

    def take(self, use: Use) -> bool:
        local = use.at + timedelta(hours=8)
        day = (use.customer, use.currency, local.date())
        year = (use.customer, use.currency, local.year)
        life = (use.customer, use.currency)
        incoming = (use.currency, local.date())
        person = use.account_class is not None
        pays = person and use.kind == "BALANCE_PAYMENT"
        lives = use.account_class == 1 and use.kind != "NETWORK_PAYMENT"
        earns = use.merchant == "mer_limited" and use.kind != "WITHDRAW_TO_OWN_BANK"
        earns = earns and use.currency == "CNY"
        amount, yuan = use.amount, use.currency == "CNY"
        caps = {None: 0, 1: 1 << 60, 2: 10_000_000, 3: 20_000_000}
        tier = 100_000 if use.factors < 2 else 1 << 60 if use.strong else 500_000
        refused = (
            (pays and yuan and self.day[day] + amount > tier)
            or (pays and yuan and self.year[year] + amount > caps[use.account_class])
            or (lives and yuan and self.life[life] + amount > 100_000)
            or (earns and self.incoming[incoming] + amount > MERCHANT_DAY)
        )
        if not refused:
            self.day[day] += amount * pays
            self.year[year] += amount * pays
            self.life[life] += amount * lives
            self.incoming[incoming] += amount * earns
        return not refused

    def sums(self) -> list[int]:
        every = [*self.day.values(), *self.year.values(), *self.life.values()]
        return sorted(amount for amount in [*every, *self.incoming.values()] if amount)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given_batches=batches)
def test_counters_equal_the_model(
    database_url: str, runner: asyncio.Runner, given_batches: list[list[Use]]
) -> None:
    runner.run(_compare(database_url, given_batches))


async def _compare(url: str, given_batches: list[list[Use]]) -> None:
    database = await open_database(url)
    try:
        await _compare_in(database, f"/{next(_worlds)}", given_batches)
    finally:
        await database.close()


async def _compare_in(database: Database, world: str, given_batches: list[list[Use]]) -> None:
    model, taken = Model(), []
    async with database.transaction() as tx:
        await operations.set_merchant_limit(
            tx, merchant="mer_limited" + world, window="natural_day", currency="CNY",
            amount=MERCHANT_DAY, now=START,
        )  # fmt: skip
    for number, batch in enumerate(given_batches):
        named = [replace(use, id=f"{world}/{number}/{i}") for i, use in enumerate(batch)]
        stored = [
            replace(
                use,
                customer=use.customer + world,
                merchant=use.merchant and use.merchant + world,
            )
            for use in named
        ]
        async with database.transaction() as tx:
            answer = await operations.reserve(tx, uses=stored, rules=RULES)
        expected = [use.id for use in named if not model.take(use)]
        assert list(answer.breaches) == expected
        taken += [use for use in stored if use.id not in answer.breaches]
        async with database.transaction() as tx:
            assert await _sums(tx, world) == model.sums()
    async with database.transaction() as tx:
        await operations.release(tx, uses=taken)
        assert await _sums(tx, world) == []


async def _sums(tx: Tx, world: str) -> list[int]:
    rows = await tx.fetch(
        "SELECT amount FROM limits.counter WHERE amount > 0 AND subject LIKE '%' || $1", world
    )
    return sorted(row["amount"] for row in rows)
