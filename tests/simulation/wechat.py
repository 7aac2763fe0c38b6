"""The network at which payers have to act: WeChat Pay's simulator, behind the same line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
from starlette.types import ASGIApp
from tests.simulation.fate import Crash, Fate
from tests.simulation.line import Agenda, Letter, Line

from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.wechat.bills import WechatBills
from anfu.channels.wechat.client import WechatChannel
from anfu.channels.wechat.member import Member, read_member
from anfu.channels.wechat.provision import provision
from anfu.channels.wechat.simulator.funds import Movement
from anfu.channels.wechat.simulator.network import Simulator
from anfu.channels.wechat.simulator.orders import PAID, RefundState, TradeState
from anfu.channels.wechat.simulator.peer import Peer, read_peer
from anfu.channels.wechat.simulator.troubles import Troubles
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy

NAME = "wechat"
_URL, _NOTIFY = "https://wechat.example", "https://anfu.example/v1/channels/wechat/notices"
_ENDED = re.compile(r"/v3/pay/transactions/out-trade-no/([\w-]+)/close")
# What stood on our account before, so that fees keep no refund from going.
_FLOAT = 10_000_000


@dataclass(frozen=True, slots=True)
class Membership:
    """Both ends' keys, made once: they say nothing about a life."""

    member: Member
    peer: Peer


@asynccontextmanager
async def join(folder: Path, clock: ManualClock) -> AsyncIterator[Membership]:
    """A membership whose keys lie in `folder`, and the network's certificate with them."""
    entropy, now = SeededEntropy(4), clock.now()
    section = provision(folder, url=_URL, notify_url=_NOTIFY, now=now, entropy=entropy)
    joined = Membership(
        read_member(section, folder), read_peer(section, folder, now=now, entropy=entropy)
    )
    wire = httpx.ASGITransport(Simulator(joined.peer, clock=clock, entropy=entropy).app)
    channel = WechatChannel(joined.member, clock=clock, entropy=entropy, transport=wire)
    await channel.renew_certificates()
    yield joined
    await channel.aclose()


class Said(NamedTuple):
    """As `network.Said`."""

    state: str
    amount: int | None


class Orders:
    """As `network.Book`."""

    def __init__(self, simulator: Simulator) -> None:
        self._orders = simulator.desk.orders

    def payment(self, id: str) -> Said:  # noqa: A002
        order = self._orders.all.get(id)
        if order is None:
            return Said("NOT_FOUND", None)
        return Said("PAID" if order.state in PAID else order.state, order.wanted.total)

    def refund_of(self, id: str) -> Said:  # noqa: A002
        found = self._orders.find_refund(id)
        if found is None:
            return Said("NOT_FOUND", None)
        done = found[1].state is RefundState.SUCCESS
        return Said("REFUNDED" if done else found[1].state, found[1].amount)


class Counter:
    """As `network.Outpost`; its notices go by the simulator's own courier."""

    name = NAME

    def __init__(self, joined: Membership, fate: Fate, agenda: Agenda) -> None:
        self.untrue: set[str] = set()
        self._member, self._clock = joined.member, agenda.clock
        clock, dice, post = agenda.clock, fate.dice, fate.rates.post / 3
        # What nobody asks for any more is told by the notice, or else by the bill.
        kinds = {Fault.WRONG_AMOUNT, Fault.REPEAT_NOTICE, Fault.PROCESSING}
        kinds |= {Fault.LOSE_NOTICE} if agenda.is_billed else set()
        faults = Faults(seed=dice.getrandbits(32), rates=dict.fromkeys(kinds, post))
        self._mail = Mail(agenda)
        self.simulator = Simulator(
            joined.peer, clock=clock, entropy=SeededEntropy(dice.getrandbits(32)),
            troubles=Troubles(faults), notices=self._mail,
        )  # fmt: skip
        self._mail.serve(self.simulator)
        before = clock.now() - timedelta(days=1)
        self.simulator.desk.funds.movements.append(
            Movement(before, "充值", "float", "float", _FLOAT, _FLOAT)
        )
        self.book = Orders(self.simulator)
        self.line = Line(self, fate, agenda)

    @property
    def app(self) -> ASGIApp:
        return self.simulator.app

    def asked(self, request: httpx.Request) -> None:
        """As `End.asked`: nothing is needed of it."""

    def closed(self, request: httpx.Request) -> str | None:
        """As `End.closed`."""
        found = _ENDED.fullmatch(request.url.path)
        return None if found is None else found[1]

    def take_closed(self, number: str) -> bool:
        """As `End.take_closed`."""
        desk, now = self.simulator.desk, self._clock.now()
        order = desk.orders.find(number, now=now)
        if order is None or order.state is not TradeState.CLOSED:
            return False
        desk.orders.pay(order, now=now)
        desk.paid(order)
        self.untrue.add(number)
        return True

    def channel(self, entropy: SeededEntropy) -> WechatChannel:
        """Our end of the line, for one process."""
        return WechatChannel(self._member, clock=self._clock, entropy=entropy, transport=self.line)

    def bills(self, entropy: SeededEntropy) -> WechatBills:
        """What it says that it has done, over a line that holds."""
        wire = httpx.ASGITransport(self.app)
        return WechatBills(self._member, clock=self._clock, entropy=entropy, transport=wire)


class Mail(httpx.AsyncBaseTransport):
    """The wire of the notices, and the turns of the courier that brings them."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda, self._clock, self._bring = agenda, agenda.clock, agenda.bring
        self._killed: Crash | None = None

    def serve(self, simulator: Simulator) -> None:
        """Turn the courier of `simulator` from now on."""
        self._courier = simulator.courier
        send = self._courier.send

        def sent(*args: object) -> None:
            send(*args)  # type: ignore[arg-type]
            self._turn_later()

        self._courier.send = sent  # type: ignore[assignment, method-assign]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        letter = Letter(NAME, dict(request.headers), await request.aread())
        try:
            taken = await self._bring(letter)
        except Crash as crash:  # whoever is killed while it reads has not taken it
            taken, self._killed = False, crash
        return httpx.Response(200 if taken else 503)

    def _turn_later(self) -> None:
        due = min((delivery.due for delivery in self._courier._waiting), default=None)
        if due is not None:
            after = max(0.5, (due - self._clock.now()).total_seconds())
            self._agenda.later(after, f"notice of {NAME}", self._turn)

    async def _turn(self) -> None:
        brought = await self._courier.turn()
        if brought:
            self._turn_later()
        if self._killed is not None:
            killed, self._killed = self._killed, None
            raise killed
