"""The line to a network: fails before, in the middle and after; and what a network does late."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from starlette.types import ASGIApp
from tests.simulation.fate import Fate

from anfu.kernel.clock import ManualClock

# A lost request arrives at the latest within the window of its signature.
_LATE_S = 240
# What an answer is changed into on its way.
_OTHER = ((b"DECLINED", b"PAID"), (b"NOT_FOUND", b"CLOSED"), (b"NOTPAY", b"SUCCESS"))
Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it is posted to us, for the channel named."""

    channel: str
    headers: dict[str, str]
    body: bytes
    forged: bool = False


class Agenda(Protocol):
    """What a network sees of a life. `is_billed`: its bill will tell us in the end."""

    clock: ManualClock
    is_billed: bool

    def later(self, seconds: float, name: str, work: Work) -> None:
        """Let `work` happen in `seconds`, whatever becomes of our processes."""

    async def bring(self, letter: Letter) -> bool:
        """Hand us a notice; whether it was taken."""


class End(Protocol):
    """The network's end of a line."""

    name: str

    @property
    def app(self) -> ASGIApp: ...

    def asked(self, request: httpx.Request) -> None:
        """A request has been made, whether or not it arrives."""

    def closed(self, request: httpx.Request) -> str | None:
        """The number of the order that a request has closed, None for any other request."""

    def take_closed(self, number: str) -> bool:
        """Take the money of an order that is closed; whether there was one."""


class Line(httpx.AsyncBaseTransport):
    """To the network `end`."""

    def __init__(self, end: End, fate: Fate, agenda: Agenda) -> None:
        self._end, self._fate, self._agenda = end, fate, agenda
        self._inner = httpx.ASGITransport(end.app)
        self.faults: tuple[Callable[[httpx.Request], Coroutine[Any, Any, httpx.Response]], ...] = (
            self._refused, self._lost, self._late, self._unanswered, self._broken, self._garbled,
        )  # fmt: skip

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fate = self._fate
        fate.point("before the network is called")
        await request.aread()
        self._end.asked(request)
        deliver = self._deliver
        if fate.strikes(fate.rates.line):
            deliver = fate.dice.choice(self.faults)
            fate.trace("line to the network", f"{deliver.__name__} {request.url.path}")
        try:
            return await deliver(request)
        finally:
            fate.point("after the network was called")

    async def _deliver(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        number = self._end.closed(request)
        if number is not None and self._fate.strikes(self._fate.rates.line / 2):
            self._pays_anyway(number)
        return _answer(answer.status_code, body, answer.headers)

    def _pays_anyway(self, number: str) -> None:
        """The network takes the money of an order that it has closed: a late success."""

        async def take() -> None:
            if self._end.take_closed(number):
                self._fate.trace("paid after its close", number)

        after = self._fate.dice.uniform(1, 300)
        self._agenda.later(after, f"{self._end.name} pays after its close", take)

    async def _refused(self, _request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async def _lost(self, _request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("lost")

    async def _late(self, request: httpx.Request) -> httpx.Response:
        async def arrive() -> None:
            await self._deliver(request)

        after = self._fate.dice.uniform(1, _LATE_S)
        self._agenda.later(after, f"arrives late: {request.url.path}", arrive)
        raise httpx.ReadTimeout("late")

    async def _unanswered(self, request: httpx.Request) -> httpx.Response:
        await self._deliver(request)
        raise httpx.ReadError("cut")

    async def _broken(self, request: httpx.Request) -> httpx.Response:
        if self._fate.strikes(0.5):
            await self._deliver(request)
        return _answer(503, b"unavailable")

    async def _garbled(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = other = await answer.aread()
        for said, changed in _OTHER:
            other = other.replace(said, changed)
        return _answer(200, other if other != body else body[:-1] + b" }", answer.headers)


def _answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))
