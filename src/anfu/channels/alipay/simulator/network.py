"""The simulated network: an HTTP server that speaks Alipay's wire and fails on purpose.

What the payer does comes through `payer`, or by a browser through the pages.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.alipay.simulator.book import WAITING, Book, Refund, Trade
from anfu.channels.alipay.simulator.call import Call, Trouble
from anfu.channels.alipay.simulator.courier import Courier
from anfu.channels.alipay.simulator.faults import WireFault, WireFaults
from anfu.channels.alipay.simulator.keys import NetworkKeys
from anfu.channels.alipay.simulator.library import BILL, Library
from anfu.channels.alipay.simulator.pages import Cashier
from anfu.channels.alipay.simulator.payer import Payer
from anfu.channels.alipay.simulator.till import Till
from anfu.channels.alipay.simulator.wire import Wire
from anfu.channels.sandbox.faults import Fault
from anfu.channels.sandbox.network import Silence
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_BUSY = Trouble("aop.ACQ.SYSTEM_ERROR", "20000")
_LIMITED = Trouble("isv.app-call-limited", "40005")


class Simulator:
    """`app` is the ASGI application; `faults` may be changed while it runs. Notices go where each
    request says, or all to `notify_url`; `notify_transport` replaces their wire. In real time the
    application brings them by itself, otherwise `courier.turn()` does."""

    def __init__(
        self,
        keys: NetworkKeys,
        *,
        clock: Clock,
        entropy: Entropy,
        notify_url: str | None = None,
        faults: WireFaults | None = None,
        notify_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.faults = faults or WireFaults()
        self.book = Book(entropy)
        self.courier = Courier(keys, clock=clock, entropy=entropy, transport=notify_transport)
        self.rotate = keys.rotate
        self._clock, self._notify_url = clock, notify_url
        self._wire, self._till = Wire(keys, clock=clock), Till(self.book)
        self._library = Library(self.book, clock=clock, entropy=entropy)
        self.payer = Payer(self.book, self._till, self._wire, self._tell, clock=clock)
        self._asked: Counter[str] = Counter()
        self._late: set[asyncio.Task[None]] = set()
        pages = Cashier(self.payer.look, self.payer.held, self.payer.act)
        routes = [
            Route("/gateway.do", self._receive, methods=["POST"]),
            Route("/bill/{token}", self._bill, methods=["GET"]),
            *pages.routes,
        ]
        self.app = Starlette(routes=routes, lifespan=self._lifespan)

    def settle(self, day: date) -> int:
        """Our money goes to the bank (提现), net of fees, as the settlement of `day`; in fen."""
        return self.book.settle(f"settle{day:%Y%m%d}", now=self._clock.now())

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        tasks = {asyncio.create_task(self.courier.run())}
        yield
        tasks |= self._late
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.courier.aclose()

    async def _receive(self, request: Request) -> Response:
        form = (await request.body()).decode("ascii", "replace")
        values = {**request.query_params, **dict(parse_qsl(form, keep_blank_values=True))}
        method = values.get("method", "")
        try:
            content = self._wire.content(values)
        except Trouble as trouble:
            return self._wire.refusal(method, trouble, "")
        for trade in self.book.expire(now=self._clock.now()):
            self._tell(trade, None)
        call = Call(
            content,
            values.get("notify_url"),
            values.get("return_url"),
            self._clock.now(),
            str(request.base_url).rstrip("/"),
        )
        return await self._answered(method, call)

    async def _answered(self, method: str, call: Call) -> Response:
        number = str(call.content.get("out_trade_no", ""))
        self._asked[f"{method} {number}"] += 1
        about = f"{method} {number} {self._asked[f'{method} {number}']}"
        if delay := self.faults.faults.delay_s(about):
            await asyncio.sleep(delay)
        unworked = self._unworked(method, call, about)
        if unworked is not None:
            return unworked
        return self._spoilt(self._do(method, call, number, about), method, number, about)

    def _unworked(self, method: str, call: Call, about: str) -> Response | None:
        """The answer to a call that nothing is done for, at least not now."""
        if self.faults.hits(Fault.LOSE_REQUEST, about):
            return Silence()
        if self.faults.hits(Fault.LATE, about):
            self._do_late(method, call)
            return Silence()
        if self.faults.hits(WireFault.RATE_LIMIT, about):
            return self._wire.refusal(method, _LIMITED, str(call.content.get("out_trade_no", "")))
        return _unavailable() if self._broken(about) and self._early(about) else None

    def _spoilt(self, answer: Response, method: str, number: str, about: str) -> Response:
        """The answer as it arrives."""
        if self.faults.hits(Fault.LOSE_ANSWER, about):
            return Silence()
        if self.faults.hits(Fault.PROCESSING, about):
            return self._wire.refusal(method, _BUSY, number)
        return _unavailable() if self._broken(about) else answer

    def _broken(self, about: str) -> bool:
        return self.faults.hits(Fault.SERVER_ERROR, about)

    def _early(self, about: str) -> bool:
        return self.faults.faults.roll("broken_before", about) < 0.5

    def _do(self, method: str, call: Call, number: str, about: str) -> Response:
        methods: dict[str, Callable[[Call], Any]] = {
            **self._till.methods,
            BILL: lambda call: self._library.lend(call, self.faults),
        }
        try:
            if method not in methods:
                raise Trouble("isv.invalid-method", "40002")
            said = methods[method](call)
        except Trouble as trouble:
            return self._wire.refusal(method, trouble, number)
        for trade, refund in call.told:
            self._tell(trade, refund)
        self._maybe_pay_late(method, number, call.now)
        forged = self.faults.hits(WireFault.FORGE, about)
        return self._wire.answer(method, said, forged=forged)

    def _maybe_pay_late(self, method: str, number: str, now: datetime) -> None:
        """A closed order is paid all the same."""
        closing = method in ("alipay.trade.close", "alipay.trade.cancel")
        trade = self.book.trades.get(number)
        if closing and trade and self.faults.hits(WireFault.LATE_SUCCESS, number):
            trade.closed_at = None
            self.book.pay(trade, now=now)
            self._tell(trade, None)

    def _do_late(self, method: str, call: Call) -> None:
        async def work() -> None:
            await asyncio.sleep(self.faults.faults.late_ms / 1000)
            self._do(method, call, str(call.content.get("out_trade_no", "")), "late")

        task = asyncio.create_task(work())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _tell(self, trade: Trade, refund: Refund | None) -> None:
        url = self._notify_url or trade.offer.notify_url
        if url is not None and trade.state != WAITING:
            self.courier.tell(trade, refund, url, self.faults)

    async def _bill(self, request: Request) -> Response:
        content = self._library.fetch(request.path_params["token"])
        if content is None:
            return Response("expired", 403)
        return Response(content, 200, media_type="application/octet-stream")


def _unavailable() -> Response:
    return Response("unavailable", 503)
