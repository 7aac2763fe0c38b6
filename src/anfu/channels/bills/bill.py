"""A bill (对账单): the raw file, and the lines it is read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class BillKind(StrEnum):
    """TRADE: payments and refunds one by one (交易账单). FUND: what moved on our account with the
    network, fees and settlements too (资金账单)."""

    TRADE = "TRADE"
    FUND = "FUND"


class NoBill(StrEnum):
    """Why there is no file. EMPTY: nothing happened that day, which is an answer; LATER: it is not
    made yet, ask again."""

    EMPTY = "EMPTY"
    LATER = "LATER"


@dataclass(frozen=True, slots=True)
class BillFile:
    """A bill as it came: `content` is kept as evidence, byte for byte, under its SHA-256."""

    channel: str
    kind: BillKind
    day: date
    name: str
    content: bytes


class TradeKind(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"


class TradeState(StrEnum):
    """PENDING: not final when the bill was made."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    PENDING = "PENDING"


class TradeLine(NamedTuple):
    """One payment or refund. `number` and `refund` are ours, `reference` is the network's;
    `amount` and `fee` are minor units, the fee negative where it was given back; `row` counts
    detail rows from 1. A tuple, since a day has a million."""

    row: int
    kind: TradeKind
    number: str
    refund: str | None
    reference: str
    amount: int
    currency: str
    fee: int
    at: datetime
    state: TradeState


class FundKind(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    FEE = "FEE"
    SETTLEMENT = "SETTLEMENT"  # paid out to our bank account (提现, 清算)
    OTHER = "OTHER"


class FundLine(NamedTuple):
    """One movement of our account with the network. `amount` is minor units, positive when money
    came in; `balance` what stood there afterwards, None where the network does not say."""

    row: int
    kind: FundKind
    number: str | None
    reference: str
    amount: int
    currency: str
    at: datetime
    balance: int | None


class Bills(Protocol):
    """A network's bills."""

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        """The bill of a civil day in Asia/Shanghai, its integrity checked as far as the network
        lets one. Raises OutsideFailure, also BrokenInvariant in an open transaction."""

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        """The detail rows in a stream, and at the end the file's own sums checked against them.
        Raises Refused(bill_malformed, field=row and column)."""

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        """As `trades`."""
