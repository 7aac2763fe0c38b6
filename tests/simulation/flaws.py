"""What is wrong with a network's bill, thrown by a life's seed, and what must be made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from tests.simulation.fate import CALM, Fate

from anfu.channels.bills.bill import BillFile, BillKind, Bills, FundLine, NoBill, TradeLine
from anfu.channels.sandbox.messages import NETWORK
from anfu.kernel.errors import Outcome, OutsideFailure

Row = dict[str, Any]
Key = tuple[str, str]
"""Number and refund ('' for a payment)."""
FLAWS = {
    "missing": ("SHORT", "POSTED"),
    "a day late": ("SHORT", "MATCHED"),
    "extra": ("LONG", "POSTED"),
    "amount": ("AMOUNT_MISMATCH", "POSTED"),
    "status": ("STATUS_MISMATCH", "POSTED"),
    "fee": ("FEE_MISMATCH", "POSTED"),
    "twice": ("DUPLICATE", "POSTED"),
}
"""Each flaw of a row: the class it must be found in, and where it stands after the next bill."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A row of `channel` that is not as the network did it."""

    channel: str
    number: str
    refund: str
    kind: str


class FlawedBills:
    """The bills of a sandbox, with flaws in some rows of the first day: of those that `is_ours`
    says both sides know to be done. What it once was it stays, a file or none, however often it is
    fetched, and it may come late."""

    def __init__(self, channel: str, bills: Bills, fate: Fate, day: date) -> None:
        self.channel, self._bills, self._fate, self._day = channel, bills, fate, day
        self.rate, self._delay = fate.dice.choice((0, 0.5)), fate.dice.choice((0, 0.3))
        # Beside a bill with flaws the network's second one would differ from it as well.
        self.has_funds = self.rate == 0 and fate.strikes(0.5)
        self.flaws: list[Flaw] = []
        self.rows: dict[date, list[TradeLine]] = {}
        self.is_ours: Callable[[Key], bool] = lambda _key: False
        self._told: dict[tuple[BillKind, date], BillFile | NoBill] = {}
        self._late: list[Row] = []

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        """As `Bills.fetch`; it is late at times."""
        fate = self._fate
        fate.point("before a bill is fetched")
        if fate.rates is not CALM and fate.strikes(self._delay):
            fate.trace("bill is late", f"{self.channel} {day}")
            if fate.strikes(0.5):
                raise OutsideFailure(Outcome.UNKNOWN, "connection_lost")
            return NoBill.LATER
        known = self._told.get((kind, day))
        return known or await self._made(kind, day)

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        """As `Bills.trades`."""
        return self._bills.trades(file)

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        """As `Bills.funds`."""
        return self._bills.funds(file)

    async def _made(self, kind: BillKind, day: date) -> BillFile | NoBill:
        file = await self._bills.fetch(kind, day)
        if kind is BillKind.TRADE:
            file = self._spoilt(file, day)
            if not isinstance(file, NoBill):
                self.rows[day] = list(self._bills.trades(file))
        if file is not NoBill.LATER:
            self._told[kind, day] = file
        return file

    def _spoilt(self, file: BillFile | NoBill, day: date) -> BillFile | NoBill:
        rows = [] if isinstance(file, NoBill) else _rows(file.content)
        if day == self._day:
            after = [new for row in rows for new in self._flawed(row)]
        else:
            after, self._late = [*rows, *self._late], []
        if after == rows or not after:
            return file if after == rows else NoBill.EMPTY
        return BillFile(NETWORK, BillKind.TRADE, day, f"bill-{day}", _written(after, day))

    def _flawed(self, row: Row) -> list[Row]:
        """What becomes of a row."""
        dice, key = self._fate.dice, (row["number"], row["refund"] or "")
        if not self.is_ours(key) or not self._fate.strikes(self.rate):
            return [row]
        kind = dice.choice(tuple(FLAWS))
        number = f"pay_{dice.getrandbits(120):026x}"[:30] if kind == "extra" else key[0]
        refund = "" if kind == "extra" else key[1]
        self.flaws.append(Flaw(self.channel, number, refund, kind))
        self._fate.trace("flaw of a bill", f"{self.channel} {kind} {number} {refund}")
        if kind == "a day late":
            self._late.append(row)
        return {
            "missing": [],
            "a day late": [],
            "extra": [row, {**row, "number": number, "refund": None, "kind": "PAYMENT"}],
            "amount": [{**row, "amount": row["amount"] + 1}],
            "status": [{**row, "state": "NOT_DONE"}],
            "fee": [{**row, "fee": row["fee"] + 1}],
            "twice": [row, row],
        }[kind]


def _rows(content: bytes) -> list[Row]:
    return [msgspec.json.decode(line) for line in content.splitlines()[1:-1]]


def _written(rows: Sequence[Row], day: date) -> bytes:
    """The bill of a day in the sandbox's format, with its own sums."""
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        of = sums.setdefault(row["currency"], Counter(paid=0, refunded=0, fees=0))
        of["paid" if row["kind"] == "PAYMENT" else "refunded"] += row["amount"]
        of["fees"] += row["fee"]
    numbered: Iterable[Row] = ({**row, "row": n} for n, row in enumerate(rows, 1))
    head, tail = {"bill": "TRADE", "day": day}, {"rows": len(rows), "sums": sums}
    return b"".join(msgspec.json.encode(one) + b"\n" for one in (head, *numbered, tail))
