"""Both ends of the line to UnionPay: keys made once, a member, the made-up network in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Scene
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.unionpay.client import UnionpayChannel
from anfu.channels.unionpay.member import Member, read_member
from anfu.channels.unionpay.notices import UnionpayNotices
from anfu.channels.unionpay.simulator.keys import NetworkKeys, provision, read_network
from anfu.channels.unionpay.simulator.mishaps import Mishap, Mishaps
from anfu.channels.unionpay.simulator.network import Simulator
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import SeededEntropy

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ORIGIN, NOTIFY = "http://unionpay.test", "http://anfu.test/v1/notices/unionpay"
NUMBER = "pay_01hf0000000000000000000000"
BACK = "rfd_01hf0000000000000000000000"
DONE, NOT_DONE, UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN
ORDER = ChannelOrder(
    NUMBER, 1234, "CNY", "tok_good", NOW, subject="一杯茶", return_url="https://shop.test/thanks"
)
CODE = "62" + "1" * 17


@dataclass(frozen=True)
class Ends:
    """The key files of a `provision`; the folder is copied before a test changes it."""

    folder: Path
    member: Member
    network: NetworkKeys


@pytest.fixture(scope="session")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    folder = tmp_path_factory.mktemp("unionpay")
    section = provision(folder, origin=ORIGIN, notify_url=NOTIFY, now=NOW)
    member = replace(read_member(section, folder), answer_s=0.5, requester="99988877766")
    return Ends(folder, member, read_network(folder))


class Inbox:
    """Takes notices as the application's door would; `status` is what it answers."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.bodies.append(await Request(scope, receive).body())
        await Response(b"ok", self.status)(scope, receive, send)


class Wire(httpx.AsyncBaseTransport):
    """To the simulator in process; keeps what was sent, and breaks or changes it when told to."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)
        self.sent: list[httpx.Request] = []
        self.error: type[httpx.TransportError] | None = None
        self.lost_answer = False
        self.change: Any = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if self.error is not None and not self.lost_answer:
            raise self.error("broken")
        response = await self._inner.handle_async_request(request)
        if self.error is not None:
            raise self.error("broken")
        if self.change is None:
            return response
        status, body = self.change(response.status_code, await response.aread())
        return httpx.Response(status, stream=httpx.ByteStream(body))


@dataclass
class Rig:
    channel: UnionpayChannel
    network: Simulator
    clock: ManualClock
    wire: Wire
    inbox: Inbox
    member: Member
    keys: NetworkKeys = field(repr=False)

    def fail(self, *faults: Fault, seed: int = 0, **more: Any) -> None:
        """From now on every request meets these faults; none without any."""
        struck = Faults(seed=seed, rates=dict.fromkeys(faults, 1.0), **more)
        self.network.faults = struck

    def mishap(self, *mishaps: Mishap) -> None:
        rates: Mapping[Mishap, float] = dict.fromkeys(mishaps, 1.0)
        self.network.mishaps = Mishaps(self.network.mishaps.faults, rates)

    def notices(self) -> UnionpayNotices:
        return UnionpayNotices(self.member)

    def pass_by(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))


@pytest.fixture
async def rig(ends: Ends) -> AsyncIterator[Rig]:
    clock, inbox = ManualClock(NOW), Inbox()
    network = Simulator(
        ends.network,
        clock=clock,
        entropy=SeededEntropy(1),
        transport=httpx.ASGITransport(inbox.app),
    )
    wire = Wire(network.app)
    channel = UnionpayChannel(ends.member, clock=clock, entropy=SeededEntropy(2), transport=wire)
    yield Rig(channel, network, clock, wire, inbox, ends.member, ends.network)
    await channel.aclose()


def order(scene: Scene, **more: Any) -> ChannelOrder:
    code = CODE if scene is Scene.PAYER_CODE else None
    return replace(ORDER, **{"scene": scene, "code": code, **more})


def refund_of(paid: ChannelAnswer, **more: Any) -> ChannelRefund:
    refund = ChannelRefund(BACK, NUMBER, 1000, "CNY", NOW, 1234, paid.reference)
    return replace(refund, **more)


def said(answer: ChannelAnswer) -> tuple[Outcome, str | None]:
    return answer.outcome, answer.reason
