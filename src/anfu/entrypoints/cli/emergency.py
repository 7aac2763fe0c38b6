"""`anfu emergency`: the sealed envelope."""

from __future__ import annotations

import json

import typer
import uvloop

from anfu.entrypoints.cli.wiring import Wiring
from anfu.payments.access.break_glass import seal_envelope
from anfu.storage.transaction import Tx


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Break-glass: the sealed envelope.", no_args_is_help=True)
    app.add_typer(group, name="emergency")

    @group.command()
    def seal() -> None:
        """Make the envelope's secret, shown once as JSON: print it, seal it, lock it away. The one
        before is void.

        Example: anfu emergency seal
        """
        envelope, secret = uvloop.run(_seal(wiring))
        print(json.dumps({"id": envelope, "secret": secret}))

    @group.callback()
    def only() -> None:
        """One command, and it keeps its name."""


async def _seal(wiring: Wiring) -> tuple[str, str]:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()

        async def work(tx: Tx) -> tuple[str, str]:
            return await seal_envelope(tx, tools, now=now)

        return await tools.database.run(work)
