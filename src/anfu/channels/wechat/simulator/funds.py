"""Our account with the network: every movement and what stood there afterwards, in fen."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from anfu.channels.wechat.amounts import rounded_fen
from anfu.channels.wechat.simulator.orders import Order, Orders, Refund

RATE = Decimal("0.006")


class Movement(NamedTuple):
    """`amount` is negative when money went out; `number` is ours."""

    at: datetime
    kind: str
    number: str
    reference: str
    amount: int
    balance: int


def fee(amount: int) -> Decimal:
    """The fee on `amount` fen, in 元."""
    return amount * RATE / 100


class Funds:
    """A book of movements."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self.movements: list[Movement] = []

    @property
    def balance(self) -> int:
        return self.movements[-1].balance if self.movements else 0

    def take(self, order: Order, *, now: datetime) -> None:
        """A payment came in; its fee goes out."""
        assert order.transaction is not None
        self._move("交易", order.number, order.transaction, order.wanted.total, now=now)
        charged = -rounded_fen(fee(order.wanted.total))
        self._move("扣除交易手续费", order.number, order.transaction, charged, now=now)

    def give(
        self, order: Order, kind: str, amount: int, *, now: datetime, refund: Refund | None = None
    ) -> None:
        """Money goes back to the payer, and its fee to us."""
        assert order.transaction is not None
        number = order.number if refund is None else refund.number
        reference = order.transaction if refund is None else refund.id
        self._move(kind, number, reference, -amount, now=now)
        self._move("退还交易手续费", number, reference, rounded_fen(fee(amount)), now=now)

    def settle(self, *, now: datetime) -> int:
        """Everything goes to our bank; returns how much."""
        amount = self.balance
        number = self._orders.new_number("10", now=now)
        self._move("提现", number, number, -amount, now=now)
        return amount

    def _move(self, kind: str, number: str, reference: str, amount: int, *, now: datetime) -> None:
        if amount != 0:
            balance = self.balance + amount
            self.movements.append(Movement(now, kind, number, reference, amount, balance))
