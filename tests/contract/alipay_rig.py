"""A rig: the simulated Alipay in process, its member, and an inbox for its notices."""

from __future__ import annotations

import functools
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from anfu.channels.alipay.bills import AlipayBills
from anfu.channels.alipay.client import AlipayChannel
from anfu.channels.alipay.member import Member, Mode, read_member
from anfu.channels.alipay.notices import AlipayNotices
from anfu.channels.alipay.simulator.faults import WireFault, WireFaults
from anfu.channels.alipay.simulator.keys import NetworkKeys, provision
from anfu.channels.alipay.simulator.network import Simulator
from anfu.channels.port import (
    ChannelAnswer,
    ChannelOrder,
    ChannelRefund,
    Notice,
    Scene,
)
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import SeededEntropy

Section = dict[str, object]
DONE, NOT_DONE, UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
URL = "http://127.0.0.1:9"
NUMBER, REFUND_NUMBER = "pay_1", "rfd_1"
PAYER_CODE = "281234567890128888"
ORDER = ChannelOrder(
    NUMBER, 1234, "CNY", None, NOW,
    first=True, scene=Scene.PAYER_CODE, subject="茶/咖啡", code=PAYER_CODE,
)  # fmt: skip
REFUND = ChannelRefund(REFUND_NUMBER, NUMBER, 1000, "CNY", NOW, 1234, first=True)


@functools.cache
def provisioned(mode: Mode) -> tuple[Path, Section]:
    """The keys of both ends, made once; a test that rotates works on a copy."""
    folder = Path(tempfile.mkdtemp(prefix="alipay-"))
    gateway, notify_url = f"{URL}/gateway.do", f"{URL}/notices/alipay"
    return folder, provision(folder, mode, gateway=gateway, notify_url=notify_url)


@functools.cache
def _ends(mode: Mode) -> tuple[Path, Member, NetworkKeys]:
    folder, section = provisioned(mode)
    return folder, read_member(section, folder), NetworkKeys(folder)


@dataclass
class Rig:
    channel: AlipayChannel
    simulator: Simulator
    member: Member
    clock: ManualClock
    mail: list[bytes]
    folder: Path
    taking: bool = True

    def fail(self, *faults: Fault | WireFault) -> None:
        """From now on everything meets these faults; nothing without any."""
        ours = {fault: 1.0 for fault in faults if isinstance(fault, WireFault)}
        theirs = {fault: 1.0 for fault in faults if isinstance(fault, Fault)}
        self.simulator.faults = WireFaults(Faults(rates=theirs, late_ms=1), ours)

    def later(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))

    def other(self, transport: httpx.AsyncBaseTransport) -> AlipayChannel:
        return _channel(self.member, self.clock, transport)

    @property
    def bills(self) -> AlipayBills:
        transport = httpx.ASGITransport(self.simulator.app)
        return AlipayBills(
            self.member, clock=self.clock, entropy=SeededEntropy(5), transport=transport
        )

    async def notices(self) -> list[Notice]:
        """What has come since we asked last, read."""
        await self.simulator.courier.turn()
        came, self.mail[:] = list(self.mail), []
        return [self.read(body) for body in came]

    def read(self, body: bytes) -> Notice:
        return AlipayNotices(self.member).read("/notices/alipay", {}, body, now=self.clock.now())


def make_rig(mode: Mode = Mode.KEY, *, copy: Path | None = None) -> Rig:
    """A rig over the shared keys, or over a copy of them in an empty folder."""
    folder, member, keys = _ends(mode)
    if copy is not None:
        shutil.copytree(folder, copy)
        folder, member, keys = copy, read_member(provisioned(mode)[1], copy), NetworkKeys(copy)
    clock, mail = ManualClock(NOW), list[bytes]()
    rig: Rig

    def inbox(request: httpx.Request) -> httpx.Response:
        mail.append(request.content)
        return httpx.Response(200, text="success" if rig.taking else "fail")

    simulator = Simulator(
        keys, clock=clock, entropy=SeededEntropy(1), notify_transport=httpx.MockTransport(inbox)
    )
    member = replace(member, timeout_s=0.2)
    channel = _channel(member, clock, httpx.ASGITransport(simulator.app))
    rig = Rig(channel, simulator, member, clock, mail, folder)
    return rig


def said(answer: ChannelAnswer) -> tuple[Outcome, str | None]:
    return answer.outcome, answer.reason


def _channel(
    member: Member, clock: ManualClock, transport: httpx.AsyncBaseTransport
) -> AlipayChannel:
    return AlipayChannel(member, clock=clock, entropy=SeededEntropy(2), transport=transport)
