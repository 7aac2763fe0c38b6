"""The ledger against a model of a few lines, over random histories, on a real database."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from anfu.kernel.errors import BrokenInvariant
from anfu.ledger.account import Account, Side
from anfu.ledger.entry import EntryOrder, HoldOrder
from anfu.ledger.operations import (
    expire_holds,
    hold,
    open_accounts,
    post,
    post_holds,
    void_holds,
)
from anfu.ledger.queries import balance_at, find_discrepancies, get_balances, trial_balance
from anfu.storage.embedded import EmbeddedServer

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CHART = [
    Account("a", "CNY", Side.CREDIT),
    Account("b", "CNY", Side.CREDIT),
    Account("cash", "CNY", Side.DEBIT),
    Account("owner", "CNY", Side.CREDIT, overdraft=True),
    Account("bank", "CNY", Side.DEBIT, overdraft=True),
    Account("usd", "USD", Side.CREDIT, overdraft=True),
    Account("dollars", "USD", Side.DEBIT),
]
BY_KEY = {account.key: account for account in CHART}
SEEDS = [
    EntryOrder("seed-a", "owner", "a", "CNY", 100),
    EntryOrder("seed-b", "owner", "b", "CNY", 50),
    EntryOrder("seed-cash", "cash", "owner", "CNY", 70),
]
# Often enough two orders want the last of the same money, rarely is one a mistake.
KEYS = [*["a", "b", "cash"] * 4, *BY_KEY, "nobody"]

moves = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from(KEYS),
        st.sampled_from(["CNY"] * 9 + ["USD"]),
        st.integers(1, 12).map(lambda tens: tens * 10),
        st.sampled_from([None, None, None, "L", "M"]),
    ).filter(lambda move: move[0] != move[1]),
    min_size=1,
    max_size=8,
)


@dataclass
class Model:
    """Signed sums from a plain list of what happened: (debit, credit, amount, moment)."""

    entries: list[tuple[str, str, int, datetime]] = field(default_factory=list)
    holds: dict[str, tuple[str, str, int, datetime]] = field(default_factory=dict)

    def posted(self, key: str, until: datetime | None = None) -> int:
        net = sum(
            amount * ((credit == key) - (debit == key))
            for debit, credit, amount, at in self.entries
            if until is None or at <= until
        )
        return net if BY_KEY[key].normal is Side.CREDIT else -net

    def available(self, key: str) -> int:
        outgoing = 0 if BY_KEY[key].normal is Side.CREDIT else 1
        return self.posted(key) - sum(h[2] for h in self.holds.values() if h[outgoing] == key)

    def allows(self, order: EntryOrder | HoldOrder) -> bool:
        sides = (order.debit, Side.CREDIT), (order.credit, Side.DEBIT)
        return all(
            key in BY_KEY
            and BY_KEY[key].asset == order.asset
            and (
                BY_KEY[key].overdraft
                or BY_KEY[key].normal is not shrinks
                or self.available(key) >= order.amount
            )
            for key, shrinks in sides
        )

    def take(self, orders: Sequence[EntryOrder | HoldOrder], at: datetime) -> set[str]:
        """Do what can be done in sequence; the ids that were denied."""
        denied: set[str] = set()
        seen: set[str] = set()
        for order in orders:
            if order.link in seen:
                continue
            group = [order]
            if order.link is not None:
                seen.add(order.link)
                group = [other for other in orders if other.link == order.link]
            entries, holds = list(self.entries), dict(self.holds)
            for member in group:
                if not self.allows(member):
                    self.entries, self.holds = entries, holds
                    denied.update(other.id for other in group)
                    break
                if isinstance(member, HoldOrder):
                    self.holds[member.id] = (
                        member.debit,
                        member.credit,
                        member.amount,
                        member.expires_at,
                    )
                else:
                    self.entries.append((member.debit, member.credit, member.amount, at))
        return denied


class LedgerMachine(RuleBasedStateMachine):
    """One transaction of the application an example, rolled back at its end."""

    runner: asyncio.AbstractEventLoop
    tx: asyncpg.Connection

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.now = START
        self.ids = itertools.count()
        self.resolved: list[str] = []
        self.transaction = self.tx.transaction()
        self.runner.run_until_complete(self.transaction.start())
        self.runner.run_until_complete(open_accounts(self.tx, accounts=CHART, now=START))
        assert self.runner.run_until_complete(post(self.tx, orders=SEEDS, now=START)) == {}
        assert self.model.take(SEEDS, START) == set()

    def teardown(self) -> None:
        self.runner.run_until_complete(self.transaction.rollback())

    @rule(drawn=moves)
    def post(self, drawn: list[tuple[str, str, str, int, str | None]]) -> None:
        orders = [EntryOrder(f"e{next(self.ids)}", *move) for move in drawn]
        denials = self.runner.run_until_complete(post(self.tx, orders=orders, now=self.now))
        assert set(denials) == self.model.take(orders, self.now)

    @rule(drawn=moves, minutes=st.integers(1, 5))
    def hold(self, drawn: list[tuple[str, str, str, int, str | None]], minutes: int) -> None:
        end = self.now + timedelta(minutes=minutes)
        orders = [
            HoldOrder(f"h{next(self.ids)}", debit, credit, asset, amount, end, link)
            for debit, credit, asset, amount, link in drawn
        ]
        denials = self.runner.run_until_complete(hold(self.tx, orders=orders, now=self.now))
        assert set(denials) == self.model.take(orders, self.now)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def post_some(self, data: st.DataObject) -> None:
        names = data.draw(st.lists(st.sampled_from(sorted(self.model.holds)), unique=True))
        amounts = {
            name: data.draw(st.none() | st.integers(1, self.model.holds[name][2])) for name in names
        }
        self.runner.run_until_complete(post_holds(self.tx, amounts=amounts, now=self.now))
        for name, part in amounts.items():
            debit, credit, amount, _ = self.model.holds.pop(name)
            moved = amount if part is None else part
            self.model.entries.append((debit, credit, moved, self.now))
            self.resolved.append(name)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def void_some(self, data: st.DataObject) -> None:
        names = data.draw(st.lists(st.sampled_from(sorted(self.model.holds)), unique=True))
        self.runner.run_until_complete(void_holds(self.tx, ids=names, now=self.now))
        for name in names:
            del self.model.holds[name]
        self.resolved += names

    @precondition(lambda self: self.resolved)
    @rule(data=st.data(), posting=st.booleans())
    def resolve_again(self, data: st.DataObject, posting: bool) -> None:
        names = [data.draw(st.sampled_from(self.resolved)), *self.model.holds]

        async def attempt() -> None:
            if posting:
                await post_holds(self.tx, amounts=dict.fromkeys(names), now=self.now)
            else:
                await void_holds(self.tx, ids=names, now=self.now)

        with pytest.raises(BrokenInvariant):
            self.runner.run_until_complete(attempt())

    @rule(seconds=st.sampled_from([0, 1, 59, 60, 180]))
    def wait_and_expire(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        over = sorted(name for name, h in self.model.holds.items() if h[3] <= self.now)
        done = self.runner.run_until_complete(expire_holds(self.tx, now=self.now, most=100))
        assert done == over
        for name in over:
            del self.model.holds[name]
        self.resolved += over

    @rule(key=st.sampled_from(list(BY_KEY)), data=st.data(), step=st.integers(-1, 1))
    def look_back(self, key: str, data: st.DataObject, step: int) -> None:
        moments = sorted({entry[3] for entry in self.model.entries})
        moment = data.draw(st.sampled_from(moments)) + timedelta(microseconds=step)
        posted = self.runner.run_until_complete(balance_at(self.tx, key, moment))
        assert posted == self.model.posted(key, moment)

    @invariant()
    def the_books_agree(self) -> None:
        balances = self.runner.run_until_complete(get_balances(self.tx, list(BY_KEY)))
        for key, balance in balances.items():
            assert balance.posted == self.model.posted(key)
            assert balance.available == self.model.available(key)
            assert balance.account.overdraft or balance.available >= 0
        for sums in self.runner.run_until_complete(trial_balance(self.tx)):
            assert (sums.imbalance, sums.unexplained) == (0, 0)
        assert self.runner.run_until_complete(find_discrepancies(self.tx)) == []


@pytest.fixture
def application(server: EmbeddedServer) -> Iterator[type[LedgerMachine]]:
    """The machine, connected to a database of its own with the application's rights."""
    loop = asyncio.new_event_loop()

    async def prepare() -> asyncpg.Connection:
        admin = await asyncpg.connect(server.place.url("postgres"))
        await admin.execute("CREATE DATABASE ledger_model TEMPLATE template_anfu")
        await admin.close()
        connection = await asyncpg.connect(server.place.url("ledger_model"))
        await connection.execute("SET ROLE anfu_app")
        return connection

    connection = loop.run_until_complete(prepare())

    class Connected(LedgerMachine):
        runner = loop
        tx = connection

    yield Connected
    loop.run_until_complete(connection.close())
    loop.close()


def test_the_ledger_agrees_with_the_model(application: type[LedgerMachine]) -> None:
    run_state_machine_as_test(
        application,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
        ),
    )
