"""A channel's day made by hand: payments of ours as rows, a bill as lines, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from anfu.channels.bills.bill import (
    BillFile,
    BillKind,
    FundLine,
    NoBill,
    TradeKind,
    TradeLine,
    TradeState,
)
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.kernel.periods import SHANGHAI
from anfu.ledger.account import Account, Side
from anfu.ledger.entry import EntryOrder
from anfu.ledger.operations import open_accounts, post
from anfu.ledger.queries import find_balances, find_discrepancies, trial_balance
from anfu.parties.keyring import KeyRing, Sealer
from anfu.payments.fund import channel_key, institution_accounts
from anfu.payments.tools import Policy, Tools
from anfu.settlement.reconciliation.fetch import Desk
from anfu.settlement.reconciliation.item import Item, positions
from anfu.settlement.reconciliation.queries import Wanted, list_items, posted_items
from anfu.settlement.reconciliation.reconcile import Taken, reconcile
from anfu.settlement.reconciliation.suspense import long_key, short_key
from anfu.settlement.reconciliation.terms import Terms
from anfu.settlement.reconciliation.treat import treat
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

DAY = date(2026, 11, 23)
NET = "net"


def noon(day: date, minutes: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI) + timedelta(minutes=minutes)


@dataclass
class PaperBills:
    """`Bills` whose files are lines on paper: the content only names them."""

    papers: dict[bytes, list[Any]] = field(default_factory=dict)

    def file(self, lines: Sequence[Any], day: date, kind: BillKind = BillKind.TRADE) -> BillFile:
        name = repr((kind, day, lines)).encode() if lines else b""
        self.papers[name] = list(lines)
        return BillFile(NET, kind, day, f"{kind}-{day}", name)

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        return NoBill.LATER

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        return iter(self.papers[file.content])

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        return iter(self.papers[file.content])


@dataclass
class Books:
    """Our books, and the journeys on them."""

    database: Database
    clock: ManualClock
    entropy: SeededEntropy
    desk: Desk
    paper: PaperBills

    async def payment(
        self, amount: int, *, state: str = "SUCCEEDED", at: datetime | None = None,
        currency: str = "CNY", method: str = NET,
    ) -> str:  # fmt: skip
        """The number of a payment that stands so; what succeeded is in the ledger."""
        at = at or noon(DAY)
        id_ = new_id("pay", now=at, entropy=self.entropy)
        await self.database.run(
            lambda tx: self._insert(tx, id_, at, amount, state, currency, method)
        )
        return id_

    async def _insert(self, tx: Tx, id_: str, at: datetime, amount: int, *more: str) -> None:
        state, currency, method = more
        await tx.execute(
            "INSERT INTO payments.payment (id, created_at, occurred_at, updated_at, amount, state,"
            " payer, payee, currency, method, channel, detail)"
            " VALUES ($1, $2, $2, $2, $3, $4, 'cus_1', 'mer_1', $5, $6, $6, '{}')",
            id_, at, amount, state, currency, method,
        )  # fmt: skip
        if state == "SUCCEEDED":
            await self._entry(tx, id_, channel_key(method, currency), "mer_1/balance/CNY", amount)

    async def refund(self, payment: str, amount: int, *, state: str = "SUCCEEDED") -> str:
        id_ = new_id("rfd", now=noon(DAY), entropy=self.entropy)

        async def work(tx: Tx) -> None:
            await tx.execute(
                "INSERT INTO payments.refund (id, created_at, updated_at, amount, state, payment,"
                " payer, payee, currency, method, due_at) VALUES ($1, $2, $2, $3, $4, $5,"
                " 'cus_1', 'mer_1', 'CNY', 'net', $6)",
                id_, noon(DAY), amount, state, payment, None if state in _ENDED else noon(DAY),
            )  # fmt: skip
            if state == "SUCCEEDED":
                there = channel_key(NET, "CNY")
                await self._entry(tx, id_, "mer_1/balance/CNY", there, amount)

        await self.database.run(work)
        return id_

    async def _entry(self, tx: Tx, id_: str, debit: str, credit: str, amount: int) -> None:
        order = EntryOrder(id_, debit, credit, "CNY", amount)
        assert await post(tx, orders=[order], now=noon(DAY)) == {}

    async def set_state(self, payment: str, state: str) -> None:
        await self.database.run(lambda tx: tx.execute(
            "UPDATE payments.payment SET state = $2 WHERE id = $1", payment, state))  # fmt: skip

    async def take(
        self, lines: Sequence[Any], day: date = DAY, *, kind: BillKind = BillKind.TRADE,
        by: str = "auto",
    ) -> Taken:  # fmt: skip
        """Reconcile a bill with these lines, and let the policy treat what it found."""
        self.clock.advance(timedelta(minutes=1))
        file = self.paper.file(lines, day, kind)
        taken = await reconcile(self.desk, file, by=by, now=self.clock.now())
        await treat(self.desk.tools, self.clock, NET)
        return taken

    async def items(self) -> list[Item]:
        async with self.database.transaction(readonly=True) as tx:
            return (await list_items(tx, Wanted(1000)))[::-1]

    async def found(self) -> list[tuple[str, str, str]]:
        """Of every item its class, state and number, sorted."""
        return sorted((i.cls, i.state, i.number) for i in await self.items())

    async def balance(self, key: str) -> int:
        async with self.database.transaction(readonly=True) as tx:
            found = (await find_balances(tx, [key])).get(key)
        return 0 if found is None else found.posted

    async def check(self) -> None:
        """The books balance, and suspense is what the open items come to."""
        async with self.database.transaction(readonly=True) as tx:
            for line in await trial_balance(tx):
                assert (line.imbalance, line.unexplained) == (0, 0)
            assert await find_discrepancies(tx) == []
            posted = await posted_items(tx)
        for currency in ("CNY", "USD"):
            amounts = [positions(item).get(currency, 0) for item in posted]
            long, short = long_key(NET, currency), short_key(NET, currency)
            assert await self.balance(long) == sum(a for a in amounts if a > 0)
            assert await self.balance(short) == -sum(a for a in amounts if a < 0)


_ENDED = ("SUCCEEDED", "FAILED")


def line(
    row: int, number: str, amount: int, *, refund: str | None = None, fee: int = 0,
    currency: str = "CNY", state: str = "DONE",
) -> TradeLine:  # fmt: skip
    kind = TradeKind.PAYMENT if refund is None else TradeKind.REFUND
    reference = f"ref_{refund or number}"
    return TradeLine(
        row, kind, number, refund, reference, amount, currency, fee, noon(DAY), TradeState(state)
    )


async def open_books(
    database: Database, clock: ManualClock, terms: Terms | None = None, *, seed: int = 5
) -> Books:
    entropy, paper = SeededEntropy(seed), PaperBills()
    ring = KeyRing.generate(entropy)
    nothing: Any = None
    tools = Tools(
        database=database, channels={}, readers={}, engine=nothing, lists=nothing, rules=(),
        sealer=Sealer(ring, entropy), entropy=entropy, challenge_key=bytes(32), policy=Policy(),
    )  # fmt: skip
    accounts = [*institution_accounts("CNY", [NET, "other"]),
                Account("mer_1/balance/CNY", "CNY", Side.CREDIT)]  # fmt: skip
    await database.run(lambda tx: open_accounts(tx, accounts=accounts, now=noon(DAY)))
    clock.set(noon(DAY + timedelta(days=1)))
    desk = Desk(tools, {NET: paper}, {} if terms is None else {NET: terms})
    return Books(database, clock, entropy, desk, paper)
