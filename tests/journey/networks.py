"""A house that is a member of the three networks, made up on the real wire, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from tests.journey.conftest import House

from anfu.app.networks import read_plan
from anfu.channels.alipay.bills import AlipayBills
from anfu.channels.alipay.client import AlipayChannel
from anfu.channels.alipay.member import read_member as read_alipay
from anfu.channels.alipay.notices import AlipayNotices
from anfu.channels.port import Channel, NoticeReader
from anfu.channels.unionpay.bills import UnionpayBills
from anfu.channels.unionpay.client import UnionpayChannel
from anfu.channels.unionpay.member import read_member as read_unionpay
from anfu.channels.unionpay.notices import UnionpayNotices
from anfu.channels.wechat.bills import WechatBills
from anfu.channels.wechat.client import WechatChannel
from anfu.channels.wechat.member import read_member as read_wechat
from anfu.channels.wechat.notices import WechatNotices
from anfu.kernel.ids import SeededEntropy
from anfu.ledger.operations import open_accounts
from anfu.payments.fund import institution_accounts
from anfu.payments.health import Health
from anfu.simulation.networks import NAMES, Networks, Place, build, provision

ORIGINS = {name: f"https://{name}.example" for name in NAMES}
READERS = {"wechat": read_wechat, "alipay": read_alipay, "unionpay": read_unionpay}
PARTS: dict[str, tuple[Any, Any, Any]] = {
    "wechat": (WechatChannel, WechatNotices, WechatBills),
    "alipay": (AlipayChannel, AlipayNotices, AlipayBills),
    "unionpay": (UnionpayChannel, UnionpayNotices, UnionpayBills),
}


class NetworkWire(httpx.AsyncBaseTransport):
    """The line to one network: in process; `dead` is a network that cannot be reached."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.dead = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.dead:
            raise httpx.ConnectError("down")
        return await self._inner.handle_async_request(request)


class ToHouse(httpx.AsyncBaseTransport):
    """The line from the networks to the API; `dead` loses what comes."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.dead = False
        self.brought = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.dead:
            raise httpx.ConnectError("down")
        self.brought += 1
        answer = await self._house.http.post(
            request.url.path, content=await request.aread(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


@dataclass
class Abroad:
    """The networks, the lines to them, and the line back."""

    networks: Networks
    wires: dict[str, NetworkWire]
    back: ToHouse
    bills: dict[str, Any]

    async def tell(self) -> int:
        """Let every network bring the notices that are due; how many were brought."""
        before = self.back.brought
        for name in NAMES:
            while await getattr(self.networks, name).courier.turn():
                pass
        return self.back.brought - before


@asynccontextmanager
async def abroad(
    house: House, folder: Path, origins: Mapping[str, str] | None = None
) -> AsyncIterator[Abroad]:
    """The house with three more channels, each the method of its name."""
    place = Place(origins or ORIGINS, "https://anfu.example")
    plan = read_plan(provision(folder, place, now=house.clock.now(), entropy=SeededEntropy(21)))
    back = ToHouse(house)
    networks = build(folder, clock=house.clock, entropy=SeededEntropy(22), notices=back)
    wires = {name: NetworkWire(app) for name, app in networks.apps.items()}
    channels: dict[str, Channel] = {}
    readers: dict[str, NoticeReader] = {}
    bills: dict[str, Any] = {}
    for name, (channel, notices, statement) in PARTS.items():
        member = READERS[name](plan.channels[name].member, folder / name)
        means = {"clock": house.clock, "entropy": SeededEntropy(23), "transport": wires[name]}
        channels[name], readers[name] = channel(member, **means), notices(member)
        bills[name] = statement(member, **means)
    tools = house.tools
    house.tools = house.desk.tools = replace(
        tools,
        channels={**tools.channels, **channels},
        readers={**tools.readers, **readers},
        health=Health(),
    )
    await channels["wechat"].renew_certificates()  # type: ignore[attr-defined]
    accounts = institution_accounts("CNY", ["sandbox", *NAMES])
    await house.database.run(lambda tx: open_accounts(tx, accounts=accounts, now=house.clock.now()))
    yield Abroad(networks, wires, back, bills)
    for one in (*channels.values(), *bills.values()):
        await one.aclose()
