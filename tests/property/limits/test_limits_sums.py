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
from anfu.limits.agreed.agreed import AgreedKey
from anfu.limits.agreed.operations import agree
from anfu.limits.counter import Metric, Window
from anfu.limits.rulebook import shipped_rules
from anfu.limits.use import Code, Debit, Use, UseKind
from anfu.storage.database import Database, open_database
from anfu.storage.transaction import Tx

RULES = shipped_rules()
START = datetime(2026, 12, 30, 15, 0, tzinfo=UTC)
MERCHANT_DAY = 300_000
AGREED_MONTH, AGREED_NUMBER, AGREED_BANK = 700_000, 4, 250_000
AGREED = (
    (Metric.BALANCE_PAYMENT, Window.NATURAL_MONTH, AGREED_MONTH),
    (Metric.BALANCE_COUNT, Window.NATURAL_DAY, AGREED_NUMBER),
    (Metric.BANK_PAYMENT, Window.NATURAL_DAY, AGREED_BANK),
)
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
    code=st.sampled_from([Code.NONE, *Code]),
    debit=st.sampled_from(Debit),
    bank_account=st.sampled_from(["tok_1", "tok_2"]),
    bank_verified=st.booleans(),
)
batches = st.lists(st.lists(uses, min_size=1, max_size=8), min_size=1, max_size=5)


class Model:
    """The law, the merchant's limit and what cus_a agreed to, written down a second time without
    rules or windows."""

    def __init__(self) -> None:
        self.sums: Sums[tuple[object, ...]] = Sums()

    def take(self, use: Use) -> bool:
        local = use.at + timedelta(hours=8)
        day, month = local.date(), (local.year, local.month)
        who, yuan, person = (use.customer, use.currency), use.currency == "CNY", use.account_class
        pays, bank = use.kind == "BALANCE_PAYMENT", use.kind == "NETWORK_PAYMENT"
        amount = use.amount
        pocket = self._pocket(use) if use.kind != "WITHDRAW_TO_OWN_BANK" else None
        coded, static = pocket and use.code != "none", pocket and use.code == "static"
        tier = 100_000 if use.factors < 2 else 1 << 60 if use.strong else 500_000
        caps = {1: 1 << 60, 2: 10_000_000, 3: 20_000_000}
        wary = use.customer == "cus_a" and yuan
        earns = use.merchant == "mer_limited" and (pays or bank) and yuan
        law = yuan and person is not None
        # Each: what is added up, whether this use is part of it, by how much, and the most.
        lines = [
            (("day", who, day), pays, amount, tier if law else None),
            (("month", who, month), pays, amount, AGREED_MONTH if wary else None),
            (("year", who, local.year), pays, amount, caps[person] if law and person else None),
            (("number", who, day), pays, 1, AGREED_NUMBER if wary else None),
            (("life", who), person == 1 and not bank, amount, 100_000 if law else None),
            (("bank day", who, day), bank, amount, AGREED_BANK if wary else None),
            (("bank month", who, month), bank, amount, None),
            (("bank number", who, day), bank, 1, None),
            (("code", who, pocket, day), coded, amount, tier if law and not static else None),
            (("static", who, pocket, day), static, amount, 50_000 if law else None),
            (("incoming", day), earns, amount, MERCHANT_DAY),
        ]
        small = bank and law and use.debit == "institution" and not use.bank_verified
        if small and amount > 20_000:
            return False
        for name, part, added, most in lines:
            if part and most is not None and self.sums[name] + added > most:
                return False
        for name, part, added, _ in lines:
            if part:
                self.sums[name] += added
        return True

    @staticmethod
    def _pocket(use: Use) -> str | None:
        if use.kind == "BALANCE_PAYMENT":
            return "balance"
        return "banks" if use.debit == "institution" else use.bank_account

    def amounts(self) -> list[int]:
        return sorted(amount for amount in self.sums.values() if amount)


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
        for metric, window, most in AGREED:
            key = AgreedKey("cus_a" + world, metric, window, "CNY")
            await agree(tx, key=key, most=most, cooling_off=timedelta(0), now=START)
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
            assert await _sums(tx, world) == model.amounts()
    async with database.transaction() as tx:
        await operations.release(tx, uses=taken)
        assert await _sums(tx, world) == []


async def _sums(tx: Tx, world: str) -> list[int]:
    rows = await tx.fetch(
        "SELECT amount FROM limits.counter WHERE amount > 0 AND (subject LIKE '%' || $1"
        " OR subject LIKE '%' || $1 || '/%')",
        world,
    )
    return sorted(row["amount"] for row in rows)
