"""The network of one life: the sandbox in this process, a line that fails, a post that errs.

A channel joins the simulation by another `Network` behind the same line and post.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.simulation.fate import Fate

from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.messages import NETWORK, Identity, Place, sign
from anfu.channels.sandbox.network import Network, NetworkSettings
from anfu.channels.sandbox.statements import Statement, write_statement
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy

_PAY, _CLOSE = "/v1/payments", "/v1/payments/close"
_OURS, _THEIRS, _FORGER = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 66)
)
MEMBER = Identity("anfu", _OURS, NETWORK, _THEIRS.public_key())
_PEER = Identity(NETWORK, _THEIRS, "anfu", _OURS.public_key())
_FORGED = Identity(NETWORK, _FORGER, "anfu", _OURS.public_key())
# A lost request arrives at the latest within the window of its signature.
_LATE_S = 240
_PAUSES_S = (2, 10, 60, 300, 1800)


Work = Callable[[], Coroutine[Any, Any, None]]


class Agenda(Protocol):
    """What happens later: `work` in `seconds`, whatever becomes of our processes."""

    def later(
        self, seconds: float, name: str, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it is posted to us, for the channel named."""

    channel: str
    headers: dict[str, str]
    body: bytes
    forged: bool = False


Bring = Callable[[Letter], Coroutine[Any, Any, bool]]


def path_of(channel: str) -> str:
    """Where a channel posts its notices to."""
    return f"/v1/channels/{channel}/notices"


class Line(httpx.AsyncBaseTransport):
    """The line to the network. Fails before, in the middle and after."""

    def __init__(self, outpost: Outpost, fate: Fate, agenda: Agenda) -> None:
        self._outpost = outpost
        self._inner = httpx.ASGITransport(outpost.network.app)
        self._fate, self._agenda = fate, agenda
        self._wanted: dict[str, dict[str, Any]] = {}
        self.faults: tuple[Callable[[httpx.Request], Coroutine[Any, Any, httpx.Response]], ...] = (
            self._refused, self._lost, self._late, self._unanswered, self._broken, self._garbled,
        )  # fmt: skip

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fate = self._fate
        fate.point("before the network is called")
        content = await request.aread()
        if request.url.path == _PAY:
            asked = msgspec.json.decode(content)
            self._wanted[asked["payment"]] = asked
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
        if request.url.path == _CLOSE and self._fate.strikes(self._fate.rates.line / 2):
            self._pays_anyway(msgspec.json.decode(request.content)["payment"])
        return _answer(answer.status_code, body, answer.headers)

    def _pays_anyway(self, number: str) -> None:
        """The network takes the money of an order that it has closed: a late success."""
        book, asked = self._outpost.network.book, self._wanted.get(number)

        async def capture() -> None:
            if asked is not None and book.payment(number).state == "CLOSED":
                said = Statement(
                    number, None, "PAID", "sbx_late", None, asked["amount"], asked["currency"]
                )
                book._remember(said, asked["card"], self._outpost.now())
                self._fate.trace("paid after its close", number)
                self._outpost.untrue.add(number)
                self._outpost.post.certainly(said)

        after = self._fate.dice.uniform(1, 300)
        self._agenda.later(after, f"{self._outpost.name} pays after its close", capture)

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
        body = await answer.aread()
        other = body.replace(b"DECLINED", b"PAID").replace(b"NOT_FOUND", b"CLOSED")
        return _answer(200, other if other != body else body[:-1] + b" }", answer.headers)


def _answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


class Post:
    """The network's notices: `bring` hands one to us, and says whether we took it."""

    def __init__(
        self, channel: str, fate: Fate, agenda: Agenda, clock: ManualClock, bring: Bring
    ) -> None:
        self._channel = channel
        self._fate, self._agenda, self._clock, self._bring = fate, agenda, clock, bring
        self._entropy = SeededEntropy(fate.dice.getrandbits(32))

    def send(self, said: Statement, _faults: Faults, _forced: Fault | None) -> None:
        """What the network calls for each final result."""
        fate = self._fate
        troubled = [fate.strikes(fate.rates.post / 3) for _ in range(5)]
        lost, wrong, repeated, again, forged = troubled
        if any(troubled):
            fate.trace("post of the network", said.state)
        if forged:
            self._post(replace(said, state="PAID"), 0.1, identity=_FORGED)
        if lost:
            return
        if wrong and said.amount is not None:
            self._post(replace(said, amount=said.amount + 1), 0.1)
        self._post(said, fate.dice.expovariate(0.2), copies=2 if repeated else 1)
        if again:
            self._post(said, fate.dice.expovariate(0.02))

    def certainly(self, said: Statement) -> None:
        """Of what nobody asks for any more, the notice comes until it is taken."""
        self._post(said, 1, most=1_000)

    async def aclose(self) -> None:
        """Nothing is open."""

    def _post(
        self, said: Statement, seconds: float, *, copies: int = 1, identity: Identity = _PEER,
        attempt: int = 0, most: int = len(_PAUSES_S),
    ) -> None:  # fmt: skip
        async def bring() -> None:
            body = canonical_bytes(write_statement(said))
            now = self._clock.now()
            place = Place("POST", path_of(self._channel))
            headers = sign(identity, place, body, now=now, entropy=self._entropy)
            letter = Letter(self._channel, headers, body, forged=identity is _FORGED)
            taken = False
            try:
                taken = await self._bring(letter)
            finally:  # whoever is killed while it reads has not taken it
                if copies > 1:
                    after = self._fate.dice.uniform(0.1, 200)
                    self._agenda.later(after, "notice, the same again", lambda: self._same(letter))
                if not taken and identity is _PEER and attempt < most:
                    pause = _PAUSES_S[min(attempt, len(_PAUSES_S) - 1)]
                    self._post(said, pause, attempt=attempt + 1, most=most)

        about = said.refund or said.payment
        self._agenda.later(seconds, f"notice {said.state} {about}", bring)

    async def _same(self, letter: Letter) -> None:
        await self._bring(letter)


class Outpost:
    """One network, and everything between it and us; it outlives our processes. `untrue`: the
    numbers whose money it took though it had said that they were closed."""

    def __init__(
        self, name: str, fate: Fate, agenda: Agenda, clock: ManualClock, bring: Bring
    ) -> None:
        self.name, self._clock = name, clock
        self.untrue: set[str] = set()
        self.post = Post(name, fate, agenda, clock, bring)
        dice = fate.dice
        rates = {Fault.DECLINE: dice.choice((0, 0.2)), Fault.PROCESSING: dice.choice((0, 0.3))}
        faults = Faults(seed=dice.getrandbits(32), rates=rates)
        entropy = SeededEntropy(dice.getrandbits(32))
        self.network = Network(NetworkSettings(_PEER, None, faults), clock=clock, entropy=entropy)
        self.network._courier = self.post  # type: ignore[assignment]
        self.line = Line(self, fate, agenda)

    def now(self) -> datetime:
        return self._clock.now()

    def channel(self, entropy: SeededEntropy) -> SandboxChannel:
        """Our end of the line, for one process."""
        link = Link(f"http://{self.name}", timeout_s=30, connections=1)
        return SandboxChannel(link, MEMBER, clock=self._clock, entropy=entropy, transport=self.line)
