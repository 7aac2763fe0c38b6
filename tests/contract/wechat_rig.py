"""A rig for WeChat Pay: the simulator in this process, its member and its inbox."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Notice, Scene
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.wechat.bills import WechatBills
from anfu.channels.wechat.client import WechatChannel
from anfu.channels.wechat.member import Member, read_member
from anfu.channels.wechat.notices import WechatNotices
from anfu.channels.wechat.provision import provision
from anfu.channels.wechat.simulator.network import Simulator
from anfu.channels.wechat.simulator.peer import Peer, Platform, read_peer
from anfu.channels.wechat.simulator.troubles import Trouble, Troubles
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import SeededEntropy

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
URL = "http://localhost:9001"
NOTIFY_URL = "http://localhost:8000/v1/notices/wechat"
LOST = (Fault.LOSE_REQUEST, Fault.LOSE_ANSWER)
DONE, NOT_DONE, UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN
NUMBER = "pay_01kb0000000000000000000001"
ORDER = ChannelOrder(
    NUMBER,
    1234,
    "CNY",
    None,
    NOW,
    first=True,
    scene=Scene.MINI_PROGRAM,
    subject="茶 & <tea>",
    payer="oPayer",
    address="198.51.100.7",
)
NATIVE = replace(ORDER, scene=Scene.DYNAMIC_CODE)
CODE = replace(ORDER, scene=Scene.PAYER_CODE, code="130061098828009406")
REFUND = ChannelRefund("rfd_01kb0000000000000000000001", NUMBER, 1000, "CNY", NOW, 1234, first=True)


@functools.cache
def provisioned() -> tuple[Path, Member, Peer]:
    """One set of key files for all tests, read once: RSA keys take their time."""
    folder = Path(tempfile.mkdtemp(prefix="wechat-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    entropy = SeededEntropy(5)
    section = provision(folder, url=URL, notify_url=NOTIFY_URL, now=NOW, entropy=entropy)
    peer = read_peer(section, folder, now=NOW, entropy=entropy)
    keep_certificate(folder, peer.platforms[0])
    return folder, read_member(section, folder), peer


def keep_certificate(folder: Path, platform: Platform) -> None:
    """Lay it among the network's keys that the member holds."""
    content = platform.certificate.public_bytes(Encoding.PEM)
    (folder / "network" / f"{platform.serial}.pem").write_bytes(content)


class Inbox:
    """Receives notices as the application's door would; `status` is what it answers."""

    def __init__(self) -> None:
        self.mail: list[tuple[dict[str, str], bytes]] = []
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.mail.append((dict(request.headers), await request.body()))
        await Response(status_code=self.status)(scope, receive, send)


class Tap(httpx.AsyncBaseTransport):
    """The wire to the simulator: keeps what passes, and may lose it or put something else in its
    place. What it loses times out at once."""

    def __init__(self, simulator: Simulator) -> None:
        self._inner = httpx.ASGITransport(simulator.app)
        self.sent: list[httpx.Request] = []
        self.forge: Any = None
        self.lost: Fault | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.sent.append(request)
        if self.lost is Fault.LOSE_REQUEST:
            raise httpx.ReadTimeout("lost")
        response = await self._inner.handle_async_request(request)
        if self.lost is Fault.LOSE_ANSWER:
            raise httpx.ReadTimeout("lost")
        return response if self.forge is None else await self.forge(response)


@dataclass
class Rig:
    member: Member
    simulator: Simulator
    channel: WechatChannel
    bills: WechatBills
    clock: ManualClock
    inbox: Inbox
    tap: Tap

    def fail(self, *hit: Fault | Trouble, **more: Any) -> None:
        """From now on every request meets these; none without any."""
        self.tap.lost = next((one for one in hit if one in LOST), None)
        hit = tuple(one for one in hit if one not in LOST)
        faults = Faults(rates={one: 1.0 for one in hit if isinstance(one, Fault)}, **more)
        rates = {one: 1.0 for one in hit if isinstance(one, Trouble)}
        self.simulator.trouble(Troubles(faults, rates))

    @property
    def hasty(self) -> WechatChannel:
        """The channel with no patience, for a simulator that keeps silent."""
        member = replace(self.member, timeout_s=0.05)
        return WechatChannel(member, clock=self.clock, entropy=SeededEntropy(9), transport=self.tap)

    async def notices(self) -> list[Notice]:
        """What the inbox has got, verified, once the courier has turned."""
        await self.simulator.courier.turn()
        return [self.read(place) for place in range(len(self.inbox.mail))]

    def read(self, place: int) -> Notice:
        headers, body = self.inbox.mail[place]
        reader = WechatNotices(self.member)
        return reader.read("/v1/notices/wechat", headers, body, now=self.clock.now())

    async def paid(self, order: ChannelOrder = NATIVE) -> ChannelAnswer:
        """The order, paid by its payer."""
        await self.channel.pay(order)
        assert self.simulator.payer.pay(order.payment)
        return await self.channel.query(order)


def make_rig(folder: Path | None = None, **changes: Any) -> Rig:
    """A rig; with a folder it has key files of its own there, for tests that change them."""
    source, member, peer = provisioned()
    if folder is not None:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        changes["keys"] = KeyFiles(folder)
    member = replace(member, **changes)
    clock, inbox = ManualClock(NOW), Inbox()
    simulator = Simulator(
        replace(peer, platforms=list(peer.platforms)),
        clock=clock,
        entropy=SeededEntropy(7),
        notices=httpx.ASGITransport(inbox),
    )
    tap = Tap(simulator)
    ends: dict[str, Any] = {"clock": clock, "entropy": SeededEntropy(8), "transport": tap}
    channel, bills = WechatChannel(member, **ends), WechatBills(member, **ends)
    return Rig(member, simulator, channel, bills, clock, inbox, tap)


def said(answer: ChannelAnswer) -> tuple[Outcome, str | None]:
    return answer.outcome, answer.reason
