"""The network's records: trades, their refunds, and what moved on our account with it.

In memory. An order handed over or shown as a code is an `Offer`: it becomes a trade when a payer
comes for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from anfu.kernel.ids import Entropy
from anfu.kernel.money import Money, Rate, Rounding

WAITING, SUCCESS, CLOSED = "WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_CLOSED"
_FEE = Rate(Decimal("0.006"), Rounding.HALF_UP)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a member asks for. Amounts are fen."""

    number: str
    amount: int
    subject: str
    expires_at: datetime | None
    notify_url: str | None = None
    return_url: str | None = None

    def agrees(self, other: Offer) -> bool:
        """Whether both ask for the same."""
        return (self.number, self.amount) == (other.number, other.amount)


@dataclass(frozen=True, slots=True)
class Refund:
    """`number` is the member's `out_request_no`, the trade's own number for a cancel."""

    number: str
    amount: int
    at: datetime


@dataclass(slots=True)
class Trade:
    """An order that a payer has come for."""

    offer: Offer
    reference: str
    made_at: datetime
    state: str = WAITING
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    refunds: dict[str, Refund] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds.values())


@dataclass(frozen=True, slots=True)
class Movement:
    """Of our account with the network; `amount` is fen, negative when money went out."""

    kind: str
    number: str
    reference: str
    amount: int
    at: datetime


class Book:
    """One event loop at a time."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self.offers: dict[str, Offer] = {}
        self.trades: dict[str, Trade] = {}
        self.movements: list[Movement] = []

    def open(self, offer: Offer, *, now: datetime) -> Trade:
        """The trade of an offer, made if there is none."""
        known = self.trades.get(offer.number)
        if known is None:
            serial = int.from_bytes(self._entropy.bytes(6), "big") % 10**14
            known = self.trades[offer.number] = Trade(offer, f"{now:%Y%m%d}{serial:020}", now)
        return known

    def pay(self, trade: Trade, *, now: datetime) -> None:
        trade.state, trade.paid_at = SUCCESS, now
        self._move("在线支付", trade, trade.offer.amount, now)
        self._move("收费", trade, -fee_of(trade.offer.amount), now)

    def close(self, trade: Trade, *, now: datetime) -> None:
        trade.state, trade.closed_at = CLOSED, now

    def refund(self, trade: Trade, refund: Refund) -> None:
        trade.refunds[refund.number] = refund
        self._move("交易退款", trade, -refund.amount, refund.at)
        self._move("退费", trade, fee_of(refund.amount), refund.at)
        if trade.refunded == trade.offer.amount:
            self.close(trade, now=refund.at)

    def settle(self, reference: str, *, now: datetime) -> int:
        """What stood on the account goes to our bank, in fen."""
        amount = sum(movement.amount for movement in self.movements)
        if amount > 0:
            self.movements.append(Movement("提现", "", reference, -amount, now))
        return max(amount, 0)

    def expire(self, *, now: datetime) -> Iterator[Trade]:
        """Close what nobody paid in time, one by one."""
        for trade in self.trades.values():
            end = trade.offer.expires_at
            if trade.state == WAITING and end is not None and end <= now:
                self.close(trade, now=now)
                yield trade

    def _move(self, kind: str, trade: Trade, amount: int, now: datetime) -> None:
        if amount:
            moved = Movement(kind, trade.offer.number, trade.reference, amount, now)
            self.movements.append(moved)


def fee_of(amount: int) -> int:
    """The network's fee on an amount, in fen."""
    return _FEE.of(Money(amount, "CNY")).minor
