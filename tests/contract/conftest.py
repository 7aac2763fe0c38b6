"""A rig: the sandbox network over real HTTP on loopback, its member and its inbox."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Notice
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.channels.sandbox.network import Network, NetworkSettings, server_config
from anfu.channels.sandbox.notices import SandboxNotices
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import SeededEntropy

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ORDER = ChannelOrder("pay_1", 1234, "CNY", "tok_good", NOW)
REFUND = ChannelRefund("rfd_1", "pay_1", 1000, "CNY", NOW, 1234)
DONE, NOT_DONE, UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN

_network_key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_member_key = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
MEMBER = Identity("anfu", _member_key, NETWORK, _network_key.public_key())
PEER = Identity(NETWORK, _network_key, "anfu", _member_key.public_key())


@contextmanager
def listening(app: ASGIApp, bound: socket.socket) -> Iterator[None]:
    """The application served by a thread of its own until the block ends."""
    server = uvicorn.Server(server_config(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started:
        time.sleep(0.002)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


class Inbox:
    """Receives notices as the application's door would: it keeps headers and body."""

    def __init__(self) -> None:
        self.mail: list[tuple[dict[str, str], bytes]] = []

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.mail.append((dict(request.headers), await request.body()))
        await Response(status_code=204)(scope, receive, send)

    async def wait(self, count: int) -> list[Notice]:
        for _ in range(1000):
            if len(self.mail) >= count:
                return [self.read(i) for i in range(len(self.mail))]
            await asyncio.sleep(0.005)
        raise TimeoutError

    def read(self, place: int, now: datetime = NOW) -> Notice:
        return SandboxNotices(MEMBER).read("/notices/sandbox", *self.mail[place], now=now)


@dataclass
class Rig:
    channel: SandboxChannel
    network: Network
    clock: ManualClock
    inbox: Inbox
    url: str

    def fail(self, *faults: Fault, **more: Any) -> None:
        """From now on every request meets these faults; none without any."""
        self.network.faults = Faults(rates=dict.fromkeys(faults, 1.0), **more)

    def other(self, transport: httpx.AsyncBaseTransport, timeout_s: float = 5) -> SandboxChannel:
        link = Link(self.url, timeout_s)
        entropy = SeededEntropy(9)
        return SandboxChannel(link, MEMBER, clock=self.clock, entropy=entropy, transport=transport)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    clock, inbox = ManualClock(NOW), Inbox()
    with socket.create_server(("127.0.0.1", 0)) as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        settings = NetworkSettings(PEER, f"{url}/notices/sandbox")
        network = Network(settings, clock=ManualClock(NOW), entropy=SeededEntropy(1))

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            notice = scope.get("path") == "/notices/sandbox"
            await (inbox.take if notice else network.app)(scope, receive, send)

        with listening(app, bound):
            link = Link(url, timeout_s=0.3)
            channel = SandboxChannel(link, MEMBER, clock=clock, entropy=SeededEntropy(2))
            yield Rig(channel, network, clock, inbox, url)
            await channel.aclose()


def said(answer: ChannelAnswer) -> tuple[Outcome, str | None]:
    return answer.outcome, answer.reason
