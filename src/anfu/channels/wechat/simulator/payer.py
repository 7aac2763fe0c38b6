"""The payer: pays or declines by number, or in a browser on a plain page."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from anfu.channels.wechat.simulator.desk import Desk
from anfu.channels.wechat.simulator.orders import OPEN, Order, TradeState
from anfu.kernel.clock import Clock

_PAGE = """<!doctype html><meta charset="utf-8"><title>微信支付 (simulated)</title>
<h1>{description}</h1><p>¥{yuan} · <strong>{state}</strong></p>"""
_FORM = """<form method="post"><button name="act" value="pay">Pay 支付</button>
<button name="act" value="cancel">Cancel 取消</button></form>"""


class Payer:
    """Acts on orders of `desk`."""

    def __init__(self, desk: Desk, *, clock: Clock) -> None:
        self._desk, self._clock = desk, clock

    def pay(self, number: str) -> bool:
        """Pay an open order; False, and nothing changed, for any other."""
        now = self._clock.now()
        order = self._desk.orders.find(number, now=now)
        return order is not None and self._pay(order, now=now)

    def decline(self, number: str) -> bool:
        """Cancel: an order by a payer's code has failed, any other stays open."""
        order = self._desk.orders.find(number, now=self._clock.now())
        if order is None or order.state not in OPEN:
            return False
        if order.state is TradeState.USERPAYING:
            order.state = TradeState.PAYERROR
        return True

    async def page(self, request: Request) -> Response:
        """GET shows the order that the token of the path names, POST acts and goes back."""
        token = request.path_params["token"]
        order = self._desk.orders.by_token(token, now=self._clock.now())
        if order is None:
            return HTMLResponse("<h1>404</h1>", 404)
        if request.method == "POST":
            chosen = (await request.body()).decode("ascii", "replace")
            self.pay(order.number) if chosen == "act=pay" else self.decline(order.number)
            back = request.query_params.get("redirect_url", "")
            if urlsplit(back).scheme in ("http", "https"):
                return RedirectResponse(back, 303)
        return HTMLResponse(_shown(order))

    def _pay(self, order: Order, *, now: datetime) -> bool:
        if order.state not in OPEN:
            return False
        self._desk.orders.pay(order, now=now)
        self._desk.paid(order)
        return True


def _shown(order: Order) -> str:
    yuan = f"{order.wanted.total // 100}.{order.wanted.total % 100:02d}"
    page = _PAGE.format(
        description=escape(order.wanted.description), yuan=yuan, state=order.state.value
    )
    return page + (_FORM if order.state in OPEN else "")
