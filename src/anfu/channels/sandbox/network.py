"""The sandbox network itself: an HTTP server that signs its answers and fails on purpose.

Requests are verified as `messages.verify` says (1 to 5), and 6: the nonce was not seen within the
window. Every answer that states something is a signed 200; a request that fails a check is
answered 401, one that cannot be read 400, both unsigned and without any work.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from anfu.channels.bills.bill import BillKind
from anfu.channels.sandbox.billing import write_bill
from anfu.channels.sandbox.book import Book
from anfu.channels.sandbox.courier import Courier
from anfu.channels.sandbox.faults import FAULTY_CARDS, Fault, Faults
from anfu.channels.sandbox.messages import WINDOW_S, Identity, Place, sign, verify
from anfu.channels.sandbox.statements import Statement, write_statement
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock, SystemClock
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, SystemEntropy, new_id
from anfu.kernel.money import MAX_MINOR

_PAY, _REFUND = "/v1/payments", "/v1/refunds"
_QUERY, _CLOSE, _QUERY_REFUND = "/v1/payments/query", "/v1/payments/close", "/v1/refunds/query"
_BILLS = "/v1/bills"
_FIELDS = {
    _PAY: {"payment", "amount", "currency", "card"},
    _QUERY: {"payment"},
    _CLOSE: {"payment"},
    _REFUND: {"refund", "payment", "amount", "currency"},
    _QUERY_REFUND: {"refund"},
}
_TEXT = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """`identity` is the network's end of the line; `notify_url` is told of every final result."""

    identity: Identity
    notify_url: str | None = None
    faults: Faults = field(default_factory=Faults)
    journal: Path | None = None


class Network:
    """`app` is the ASGI application; `faults` may be changed while it runs."""

    def __init__(self, settings: NetworkSettings, *, clock: Clock, entropy: Entropy) -> None:
        self.faults = settings.faults
        self.book = Book(settings.journal, clock=clock)
        self._identity, self._clock, self._entropy = settings.identity, clock, entropy
        self._courier = Courier(
            settings.notify_url, settings.identity, clock=clock, entropy=entropy
        )
        self._nonces: dict[str, float] = {}
        self._asked: dict[tuple[str, str], int] = {}
        self._late: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, Ask] = {}  # until somebody closes them, and then they are paid
        routes = [Route(path, self._receive, methods=["POST"]) for path in _FIELDS]
        routes.append(Route(_BILLS, self._bill, methods=["POST"]))
        self.app = Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self._courier.aclose()
        self.book.close_journal()

    async def _receive(self, request: Request) -> Response:
        body, path = await request.body(), request.url.path
        try:
            nonce = self._checked(path, request.headers, body)
        except Refused as refusal:
            return Response(refusal.code, 401)
        try:
            value = _read(path, body)
        except Refused as refusal:
            return Response(refusal.code, 400)
        key = (path, value.get("refund") or value["payment"])
        self._asked[key] = nth = self._asked.get(key, 0) + 1
        return await self._answer(Ask(path, value, nonce, nth))

    async def _bill(self, request: Request) -> Response:
        body, now = await request.body(), self._clock.now()
        try:
            nonce = self._checked(_BILLS, request.headers, body)
        except Refused as refusal:
            return Response(refusal.code, 401)
        try:
            wanted = msgspec.json.decode(body, type=_BillWish)
        except msgspec.DecodeError:
            return Response("request_malformed", 400)
        bill = write_bill(self.book.moves, wanted.kind, wanted.day, now=now)
        place = Place("POST", _BILLS, answers=nonce, status=200)
        headers = sign(self._identity, place, bill, now=now, entropy=self._entropy)
        return Response(bill, 200, headers, "application/jsonl")

    def _checked(self, path: str, headers: Mapping[str, str], body: bytes) -> str:
        now = self._clock.now()
        nonce = verify(self._identity, Place("POST", path), headers, body, now=now)
        if nonce in self._nonces:  # 6
            raise Refused("message_repeated")
        # Oldest first: what can no longer pass check 5 is forgotten.
        while self._nonces:
            oldest = next(iter(self._nonces))
            if self._nonces[oldest] > now.timestamp() - 2 * WINDOW_S:
                break
            del self._nonces[oldest]
        self._nonces[nonce] = now.timestamp()
        return nonce

    async def _answer(self, ask: Ask) -> Response:
        faults, forced = self.faults, ask.forced

        def hits(fault: Fault) -> bool:
            return forced is fault or faults.hits(fault, ask.about)

        if delay := faults.delay_s(ask.about):
            await asyncio.sleep(delay)
        if hits(Fault.LOSE_REQUEST) or self._put_off(ask, hits):
            return Silence()
        broken = hits(Fault.SERVER_ERROR)
        if broken and faults.roll("broken_before", ask.about) < 0.5:
            return Response("unavailable", 503)
        said = self._do(ask)
        if broken:
            return Response("unavailable", 503)
        if hits(Fault.LOSE_ANSWER):
            return Silence() if faults.roll("silence", ask.about) < 0.5 else Cut()
        if ask.nth == 1 and said.state in ("PAID", "REFUNDED") and ask.path != _CLOSE:
            said = _unfinished(said) if hits(Fault.PROCESSING) else said
        return self._signed(ask, said)

    def _do(self, ask: Ask) -> Statement:
        work: dict[str, Callable[[Ask], tuple[Statement, bool]]] = {
            _PAY: self._pay,
            _REFUND: self._refund,
            _QUERY: lambda a: (self.book.payment(a.value["payment"]), False),
            _CLOSE: lambda a: (self._close(a.value["payment"]), False),
            _QUERY_REFUND: lambda a: (self.book.refund_of(a.value["refund"]), False),
        }
        said, new = work[ask.path](ask)
        if new:
            self._courier.send(said, self.faults, ask.forced)
        return said

    def _pay(self, ask: Ask) -> tuple[Statement, bool]:
        value = ask.value
        reason = self.faults.decline_reason(value["payment"], value["card"])
        wanted = Statement(
            payment=value["payment"],
            refund=None,
            state="PAID" if reason is None else "DECLINED",
            reference=self._reference() if reason is None else None,
            reason=reason,
            amount=value["amount"],
            currency=value["currency"],
        )
        return self.book.pay(wanted, value["card"])

    def _refund(self, ask: Ask) -> tuple[Statement, bool]:
        return self.book.refund(
            Statement(**ask.value, state="REFUNDED", reference=self._reference(), reason=None)
        )

    def _put_off(self, ask: Ask, hits: Callable[[Fault], bool]) -> bool:
        """Whether the work is done later: by itself, or once somebody has closed it."""
        if hits(Fault.LATE):
            self._do_late(ask)
            return True
        if ask.path == _PAY and hits(Fault.LATE_SUCCESS):
            self._waiting[ask.value["payment"]] = ask
            return True
        return False

    def _close(self, payment: str) -> Statement:
        said, waiting = self.book.close(payment), self._waiting.pop(payment, None)
        if waiting is not None and said.state == "CLOSED":
            self._do_late(waiting, closed=True)
        return said

    def _reference(self) -> str:
        return new_id("sbx", now=self._clock.now(), entropy=self._entropy)

    def _do_late(self, ask: Ask, *, closed: bool = False) -> None:
        async def work() -> None:
            await asyncio.sleep(self.faults.late_ms / 1000)
            if closed:
                self.book.reopen(ask.value["payment"])
            self._do(ask)

        task = asyncio.create_task(work())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _signed(self, ask: Ask, said: Statement) -> Response:
        body = canonical_bytes(write_statement(said))
        place = Place("POST", ask.path, answers=ask.nonce, status=200)
        now = self._clock.now()
        headers = sign(self._identity, place, body, now=now, entropy=self._entropy)
        return Response(body, 200, headers, "application/json")


