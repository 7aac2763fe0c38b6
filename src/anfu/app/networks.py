"""The networks an installation is a member of, as a file describes them, and the ways of methods.

```toml
[channels.wechat]            # the name of a channel
network = "wechat"           # wechat, alipay, unionpay or sandbox
keys = "wechat"              # its folder of key files, beside this file
[channels.wechat.member]     # who we are there; see docs/channels
merchant = "1900000001"

[[routes.card]]              # the ways of a method; without any, the channel of its name
channel = "unionpay"
cost_bp = 38
```
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from anfu.channels.alipay import member as alipay
from anfu.channels.alipay.bills import AlipayBills
from anfu.channels.alipay.client import AlipayChannel
from anfu.channels.alipay.notices import AlipayNotices
from anfu.channels.bills.bill import Bills
from anfu.channels.port import Channel, NoticeReader, Scene
from anfu.channels.sandbox.bills import SandboxBills
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.messages import Identity
from anfu.channels.sandbox.notices import SandboxNotices
from anfu.channels.signed import SignedLine
from anfu.channels.unionpay import member as unionpay
from anfu.channels.unionpay.bills import UnionpayBills
from anfu.channels.unionpay.client import UnionpayChannel
from anfu.channels.unionpay.notices import UnionpayNotices
from anfu.channels.wechat import member as wechat
from anfu.channels.wechat.bills import WechatBills
from anfu.channels.wechat.client import WechatChannel
from anfu.channels.wechat.notices import WechatNotices
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy
from anfu.kernel.money import MAX_MINOR
from anfu.payments.payment import BALANCE
from anfu.payments.route import Route

_FILE = "ANFU_CHANNELS"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# How long one bill of the sandbox may take on its way.
_BILL_S = 300.0


class _Section(msgspec.Struct, forbid_unknown_fields=True):
    network: str
    keys: str = ""
    member: dict[str, Any] = {}


class _Way(msgspec.Struct, forbid_unknown_fields=True):
    channel: str
    scenes: frozenset[Scene] = frozenset(Scene)
    currencies: frozenset[str] | None = None
    least: int = 1
    most: int = MAX_MINOR
    cost_bp: int = 0
    cost_minor: int = 0


class _File(msgspec.Struct, forbid_unknown_fields=True):
    channels: dict[str, _Section] = {}
    routes: dict[str, list[_Way]] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the file says; `folder` is where it stands."""

    folder: Path = Path()
    channels: Mapping[str, _Section] = field(default_factory=dict)
    routes: Mapping[str, Sequence[Route]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A channel, put together. `renew` fetches the network's keys, where it publishes them; each of
    `closes` lets go of connections."""

    channel: Channel
    reader: NoticeReader
    bills: Bills
    closes: Sequence[Callable[[], Awaitable[None]]]
    renew: Callable[[], Awaitable[object]] | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What channels are put together with; `sandbox` is our end of the sandbox network's line."""

    clock: Clock
    entropy: Entropy
    sandbox: Identity


def read_plan(path: Path | None) -> Plan:
    """Raises Refused(setting_invalid) for a file that cannot be."""
    if path is None:
        return Plan()
    try:
        said = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("setting_invalid", field=_FILE, allowed=[str(error)]) from None
    for name, section in said.channels.items():
        if _NAME.fullmatch(name) is None or name == BALANCE:
            raise Refused("setting_invalid", field=f"channels.{name}", allowed=["a-z, 0-9, _"])
        if section.network not in _NETWORKS:
            field_ = f"channels.{name}.network"
            raise Refused("setting_invalid", field=field_, allowed=sorted(_NETWORKS))
    routes = {
        method: tuple(Route(**msgspec.structs.asdict(way)) for way in ways)
        for method, ways in said.routes.items()
    }
    return Plan(path.parent, said.channels, routes)


def with_sandbox(plan: Plan, url: str | None) -> Plan:
    """The plan with the sandbox network at `url`, where there is one."""
    if url is None:
        return plan
    section = _Section("sandbox", member={"url": url})
    return replace(plan, channels={"sandbox": section, **plan.channels})


def check_routes(plan: Plan, channels: Mapping[str, object]) -> None:
    """Raises Refused(setting_invalid) for a route through a channel that there is not."""
    for method, ways in plan.routes.items():
        for way in ways:
            if way.channel not in channels:
                field_ = f"routes.{method}.channel"
                raise Refused("setting_invalid", field=field_, allowed=sorted(channels))


def open_lines(plan: Plan, means: Means) -> dict[str, Line]:
    """The channels of the plan. Raises Refused as the networks' `read_member` do."""
    return {
        name: _NETWORKS[section.network](section.member, plan.folder / section.keys, means)
        for name, section in plan.channels.items()
    }


def _sandbox(member: Mapping[str, object], _folder: Path, means: Means) -> Line:
    url = member.get("url")
    if not isinstance(url, str):
        raise Refused("setting_invalid", field="sandbox.url", allowed=["http://host:port"])
    clock, entropy = means.clock, means.entropy
    channel = SandboxChannel(Link(url), means.sandbox, clock=clock, entropy=entropy)
    line = SignedLine(url, means.sandbox, clock=clock, entropy=entropy, timeout_s=_BILL_S)
    closes = (channel.aclose, line.aclose)
    return Line(channel, SandboxNotices(means.sandbox), SandboxBills(line), closes)


def _wechat(section: Mapping[str, object], folder: Path, means: Means) -> Line:
    member = wechat.read_member(section, folder)
    clock, entropy = means.clock, means.entropy
    channel = WechatChannel(member, clock=clock, entropy=entropy)
    bills = WechatBills(member, clock=clock, entropy=entropy)
    closes = (channel.aclose, bills.aclose)
    return Line(channel, WechatNotices(member), bills, closes, channel.renew_certificates)


def _alipay(section: Mapping[str, object], folder: Path, means: Means) -> Line:
    member = alipay.read_member(section, folder)
    clock, entropy = means.clock, means.entropy
    channel = AlipayChannel(member, clock=clock, entropy=entropy)
    bills = AlipayBills(member, clock=clock, entropy=entropy)
    return Line(channel, AlipayNotices(member), bills, (channel.aclose, bills.aclose))


def _unionpay(section: Mapping[str, object], folder: Path, means: Means) -> Line:
    member = unionpay.read_member(section, folder)
    clock, entropy = means.clock, means.entropy
    channel = UnionpayChannel(member, clock=clock, entropy=entropy)
    bills = UnionpayBills(member, clock=clock, entropy=entropy)
    return Line(channel, UnionpayNotices(member), bills, (channel.aclose, bills.aclose))


_NETWORKS: Mapping[str, Callable[[Mapping[str, object], Path, Means], Line]] = {
    "sandbox": _sandbox,
    "wechat": _wechat,
    "alipay": _alipay,
    "unionpay": _unionpay,
}
