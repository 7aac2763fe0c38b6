"""`anfu replay`: a payment history through the whole system, over HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from anfu.entrypoints.cli.demo_checks import check_evidence, check_ledger
from anfu.entrypoints.cli.keys import issue
from anfu.entrypoints.cli.replay_map import FileMap, MapError, read_map
from anfu.entrypoints.cli.replay_reading import BadRow, History, Row, Span
from anfu.entrypoints.cli.replay_sending import Pace, Replayer
from anfu.entrypoints.cli.replay_tally import Report, Tally, show
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.kernel.clock import SystemClock
from anfu.parties.apikey import NewKey
from anfu.payments.queries import count_by_state
from anfu.simulation.client import Client, Credentials, Patience
from anfu.simulation.processes import Stack, development_environment

_SCOPES = frozenset({"payments:write", "customers:write", "merchants:write", "deposits:write",
                     "history:write"})  # fmt: skip
NOTES = Console(stderr=True)


class Timing(StrEnum):
    """By which clock the payments are sent."""

    FASTEST = "fastest"
    HISTORY = "history"


class Access(msgspec.Struct, frozen=True):
    """A key, as `anfu keys create` prints it."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    file: Path
    map: FileMap
    span: Span
    pace: Pace
    in_flight: int


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""

    @app.command()
    def replay(
        file: Annotated[Path, typer.Argument(help="CSV or Parquet, a row for each payment.")],
        *,
        map_: Annotated[Path, typer.Option("--map", help="TOML: which column is what.")],
        start: Annotated[str | None, typer.Option("--from", help="First moment.")] = None,
        end: Annotated[str | None, typer.Option("--to", help="Moment after the last.")] = None,
        clock: Annotated[Timing, typer.Option(help="Whose clock to go by.")] = Timing.FASTEST,
        speed: Annotated[float, typer.Option(min=1e-6, help="Times the history's clock.")] = 1.0,
        in_flight: Annotated[int, typer.Option(min=1, help="Payments in flight.")] = 128,
        url: Annotated[str | None, typer.Option(help="An API that is running.")] = None,
        key_file: Annotated[Path | None, typer.Option(help="What `keys create` printed.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Send a payment history through the system, opening customers and merchants as it meets
        them. The same command again makes nothing twice. Rows that are no payments are told and
        passed over; the status is then 2.

        Without --url an installation under `<home>/replay` is started, which stays as it is for the
        next time. One that is named must run with ANFU_ACCEPT_HISTORY=1.

        Example: anfu replay history.parquet --map map.toml --from 2018-08-08 --to 2018-08-09
        """
        if (url is None) is not (key_file is None):
            raise typer.BadParameter("--url and --key-file go together")
        pace = Pace(speed if clock is Timing.HISTORY else None)
        try:
            wish = Wish(file, read_map(map_), Span(start, end), pace, in_flight)
            report = uvloop.run(_replay(wiring, wish, url, key_file))
        except MapError as error:
            NOTES.print(f"[red]anfu:[/red] {error}", highlight=False)
            raise typer.Exit(1) from None
        if as_json:
            print(json.dumps(msgspec.to_builtins(report)))
        else:
            show(report, NOTES)
        raise typer.Exit(1 if report.faults else 2 if report.bad_rows else 0)


async def _replay(wiring: Wiring, wish: Wish, url: str | None, key_file: Path | None) -> Report:
    with History(wish.file, wish.map, wish.span) as history:
        NOTES.print(f"[dim]{history.count()} rows[/dim]")
        if url is not None and key_file is not None:
            access = msgspec.json.decode(key_file.read_bytes(), type=Access)  # noqa: ASYNC240
            return await _send(history, wish, url, access)
        return await _replay_here(wiring, wish, history)


async def _replay_here(wiring: Wiring, wish: Wish, history: History) -> Report:
    home = wiring.home / "replay"
    currencies = {"ANFU_CURRENCIES": ",".join(wish.map.currencies)}
    environment = {**development_environment(wiring.environment), **currencies}
    with Stack(home, environment) as stack:
        async with wiring.within(stack.environment).open() as running:
            issued = await issue(running, NewKey("replay", _SCOPES, None))
            stack.start_api()
            stack.start_worker()
            if wish.map.payments.method != "balance":
                stack.start_network()
            await stack.ready()
            access = Access(issued.key.id, issued.secret)
            report = await _send(history, wish, stack.base_url, access)
            await _reckon(running, report)
    return report


async def _send(history: History, wish: Wish, url: str, access: Access) -> Report:
    clock = SystemClock()
    tally = Tally(clock.now())
    patience = Patience(connections=wish.in_flight)
    credentials = Credentials(access.id, access.secret)
    client = Client(url, credentials, clock=clock, patience=patience)
    began = time.monotonic()
    replayer = Replayer(client, wish.map, tally, in_flight=wish.in_flight)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=NOTES) as bar:
            task = bar.add_task("payments", total=await asyncio.to_thread(history.count))
            pages = _rows(history.pages(), lambda: bar.update(task, completed=tally.rows))
            await replayer.run(pages, wish.pace)
            bar.update(task, completed=tally.rows)
    finally:
        client.close()
    return tally.report(time.monotonic() - began)


async def _rows(
    pages: Iterator[list[Row | BadRow]], told: Callable[[], None]
) -> AsyncIterator[Row | BadRow]:
    """The rows one by one; the file is read beside, a page ahead."""
    ahead = asyncio.create_task(asyncio.to_thread(next, pages, None))
    while (page := await ahead) is not None:
        ahead = asyncio.create_task(asyncio.to_thread(next, pages, None))
        for number, row in enumerate(page):
            if number % 100 == 0:
                told()
            yield row


async def _reckon(running: Running, report: Report) -> None:
    async with running.tools.database.transaction(readonly=True) as tx:
        report.payments_in_books = sum((await count_by_state(tx)).values())
    checks = (await check_ledger(running), await check_evidence(running))
    values = {name: value for check in checks for name, value in check.values.items()}
    report.ledger_imbalance = values["ledger_imbalance"]
    report.evidence_verified = values["evidence_verified"]
    report.faults += [check.found for check in checks if not check.good]
