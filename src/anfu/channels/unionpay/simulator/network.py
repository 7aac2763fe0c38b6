"""The made-up UnionPay: an ASGI application that verifies, signs and fails on purpose.

A request that is not the member's (`requests`) is answered 11, without any work. `payer` acts as
the payer would on the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.network import Silence
from anfu.channels.unionpay.messages import Fields, write_answer
from anfu.channels.unionpay.scenes import APP, BACK, FRONT, QUERY
from anfu.channels.unionpay.signing import sign
from anfu.channels.unionpay.simulator.courier import Courier
from anfu.channels.unionpay.simulator.desk import Desk
from anfu.channels.unionpay.simulator.keys import NetworkKeys, Pair, issue
from anfu.channels.unionpay.simulator.mishaps import Mishaps
from anfu.channels.unionpay.simulator.orders import Record
from anfu.channels.unionpay.simulator.pages import page
from anfu.channels.unionpay.simulator.payer import Payer
from anfu.channels.unionpay.simulator.requests import verified
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_ECHOED = ("version", "encoding", "merId", "txnType", "txnSubType", "bizType", "orderId", "txnTime")
_SAID = {
    None: "已支付或已关闭 Decided already",
    "12": "已处理 Decided already",
    "39": "已超时 Expired",
}


class Simulator:
    """`app` is the ASGI application; `notify_url`, when given, stands for every order's backUrl;
    `faults` and `mishaps` may be changed while it runs."""

    def __init__(
        self,
        keys: NetworkKeys,
        *,
        clock: Clock,
        entropy: Entropy,
        notify_url: str | None = None,
        faults: Faults | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._keys, self._own, self._clock, self._notify_url = keys, keys.own, clock, notify_url
        mishaps = Mishaps(faults or Faults())
        self.desk = Desk(mishaps, self._tell, clock=clock, entropy=entropy)
        self.courier = Courier(self._signed, clock=clock, transport=transport)
        self.payer = Payer(self.desk)
        self._nth: dict[str, int] = {}
        self._late: set[asyncio.Task[Fields]] = set()
        back = [f"/gateway/api/{name}.do" for name in (BACK, APP, QUERY)]
        self.app = Starlette(
            routes=[
                *(Route(path, self._ask, methods=["POST"]) for path in (*back, "/files")),
                Route(f"/gateway/api/{FRONT}.do", self._front, methods=["POST"]),
                Route("/pay/{tn}", self._page, methods=["GET", "POST"]),
            ],
            lifespan=self._lifespan,
        )

    @property
    def faults(self) -> Faults:
        return self.desk.mishaps.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.desk.mishaps = replace(self.desk.mishaps, faults=faults)

    @property
    def mishaps(self) -> Mishaps:
        return self.desk.mishaps

    @mishaps.setter
    def mishaps(self, mishaps: Mishaps) -> None:
        self.desk.mishaps = mishaps

    def rotate(self) -> None:
        """From now on sign with another key, whose certificate the same authority has issued."""
        name = self._keys.own.certificate.subject.rfc4514_string().removeprefix("CN=")
        self._own = issue(name, self._keys.issuer, now=self._clock.now(), authority=False)

    def present(self, pair: Pair) -> None:
        """From now on sign with this pair, whoever has issued it."""
        self._own = pair

    def settle(self, day: date) -> int:
        """What reaches the merchant's bank for a settlement date, in fen."""
        return self.desk.settle(day)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        bringing = asyncio.create_task(self.courier.run())
        yield
        for task in (bringing, *self._late):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.courier.aclose()

    async def _ask(self, request: Request) -> Response:
        fields = verified(self._keys, await request.body())
        if fields is None:
            return self._answer({}, {"respCode": "11"})
        endpoint = request.url.path.rpartition("/")[2].removesuffix(".do")
        number = fields.get("orderId", endpoint)
        key = f"{endpoint} {number}"
        self._nth[key] = nth = self._nth.get(key, 0) + 1
        about, faults = f"{key} {nth}", self.mishaps.faults
        if delay := faults.delay_s(about):
            await asyncio.sleep(delay)
        if faults.hits(Fault.LOSE_REQUEST, about):
            return Silence()
        origin = str(request.base_url).rstrip("/")
        if faults.hits(Fault.LATE, about):
            self._do_late(endpoint, fields, origin)
            return Silence()
        broken = faults.hits(Fault.SERVER_ERROR, about)
        if broken and faults.roll("broken_before", about) < 0.5:
            return Response("unavailable", 503)
        said = self._do(endpoint, fields, origin)
        if broken:
            return Response("unavailable", 503)
        return Silence() if faults.hits(Fault.LOSE_ANSWER, about) else self._answer(fields, said)

    async def _front(self, request: Request) -> Response:
        fields = verified(self._keys, await request.body())
        if fields is None:
            return Response("验签失败 signature refused", 400)
        origin = str(request.base_url).rstrip("/")
        if self.desk.submit(FRONT, fields, origin)["respCode"] != "00":
            return Response("重复交易 repeated", 409)
        record = self.desk.orders.find(fields["orderId"])
        assert record is not None
        return RedirectResponse(f"{origin}/pay/{record.tn}", 303)

    async def _page(self, request: Request) -> Response:
        record = self.desk.orders.find_link(request.path_params["tn"])
        if record is None:
            return Response("查无此单 unknown", 404)
        if request.method == "GET":
            return HTMLResponse(page(record, _SAID[None] if record.code else ""))
        pays = b"act=pay" in (await request.body()).split(b"&")
        refused = self.desk.act(record, pays=pays)
        if refused is not None:
            return HTMLResponse(page(record, _SAID[refused]), 409)
        if url := record.fields.get("frontUrl"):
            return RedirectResponse(url, 303)
        return HTMLResponse(page(record, "支付成功 Paid" if pays else "已取消 Cancelled"))

    def _do(self, endpoint: str, fields: Fields, origin: str) -> Fields:
        if endpoint == QUERY:
            return self.desk.query(fields)
        if endpoint == "files":
            return self.desk.bill(fields)
        return self.desk.submit(endpoint, fields, origin)

    def _do_late(self, endpoint: str, fields: Fields, origin: str) -> None:
        async def work() -> Fields:
            await asyncio.sleep(self.mishaps.faults.late_ms / 1000)
            return self._do(endpoint, fields, origin)

        task = asyncio.create_task(work())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _answer(self, asked: Fields, said: Fields) -> Response:
        echoed = {name: asked[name] for name in _ECHOED if name in asked}
        body = write_answer(self._signed({**echoed, "respMsg": "应答[0000000]", **said}))
        return Response(body, 200, media_type="text/html;charset=UTF-8")

    def _signed(self, fields: Fields) -> Fields:
        own = {"signMethod": "01", "signPubKeyCert": self._own.pem}
        return sign({**fields, **own}, self._own.key)

    def _tell(self, record: Record) -> None:
        names = (*_ECHOED, "txnAmt", "currencyCode", "reqReserved")
        fields = {name: record.fields[name] for name in names if name in record.fields}
        more = {"queryId": record.query_id, "respCode": "00", "respMsg": "成功[0000000]"}
        url = self._notify_url or record.fields["backUrl"]
        self.courier.put(url, {**fields, **more}, self.mishaps)
