"""What a payer's browser sees: a plain page with two buttons, and where it goes afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from anfu.channels.alipay.amounts import write_amount
from anfu.channels.alipay.simulator.book import Offer, Trade
from anfu.channels.alipay.simulator.call import Trouble

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>支付宝模拟收银台</title>
<h1>支付宝模拟收银台</h1><p>{text}</p>{form}</html>"""
_FORM = """<form method="post" action="/cashier/{number}">
<button name="act" value="pay">付款 Pay</button>
<button name="act" value="decline">取消 Cancel</button></form>"""

Look = Callable[[Mapping[str, str]], Offer]
Act = Callable[[str, str], Trade]


class Cashier:
    """The pages. `look` verifies a link and gives the offer in it, `act` lets the payer pay or
    decline a number; both raise Trouble."""

    def __init__(self, look: Look, held: Callable[[str], Offer], act: Act) -> None:
        self._look, self._held, self._act = look, held, act
        self.routes = [
            Route("/gateway.do", self._link, methods=["GET"]),
            Route("/qr/{number}", self._code, methods=["GET"]),
            Route("/cashier/{number}", self._button, methods=["POST"]),
        ]

    async def _link(self, request: Request) -> Response:
        try:
            return _shown(self._look(request.query_params))
        except Trouble as trouble:
            return _refused(trouble)

    async def _code(self, request: Request) -> Response:
        try:
            return _shown(self._held(request.path_params["number"]))
        except Trouble as trouble:
            return _refused(trouble)

    async def _button(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
        try:
            trade = self._act(request.path_params["number"], form.get("act", ""))
        except Trouble as trouble:
            return _refused(trouble)
        back = trade.offer.return_url
        if back is None:
            return _page(f"{escape(trade.offer.number)}: {trade.state}", "")
        mark = "&" if "?" in back else "?"
        query = urlencode({"out_trade_no": trade.offer.number, "trade_no": trade.reference})
        return RedirectResponse(f"{back}{mark}{query}", 303)


def _shown(offer: Offer) -> Response:
    text = f"{offer.subject}: ¥{write_amount(offer.amount)}"
    return _page(escape(text), _FORM.format(number=escape(offer.number)))


def _refused(trouble: Trouble) -> Response:
    return _page(escape(trouble.sub_code), "", 400)


def _page(text: str, form: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(text=text, form=form), status)
