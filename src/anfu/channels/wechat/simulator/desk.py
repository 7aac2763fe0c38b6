"""API v3 as the network answers it: an order book behind JSON. Pure but for the book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.channels.wechat.scenes import rfc3339
from anfu.channels.wechat.simulator.codes import charge
from anfu.channels.wechat.simulator.funds import Funds
from anfu.channels.wechat.simulator.orders import (
    OPEN,
    PAID,
    Declined,
    Order,
    Orders,
    Refund,
    TradeState,
    Wanted,
)
from anfu.channels.wechat.simulator.peer import Peer
from anfu.channels.wechat.simulator.troubles import Trouble, Troubles

_KINDS = {"jsapi": "JSAPI", "app": "APP", "h5": "MWEB", "native": "NATIVE"}


@dataclass(slots=True)
class Desk:
    """Everything that is done with orders, by v3 and by v2. `tell` brings a notice."""

    peer: Peer
    orders: Orders
    funds: Funds
    troubles: Troubles
    tell: Callable[[Order, Refund | None], None]

    def prepay(self, kind: str, body: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        order, _ = self.orders.place(body["out_trade_no"], self.wanted(body, _KINDS[kind]), now=now)
        order.notify_url = body["notify_url"]
        expires = body.get("time_expire")
        order.expires_at = None if expires is None else datetime.fromisoformat(expires)
        order.openid = body.get("payer", {}).get("openid", order.openid)
        page = f"{self.peer.url}/cashier/{order.token}"
        return {
            "h5": {"h5_url": page},
            "native": {"code_url": page},
        }.get(kind, {"prepay_id": f"wx{order.token}"})

    def codepay(self, body: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        wanted = self.wanted(body, "MICROPAY")
        code = body["payer"]["auth_code"]
        order = charge(self.orders, body["out_trade_no"], wanted, code, now=now)
        if order.state is TradeState.SUCCESS:
            self.paid(order)
        return self.trade(order)

    def query(self, number: str, *, now: datetime) -> dict[str, Any]:
        return self.trade(self.orders.get(number, now=now))

    def close(self, number: str, *, now: datetime) -> None:
        order = self.orders.get(number, now=now)
        if order.state in PAID:
            raise Declined(400, "ORDERPAID")
        order.state = TradeState.CLOSED
        if self.troubles.hits(Trouble.LATE_SUCCESS, number):
            self.orders.pay(order, now=now)
            self.paid(order)

    def reverse(self, number: str, *, now: datetime) -> None:
        """Closed, and what was paid goes back."""
        order = self.orders.get(number, now=now)
        if order.state in PAID and order.returned == 0:
            order.reversed_at = now
            self.funds.give(order, "撤销", order.wanted.total, now=now)
        if order.state in OPEN | PAID:
            order.state = TradeState.REVOKED

    def paid(self, order: Order) -> None:
        """Put it in the funds and tell of it; a payer's code is not told of."""
        assert order.paid_at is not None
        self.funds.take(order, now=order.paid_at)
        if order.notify_url is not None:
            self.tell(order, None)

    def wanted(self, body: Mapping[str, Any], kind: str) -> Wanted:
        """Raises Declined for another merchant or app, or an amount that is none."""
        if body["mchid"] != self.peer.merchant or body["appid"] not in self.peer.apps:
            raise Declined(400, "APPID_MCHID_NOT_MATCH")
        total, currency = body["amount"]["total"], body["amount"].get("currency", "CNY")
        if type(total) is not int or total < 1 or currency != "CNY":
            raise Declined(400, "PARAM_ERROR")
        return Wanted(body["appid"], kind, total, currency, body["description"])

    def trade(self, order: Order) -> dict[str, Any]:
        """The order as a transaction."""
        said: dict[str, Any] = {
            "appid": order.wanted.app,
            "mchid": self.peer.merchant,
            "out_trade_no": order.number,
            "trade_state": order.state.value,
            "trade_type": order.wanted.kind,
        }
        if order.transaction is None:
            return said
        assert order.paid_at is not None
        return said | {
            "transaction_id": order.transaction,
            "bank_type": "OTHERS",
            "success_time": rfc3339(order.paid_at),
            "payer": {"openid": order.openid},
            "amount": {
                "total": order.wanted.total,
                "payer_total": order.wanted.total,
                "currency": order.wanted.currency,
                "payer_currency": order.wanted.currency,
            },
        }
