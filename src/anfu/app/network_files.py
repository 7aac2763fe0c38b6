"""What is wrong with the file of networks and the key files it names; nothing is made or opened."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from anfu.app.networks import check_routes, read_plan, with_sandbox
from anfu.channels.alipay import member as alipay
from anfu.channels.expiry import valid_until
from anfu.channels.unionpay import member as unionpay
from anfu.channels.wechat import member as wechat
from anfu.entrypoints.cli.wiring import NetworkFiles
from anfu.kernel.errors import Refused

_MEMBERS: Mapping[str, Callable[[Mapping[str, object], Path], object]] = MappingProxyType(
    {
        "wechat": wechat.read_member,
        "alipay": alipay.read_member,
        "unionpay": unionpay.read_member,
    }
)


def inspect_networks(path: Path | None, sandbox_url: str | None) -> NetworkFiles | None:
    """None where no file is named."""
    if path is None:
        return None
    try:
        plan = read_plan(path)
        check_routes(plan, with_sandbox(plan, sandbox_url).channels)
    except Refused as refusal:
        return NetworkFiles(path, _is_open(path), (), [refusal], {})
    problems, until = list[Refused](), dict[Path, datetime]()
    for section in plan.channels.values():
        if (read := _MEMBERS.get(section.network)) is None:
            continue
        folder = plan.folder / section.keys
        until |= valid_until(folder)
        try:
            read(section.member, folder)
        except Refused as refusal:
            problems.append(refusal)
    return NetworkFiles(path, _is_open(path), sorted(plan.channels), problems, until)


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
