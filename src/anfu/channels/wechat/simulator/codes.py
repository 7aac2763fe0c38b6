"""Payers' codes: any 18 digits that begin with 10 to 15 pay at once, each once, but those below."""

from __future__ import annotations

import re
from datetime import datetime
from types import MappingProxyType

from anfu.channels.wechat.simulator.orders import Declined, Order, Orders, TradeState, Wanted

_FORM = re.compile(r"1[0-5][0-9]{16}")
# The payer types a password from this amount on (fen): 1000 元.
_PASSWORD_FROM = 100_001
AWAITED = "0001"
# the last four digits: status and code
DECLINING = MappingProxyType(
    {
        "0002": (400, "AUTH_CODE_EXPIRED"),
        "0003": (403, "NOT_ENOUGH"),
        "0004": (400, "AUTH_CODE_INVALID"),
        "0005": (500, "BANK_ERROR"),
        "0006": (403, "TRADE_ERROR"),
    }
)


def charge(orders: Orders, number: str, wanted: Wanted, code: str, *, now: datetime) -> Order:
    """The order, paid or waiting for a password (USERPAYING). Raises Declined."""
    if _FORM.fullmatch(code) is None:
        raise Declined(400, "AUTH_CODE_ERROR")
    order, new = orders.place(number, wanted, now=now)
    if not new:
        raise Declined(400, "AUTH_CODE_INVALID")
    if (declined := DECLINING.get(code[-4:])) is not None:
        order.state = TradeState.PAYERROR
        raise Declined(*declined)
    if code.endswith(AWAITED) or wanted.total >= _PASSWORD_FROM:
        order.state = TradeState.USERPAYING
        raise Declined(202, "USERPAYING")
    orders.pay(order, now=now)
    return order
