"""The network itself: an HTTP server that verifies, answers signed, and fails on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from anfu.channels.sandbox.faults import Fault
from anfu.channels.wechat.sealing import read_object
from anfu.channels.wechat.signing import SERIAL, signed_headers
from anfu.channels.wechat.simulator import calls, counter
from anfu.channels.wechat.simulator.archive import FILE, Archive
from anfu.channels.wechat.simulator.checks import check_request
from anfu.channels.wechat.simulator.courier import Courier
from anfu.channels.wechat.simulator.desk import Desk
from anfu.channels.wechat.simulator.funds import Funds
from anfu.channels.wechat.simulator.orders import Declined, Order, Orders, Refund
from anfu.channels.wechat.simulator.payer import Payer
from anfu.channels.wechat.simulator.peer import Peer
from anfu.channels.wechat.simulator.refunds import returned
from anfu.channels.wechat.simulator.troubles import Trouble, Troubles
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy


class Simulator:
    """`app` is the ASGI application, `payer` pays, `courier` brings notices to the notify_url of
    each order; `notices` replaces the wire they go by."""

    def __init__(
        self,
        peer: Peer,
        *,
        clock: Clock,
        entropy: Entropy,
        troubles: Troubles | None = None,
        notices: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.peer, self._clock, self._entropy = peer, clock, entropy
        first = Troubles() if troubles is None else troubles
        self.courier = Courier(peer, first, clock=clock, entropy=entropy, transport=notices)
        orders = Orders(entropy)
        self.desk = Desk(peer, orders, Funds(orders), first, self._tell)
        self.payer = Payer(self.desk, clock=clock)
        self._archive = Archive(self.desk, entropy=entropy)
        self._asked: dict[str, int] = {}
        self._late: set[asyncio.Task[Response]] = set()
        routes = [
            Route("/cashier/{token}", self.payer.page, methods=["GET", "POST"]),
            Route("/{path:path}", self._receive, methods=["GET", "POST"]),
        ]
        self.app = Starlette(routes=routes, lifespan=self._lifespan)

    def trouble(self, troubles: Troubles) -> None:
        """From now on this goes wrong."""
        self.desk.troubles = self.courier.troubles = troubles

    def rotate(self) -> str:
        """A new platform certificate, in use from now on; returns its serial."""
        return self.peer.rotate(now=self._clock.now(), entropy=self._entropy)

    def settle(self) -> int:
        """Everything on our account, net of fees, goes to our bank; returns how much, in fen."""
        return self.desk.funds.settle(now=self._clock.now())

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        rounds = asyncio.create_task(self.courier.run())
        yield
        rounds.cancel()
        for task in self._late:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await rounds
        await self.courier.aclose()

    async def _receive(self, request: Request) -> Response:
        body, troubles = await request.body(), self.desk.troubles
        about = self._about(request)
        if delay := troubles.faults.delay_s(about):
            await asyncio.sleep(delay)
        if troubles.hits(Fault.LOSE_REQUEST, about):
            return Silence()
        if troubles.hits(Fault.LATE, about):
            self._work_late(request, body)
            return Silence()
        broken = troubles.hits(Fault.SERVER_ERROR, about)
        if broken and troubles.faults.roll("broken_before", about) < 0.5:
            return Response("unavailable", 503)
        if troubles.hits(Trouble.RATE_LIMIT, about):
            return self._signed(request, 429, {"code": "FREQUENCY_LIMITED"})
        said = self._work(request, body)
        if broken:
            return Response("unavailable", 503)
        return Silence() if troubles.hits(Fault.LOSE_ANSWER, about) else said

    def _about(self, request: Request) -> str:
        """What faults hang on: the call and how often it came."""
        call = f"{request.method} {request.url.path}"
        self._asked[call] = nth = self._asked.get(call, 0) + 1
        return f"{call} {nth}"

    def _work_late(self, request: Request, body: bytes) -> None:
        async def work() -> Response:
            await asyncio.sleep(self.desk.troubles.faults.late_ms / 1000)
            return self._work(request, body)

        task = asyncio.create_task(work())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _work(self, request: Request, body: bytes) -> Response:
        path, now = request.url.path, self._clock.now()
        if path in counter.PATHS:
            return self._by_sheet(path, body)
        target = f"{path}?{request.url.query}" if request.url.query else path
        try:
            authorization = request.headers.get("authorization", "")
            place = (request.method, target)
            check_request(self.peer, authorization, place, body, now=now)
            if path == FILE:
                # A file is not signed; the hash in the announcement is all that binds it.
                return Response(self._archive.file(request.query_params["token"]))
            said = self._answer(request, read_object(body) if body else {})
        except Declined as declined:
            value = {"code": declined.code, "message": declined.code}
            return self._signed(request, declined.status, value)
        except (KeyError, TypeError, ValueError, Refused):
            return self._signed(request, 400, {"code": "PARAM_ERROR", "message": "PARAM_ERROR"})
        return self._signed(request, 204 if said is None else 200, said)

    def _answer(self, request: Request, body: Mapping[str, Any]) -> dict[str, Any] | None:
        path, now = request.url.path, self._clock.now()
        if path == "/v3/certificates":
            return {"data": self.peer.certificates(entropy=self._entropy)}
        if path.startswith("/v3/bill/"):
            kind = path.removeprefix("/v3/bill/")
            return dict(self._archive.announce(kind, request.query_params, now=now))
        return calls.answer(self.desk, request.method, path, body, now=now)

    def _by_sheet(self, path: str, body: bytes) -> Response:
        now = self._clock.now()
        try:
            said = counter.answer(self.desk, path, body, now=now, entropy=self._entropy)
        except (KeyError, ValueError, Refused):
            said = counter.unsigned("签名错误")
        return Response(said, media_type="text/xml")

    def _signed(self, request: Request, status: int, value: Mapping[str, Any] | None) -> Response:
        body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
        serial, key = self.peer.signing(request.headers.get(SERIAL))
        headers = signed_headers(
            key,
            serial,
            body,
            timestamp=str(int(self._clock.now().timestamp())),
            nonce=self._entropy.bytes(16).hex(),
        )
        return Response(body, status, headers, "application/json")

    def _tell(self, order: Order, refund: Refund | None) -> None:
        """A notice of a payment, or of a refund of it, where one is asked for."""
        if refund is None:
            assert order.notify_url is not None
            kind, value = "TRANSACTION.SUCCESS", self.desk.trade(order)
            self.courier.send(order.notify_url, kind, value, order.number)
        elif refund.notify_url is not None:
            value = {**returned(order, refund), "mchid": self.peer.merchant}
            value["refund_status"] = value.pop("status")
            del value["amount"]["currency"]
            kind = f"REFUND.{refund.state}"
            self.courier.send(refund.notify_url, kind, value, refund.number)


class Silence(Response):
    """No answer at all: holds the connection until the caller lets go."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