@dataclass(frozen=True, slots=True)
class Ask:
    """A verified request; `nth` counts those of its path and id."""

    path: str
    value: Mapping[str, Any]
    nonce: str
    nth: int

    @property
    def about(self) -> str:
        return f"{self.path} {self.value.get('refund') or self.value['payment']} {self.nth}"

    @property
    def forced(self) -> Fault | None:
        """The fault that the card of a first sending asks for."""
        return FAULTY_CARDS.get(self.value.get("card") or "") if self.nth == 1 else None


class _BillWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: BillKind
    day: date


class Silence(Response):
    """No answer at all: holds the connection until the caller lets go."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Cut(Response):
    """A connection that dies in the middle of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"state', "more_body": True})


def serve(host: str, port: int, settings: NetworkSettings) -> None:
    """Run the network in this process until it is told to stop."""
    network = Network(settings, clock=SystemClock(), entropy=SystemEntropy())
    uvicorn.Server(server_config(network.app, host, port)).run()


def server_config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """How the network is served: quietly, because cut connections are its trade."""
    return uvicorn.Config(
        app, host, port, log_config=None, log_level="critical", access_log=False,
        ws="none", lifespan="on", timeout_graceful_shutdown=1,
    )  # fmt: skip


def _unfinished(said: Statement) -> Statement:
    return replace(said, state="PROCESSING", reference=None, reason="processing")


def _read(path: str, body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("request_malformed") from None
    if type(value) is not dict or set(value) != _FIELDS[path]:
        raise Refused("request_malformed")
    texts = [value[name] for name in ("payment", "refund", "currency") if name in value]
    if value.get("card") is not None:
        texts.append(value["card"])
    amount = value.get("amount", 1)
    if (
        any(type(text) is not str or _TEXT.fullmatch(text) is None for text in texts)
        or type(amount) is not int
        or not 0 < amount <= MAX_MINOR
        or value.get("currency", "CNY") not in EXPONENTS
    ):
        raise Refused("request_malformed")
    return value
