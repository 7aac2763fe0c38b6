"""`anfu simulate channels`: WeChat Pay, Alipay and UnionPay on this machine, on the real wire."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.network import server_config
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.clock import SystemClock
from anfu.kernel.ids import SystemEntropy
from anfu.simulation.networks import NAMES, PLAN, Networks, Place, build, provision

NOTES = Console(stderr=True)
_HOST = "127.0.0.1"


def register(group: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @group.command()
    def channels(
        *,
        port: Annotated[int, typer.Option(help="Of the first; the others follow it.")] = 8301,
        notify: Annotated[str, typer.Option(help="Where the API is.")] = "http://127.0.0.1:8000",
        folder: Annotated[
            Path | None, typer.Option(help="Keys of both ends; made when it is not there.")
        ] = None,
        seed: Annotated[int, typer.Option(help="Seed of the faults.")] = 0,
        fault: Annotated[list[str] | None, typer.Option(help="A fault and its rate.")] = None,
        delay_ms: Annotated[float, typer.Option(help="Median delay of an answer.")] = 0.0,
    ) -> None:
        """Serve the three networks as they speak: signed, sealed, with notices and bills.

        Start the API with the file it names in ANFU_CHANNELS. A payer opens what a payment hands
        over: a page with two buttons.

        Example: anfu simulate channels --fault lose_notice=0.1 --delay-ms 50
        """
        ports = {name: port + number for number, name in enumerate(NAMES)}
        rates = dict(_rate(item) for item in fault or [])
        faults = Faults(seed=seed, rates=rates, delay_ms=delay_ms)
        home = (folder or wiring.home / "networks").absolute()
        if not home.exists():
            origins = {name: f"http://{_HOST}:{ports[name]}" for name in NAMES}
            provision(
                home, Place(origins, notify), now=SystemClock().now(), entropy=SystemEntropy()
            )
        _show(home, ports)
        networks = build(home, clock=SystemClock(), entropy=SystemEntropy(), faults=faults)
        uvloop.run(_serve(networks, ports))


def _rate(item: str) -> tuple[Fault, float]:
    name, _, rate = item.partition("=")
    try:
        return Fault(name), float(rate)
    except ValueError:
        known = ", ".join(sorted(Fault))
        raise typer.BadParameter(f"{item}: name=rate with a name of {known}") from None


def _show(home: Path, ports: dict[str, int]) -> None:
    NOTES.print(f"ANFU_CHANNELS={home / PLAN}", soft_wrap=True, highlight=False)
    table = Table("network", "address")
    for name, port in ports.items():
        table.add_row(name, f"http://{_HOST}:{port}")
    NOTES.print(table)


async def _serve(networks: Networks, ports: dict[str, int]) -> None:
    servers = [
        uvicorn.Server(server_config(app, _HOST, ports[name]))
        for name, app in networks.apps.items()
    ]
    await asyncio.gather(*(server.serve() for server in servers))
