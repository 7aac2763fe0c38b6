"""The network's book of orders: what each number stands for, and in which state. In memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from anfu.kernel.ids import Entropy


class TradeState(StrEnum):
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    NOTPAY = "NOTPAY"
    USERPAYING = "USERPAYING"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    PAYERROR = "PAYERROR"


OPEN = frozenset({TradeState.NOTPAY, TradeState.USERPAYING})
PAID = frozenset({TradeState.SUCCESS, TradeState.REFUND})


class RefundState(StrEnum):
    SUCCESS = "SUCCESS"
    PROCESSING = "PROCESSING"
    ABNORMAL = "ABNORMAL"


class Declined(Exception):  # noqa: N818 - an answer of the network's
    """An error of the network's, by its HTTP status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(slots=True)
class Wanted:
    """What an order asks for; two orders under one number must be equal in it."""

    app: str
    kind: str  # JSAPI, APP, MWEB, NATIVE, MICROPAY
    total: int
    currency: str
    description: str


@dataclass(slots=True)
class Refund:
    number: str
    id: str
    amount: int
    at: datetime
    state: RefundState
    notify_url: str | None


@dataclass(slots=True)
class Order:
    """`token` names it to the payer; `transaction` is the network's number once it is paid."""

    number: str
    wanted: Wanted
    token: str
    at: datetime
    expires_at: datetime | None = None
    notify_url: str | None = None
    openid: str = "oSimulatedPayer"
    state: TradeState = TradeState.NOTPAY
    transaction: str | None = None
    paid_at: datetime | None = None
    reversed_at: datetime | None = None
    refunds: dict[str, Refund] = field(default_factory=dict)

    @property
    def returned(self) -> int:
        """What has gone back, or is on its way."""
        return sum(refund.amount for refund in self.refunds.values())


class Orders:
    """All orders of one merchant by number and by token."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._tokens: dict[str, str] = {}
        self._paid: dict[str, Order] = {}
        self._refunds: dict[str, tuple[Order, Refund]] = {}
        self.all: dict[str, Order] = {}
        self._serial = 0

    def place(self, number: str, wanted: Wanted, *, now: datetime) -> tuple[Order, bool]:
        """The order under `number`, and whether it is new. Raises Declined when the number stands
        for another, or is over."""
        known = self.find(number, now=now)
        if known is None:
            order = Order(number, wanted, self._entropy.bytes(16).hex(), now)
            self.all[number] = order
            self._tokens[order.token] = number
            return order, True
        if known.state in PAID:
            raise Declined(400, "ORDERPAID")
        if known.state not in OPEN:
            raise Declined(400, "ORDER_CLOSED")
        if known.wanted != wanted:
            raise Declined(403, "OUT_TRADE_NO_USED")
        return known, False

    def find(self, number: str, *, now: datetime) -> Order | None:
        """The order as it stands at `now`: what has expired unpaid is closed."""
        order = self.all.get(number)
        expired = order is not None and order.expires_at is not None and order.expires_at <= now
        if order is not None and expired and order.state is TradeState.NOTPAY:
            order.state = TradeState.CLOSED
        return order

    def get(self, number: str, *, now: datetime) -> Order:
        """Raises Declined for an unknown number."""
        order = self.find(number, now=now)
        if order is None:
            raise Declined(404, "ORDER_NOT_EXIST")
        return order

    def by_token(self, token: str, *, now: datetime) -> Order | None:
        return self.find(self._tokens.get(token, ""), now=now)

    def pay(self, order: Order, *, now: datetime) -> None:
        order.state, order.paid_at = TradeState.SUCCESS, now
        order.transaction = self.new_number("42", now=now)
        self._paid[order.transaction] = order

    def by_transaction(self, transaction: str) -> Order | None:
        """The order that was paid under the network's number."""
        return self._paid.get(transaction)

    def add_refund(self, order: Order, refund: Refund) -> None:
        order.refunds[refund.number] = refund
        order.state = TradeState.REFUND
        self._refunds[refund.number] = self._refunds[refund.id] = (order, refund)

    def find_refund(self, number: str) -> tuple[Order, Refund] | None:
        """The refund under our number or the network's, with its order."""
        return self._refunds.get(number)

    def new_number(self, head: str, *, now: datetime) -> str:
        """A number of the network's, 28 digits."""
        self._serial += 1
        return f"{head}00{now:%Y%m%d}{self._serial:016d}"
