"""What the demo's staff make codes from: a file in its own folder, and no other."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anfu.authentication.otp import PERIOD_S, hotp, step_at
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import Refused
from anfu.simulation.processes import development_environment

HOME = "demo"
_FILE = "staff.json"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Code:
    """Six digits, and for how many seconds they are the present ones."""

    digits: str
    left_s: int


def keep_seeds(home: Path, seeds: Mapping[str, bytes]) -> None:
    """Write the seeds of the staff, by login, for the owner of `home` alone."""
    path = home / _FILE
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({login: base64.b32encode(seed).decode() for login, seed in seeds.items()}, file)


async def code_of(wiring: Wiring, login: str) -> Code:
    """The present code of an account of the demo, by the demo's own clock.

    Raises Refused: `demo_code_not_here` outside a trial, `demo_account_unknown` for an account the
    demo did not make, `demo_seeds_open` for a file that others may read.
    """
    # 1. Nowhere but in a trial, said by whoever asks.
    if not wiring.pieces().development:
        raise Refused("demo_code_not_here", field="ANFU_DEVELOPMENT")
    # 2. Only the demo's accounts, and only while nobody else could read their seeds.
    home = wiring.home / HOME
    seed = _seed(home / _FILE, login)
    # 3. Codes go by the installation's clock, which the demo has moved.
    demo = development_environment(wiring.environment) | {"ANFU_HOME": str(home)}
    async with wiring.within(demo).store() as store:
        now = store.clock.now()
    return Code(hotp(seed, step_at(now=now)), PERIOD_S - int(now.timestamp()) % PERIOD_S)


def _seed(path: Path, login: str) -> bytes:
    if not path.exists():
        raise Refused("demo_account_unknown", field="login", known=[])
    if path.stat().st_mode & _OTHERS or path.stat().st_uid != os.getuid():
        raise Refused("demo_seeds_open", field=str(path))
    seeds = json.loads(path.read_text("utf-8"))
    if login not in seeds:
        raise Refused("demo_account_unknown", field="login", known=sorted(seeds))
    return base64.b32decode(seeds[login])
