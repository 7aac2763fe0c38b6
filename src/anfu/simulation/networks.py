"""The three networks, made up: their keys in a folder, and each of them ready to be served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from anfu.channels.alipay.member import Mode
from anfu.channels.alipay.simulator.faults import WireFaults
from anfu.channels.alipay.simulator.keys import NetworkKeys
from anfu.channels.alipay.simulator.keys import provision as provision_alipay
from anfu.channels.alipay.simulator.network import Simulator as Alipay
from anfu.channels.sandbox.faults import Faults
from anfu.channels.unionpay.simulator.keys import provision as provision_unionpay
from anfu.channels.unionpay.simulator.keys import read_network
from anfu.channels.unionpay.simulator.network import Simulator as Unionpay
from anfu.channels.wechat.provision import provision as provision_wechat
from anfu.channels.wechat.simulator.network import Simulator as Wechat
from anfu.channels.wechat.simulator.peer import read_peer
from anfu.channels.wechat.simulator.troubles import Troubles
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

NAMES = ("wechat", "alipay", "unionpay")
PLAN = "channels.toml"
_SECTION = "wechat-member.json"


@dataclass(frozen=True, slots=True)
class Place:
    """`origins`: where each network will be, by name; `notify`: where the API is."""

    origins: Mapping[str, str]
    notify: str


@dataclass(frozen=True, slots=True)
class Networks:
    """The simulators; `payer` of each acts as its payers do."""

    wechat: Wechat
    alipay: Alipay
    unionpay: Unionpay

    @property
    def apps(self) -> Mapping[str, ASGIApp]:
        """What is to be served, by name."""
        return {name: getattr(self, name).app for name in NAMES}


def provision(folder: Path, place: Place, *, now: datetime, entropy: Entropy) -> Path:
    """The file for ANFU_CHANNELS, with the keys of both ends beside it. The folder is new."""
    folder.mkdir(mode=0o700, parents=True)
    told = {name: f"{place.notify}/v1/channels/{name}/notices" for name in NAMES}
    at = place.origins
    members = {
        "wechat": provision_wechat(
            folder / "wechat", url=at["wechat"], notify_url=told["wechat"], now=now,
            entropy=entropy,
        ),
        "alipay": provision_alipay(
            folder / "alipay", Mode.CERTIFICATE, gateway=f"{at['alipay']}/gateway.do",
            notify_url=told["alipay"],
        ),
        "unionpay": provision_unionpay(
            folder / "unionpay", origin=at["unionpay"], notify_url=told["unionpay"], now=now
        ),
    }  # fmt: skip
    (folder / _SECTION).write_text(json.dumps(members["wechat"]), "utf-8")
    plan = folder / PLAN
    plan.touch(mode=0o600)
    plan.write_text("\n".join(_section(name, members[name]) for name in NAMES), "utf-8")
    return plan


def build(
    folder: Path,
    *,
    clock: Clock,
    entropy: Entropy,
    faults: Faults | None = None,
    notices: httpx.AsyncBaseTransport | None = None,
) -> Networks:
    """The networks whose keys `provision` has written; `notices` replaces the wire they tell us
    by."""
    faults = faults or Faults()
    section = json.loads((folder / _SECTION).read_text("utf-8"))
    peer = read_peer(section, folder / "wechat", now=clock.now(), entropy=entropy)
    return Networks(
        Wechat(peer, clock=clock, entropy=entropy, troubles=Troubles(faults), notices=notices),
        Alipay(
            NetworkKeys(folder / "alipay"), clock=clock, entropy=entropy, faults=WireFaults(faults),
            notify_transport=notices,
        ),
        Unionpay(
            read_network(folder / "unionpay"), clock=clock, entropy=entropy, faults=faults,
            transport=notices,
        ),
    )  # fmt: skip


def _section(name: str, member: Mapping[str, object]) -> str:
    """A channel as TOML; what JSON writes of texts, numbers and truths TOML reads."""
    lines = [f"[channels.{name}]", f'network = "{name}"', f'keys = "{name}"']
    lines.append(f"[channels.{name}.member]")
    flat = {key: value for key, value in member.items() if not isinstance(value, Mapping)}
    lines += [f"{key} = {json.dumps(value)}" for key, value in flat.items()]
    for key in member.keys() - flat.keys():
        table = member[key]
        assert isinstance(table, Mapping)
        lines.append(f"[channels.{name}.member.{key}]")
        lines += [f"{inner} = {json.dumps(value)}" for inner, value in table.items()]
    return "\n".join(lines) + "\n"
