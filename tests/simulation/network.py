"""The sandbox network of one life, in process, behind a line that fails and a post that errs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.types import ASGIApp
from tests.simulation.fate import Fate
from tests.simulation.line import Agenda, Letter, Line

from anfu.channels.sandbox.bills import SandboxBills
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.messages import NETWORK, Identity, Place, sign
from anfu.channels.sandbox.network import Network, NetworkSettings
from anfu.channels.sandbox.statements import Statement, write_statement
from anfu.channels.signed import SignedLine
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.ids import SeededEntropy

_PAY, _CLOSE = "/v1/payments", "/v1/payments/close"
_OURS, _THEIRS, _FORGER = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 66)
)
MEMBER = Identity("anfu", _OURS, NETWORK, _THEIRS.public_key())
_PEER = Identity(NETWORK, _THEIRS, "anfu", _OURS.public_key())
_FORGED = Identity(NETWORK, _FORGER, "anfu", _OURS.public_key())
_PAUSES_S = (2, 10, 60, 300, 1800)


class Said(Protocol):
    """What a network says of a payment (PAID) or a refund (REFUNDED)."""

    @property
    def state(self) -> str: ...

    @property
    def amount(self) -> int | None: ...


class Book(Protocol):
    """What a network has done, by our numbers."""

    def payment(self, id: str) -> Said: ...  # noqa: A002

    def refund_of(self, id: str) -> Said: ...  # noqa: A002


def path_of(channel: str) -> str:
    """Where a channel posts its notices to."""
    return f"/v1/channels/{channel}/notices"


class Post:
    """The network's notices."""

    def __init__(self, channel: str, fate: Fate, agenda: Agenda) -> None:
        self._channel, self._fate, self._agenda = channel, fate, agenda
        self._bring, self._clock = agenda.bring, agenda.clock
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

    def __init__(self, name: str, fate: Fate, agenda: Agenda) -> None:
        self.name, self._fate, self._agenda = name, fate, agenda
        self._clock = clock = agenda.clock
        self.untrue: set[str] = set()
        self.post = Post(name, fate, agenda)
        dice = fate.dice
        rates = {Fault.DECLINE: dice.choice((0, 0.2)), Fault.PROCESSING: dice.choice((0, 0.3))}
        faults = Faults(seed=dice.getrandbits(32), rates=rates)
        entropy = SeededEntropy(dice.getrandbits(32))
        self.network = Network(NetworkSettings(_PEER, None, faults), clock=clock, entropy=entropy)
        self.network._courier = self.post  # type: ignore[assignment]
        self._wanted: dict[str, dict[str, Any]] = {}
        self.line = Line(self, fate, agenda)

    @property
    def app(self) -> ASGIApp:
        return self.network.app

    @property
    def book(self) -> Book:
        return self.network.book

    def asked(self, request: httpx.Request) -> None:
        """As `End.asked`."""
        if request.url.path == _PAY:
            wanted = msgspec.json.decode(request.content)
            self._wanted[wanted["payment"]] = wanted

    def closed(self, request: httpx.Request) -> str | None:
        """As `End.closed`."""
        if request.url.path != _CLOSE:
            return None
        return str(msgspec.json.decode(request.content)["payment"])

    def take_closed(self, number: str) -> bool:
        """As `End.take_closed`. Nobody asks about it any more: unless the bill will tell, its
        notice comes until it is taken."""
        book, asked = self.network.book, self._wanted.get(number)
        if asked is None or book.payment(number).state != "CLOSED":
            return False
        said = Statement(number, None, "PAID", "sbx_late", None, asked["amount"], asked["currency"])
        book._remember(said, asked["card"], self._clock.now())
        self.untrue.add(number)
        if self._agenda.is_billed:
            self.post.send(said, self.network.faults, None)
        else:
            self.post.certainly(said)
        return True

    def channel(self, entropy: SeededEntropy) -> SandboxChannel:
        """Our end of the line, for one process."""
        link = Link(f"http://{self.name}", timeout_s=30, connections=1)
        return SandboxChannel(link, MEMBER, clock=self._clock, entropy=entropy, transport=self.line)

    def bills(self, entropy: SeededEntropy) -> SandboxBills:
        """What it says that it has done, over a line that holds."""
        wire = httpx.ASGITransport(self.app)
        return SandboxBills(
            SignedLine(
                f"http://{self.name}", MEMBER, clock=self._clock, entropy=entropy, transport=wire
            )
        )
