"""A small chart of accounts, and shorthands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from anfu.ledger.account import Account, Balance, Side
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder
from anfu.ledger.operations import close_accounts, hold, open_accounts, post
from anfu.ledger.queries import find_discrepancies, get_balances, trial_balance
from anfu.storage.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
A, B, MER, BANK, OPEN, USD = (
    "cus_a/balance/CNY",
    "cus_b/balance/CNY",
    "mer_m/balance/CNY",
    "anfu/bank/CNY",
    "anfu/suspense/CNY",
    "cus_a/balance/USD",
)
CHART = [
    Account(A, "CNY", Side.CREDIT),
    Account(B, "CNY", Side.CREDIT),
    Account(MER, "CNY", Side.CREDIT),
    Account(BANK, "CNY", Side.DEBIT),
    Account(OPEN, "CNY", Side.CREDIT, overdraft=True),
    Account(USD, "USD", Side.CREDIT, overdraft=True),
]


def move(name: str, debit: str, credit: str, amount: int, link: str | None = None) -> EntryOrder:
    return EntryOrder(name, debit, credit, "CNY", amount, link)


def promise(name: str, debit: str, credit: str, amount: int, minutes: int = 10) -> HoldOrder:
    return HoldOrder(name, debit, credit, "CNY", amount, NOW + timedelta(minutes=minutes))


class Books:
    """The database under test, with each operation in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def post(self, *orders: EntryOrder, now: datetime = NOW) -> dict[str, Denial]:
        async with self.database.transaction() as tx:
            return await post(tx, orders=orders, now=now)

    async def hold(self, *orders: HoldOrder) -> dict[str, Denial]:
        async with self.database.transaction() as tx:
            return await hold(tx, orders=orders, now=NOW)

    async def close(self, key: str) -> None:
        async with self.database.transaction() as tx:
            await close_accounts(tx, keys=[key], now=NOW)

    async def balances(self) -> dict[str, Balance]:
        async with self.database.transaction() as tx:
            return await get_balances(tx, [account.key for account in CHART])

    async def counters(self, *keys: str) -> list[tuple[int, int, int, int]]:
        """debits pending, debits posted, credits pending, credits posted"""
        found = await self.balances()
        return [
            (b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted)
            for b in (found[key] for key in keys)
        ]

    async def available(self, *keys: str) -> list[int]:
        found = await self.balances()
        return [found[key].available for key in keys]

    async def check(self) -> None:
        """The books balance and follow from their rows."""
        async with self.database.transaction() as tx:
            for sums in await trial_balance(tx):
                assert (sums.imbalance, sums.unexplained) == (0, 0)
            assert await find_discrepancies(tx) == []


async def open_books(database: Database, accounts: Sequence[Account] = CHART) -> Books:
    async with database.transaction() as tx:
        await open_accounts(tx, accounts=accounts, now=NOW)
    return Books(database)
