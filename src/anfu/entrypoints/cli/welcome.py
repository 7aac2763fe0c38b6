"""What `anfu serve` says before it serves: where the console is, and the first administrator's
link. The link is a secret: it goes to a terminal, or as JSON to whoever asked for that, and to no
log."""

from __future__ import annotations

import json
import sys

from rich.console import Console

from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.payments.access.welcome import first_link

_CONSOLE = "ANFU_CONSOLE_ORIGIN"


def with_console(wiring: Wiring, port: int) -> Wiring:
    """The wiring whose staff sign in at this very port, where nothing else was said."""
    if wiring.environment.get(_CONSOLE):
        return wiring
    return wiring.within({**wiring.environment, _CONSOLE: f"http://localhost:{port}"})


async def welcome(running: Running, port: int, *, as_json: bool) -> None:
    """Say it. Where neither a terminal nor JSON would show a link, none is made: the one somebody
    has stays good."""
    terminal = sys.stderr.isatty()
    origin = running.tools.policy.console.origins[0]
    shown = terminal or as_json
    link = await first_link(running.tools, origin, now=running.clock.now()) if shown else None
    if as_json:
        print(json.dumps({"port": port, "console": f"{origin}/console", "first": link}), flush=True)
    elif link is not None:
        console = Console(stderr=True)
        console.print("Nobody belongs to the staff yet. 尚无员工账号。")
        console.print("The first administrator sets up here, once, within a day:")
        console.print("首位管理员设置链接，仅可使用一次，24 小时内有效：")
        console.print(link, soft_wrap=True, highlight=False, markup=False)
