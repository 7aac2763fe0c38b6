"""`anfu demo`: a made-up economy against an installation of its own, and the books checked."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.live import Live

from anfu.entrypoints.cli import demo_checks
from anfu.entrypoints.cli.demo_checks import Check
from anfu.entrypoints.cli.demo_codes import HOME
from anfu.entrypoints.cli.demo_models import bring_models
from anfu.entrypoints.cli.demo_office import Keys, Opened, new_outside, opened
from anfu.entrypoints.cli.demo_view import NOTES, View, show_office, show_summary
from anfu.entrypoints.cli.keys import issue
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure
from anfu.parties.apikey import SCOPES, NewKey
from anfu.simulation.client import Client, Credentials
from anfu.simulation.closing import quiet, read_back
from anfu.simulation.economy import Economy, Pace
from anfu.simulation.figures import figures
from anfu.simulation.places import CITIES
from anfu.simulation.processes import Stack, development_environment, fresh_home
from anfu.simulation.register import CURRENCY, enrol
from anfu.simulation.reviewer import Reviewers
from anfu.simulation.tally import SUCCEEDED, Tally
from anfu.simulation.world import Size, World, make_world

T = TypeVar("T")

# What the network does wrong. Every one of these is put right by its notice within seconds; a lost
# request would be by the worker only, half a minute later.
_NETWORK = (
    "--delay-ms", "5", "--fault", "lose_answer=0.01", "--fault", "processing=0.01",
    "--fault", "decline=0.01", "--fault", "repeat_notice=0.1", "--fault", "reorder_notice=0.05",
    "--fault", "wrong_amount=0.005",
)  # fmt: skip
# So few payers that several of their days go by.
_PAYERS_PER_S, _FEWEST, _MOST = 8, 48, 1_500
_PAYERS_PER_CITY = 8
_SECOND = frozenset({"cases:read", "cases:write", "proposals:write"})
# So low that some verdicts of any demo take two: 2,000 yuan.
_TWO_PEOPLE = 200_000
_DAYS = 10
_MULES, _SHELLS = 30, 3
_PAST = timedelta(days=28)
_SHANGHAI = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class _Wish:
    seconds: float
    keep: bool
    as_json: bool
    seed: int
    attack: float | None


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def demo(
        seconds: Annotated[float, typer.Option(min=1, help="How long payments are made.")] = 20,
        keep: Annotated[bool, typer.Option("--keep", help="Go on serving until Ctrl-C.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
        seed: Annotated[int, typer.Option(help="What the economy follows from.")] = 1,
        attack_rate: Annotated[
            float | None,
            typer.Option(min=0, max=0.5, help="Frauds of nine kinds at this share of payments."),
        ] = None,
    ) -> None:
        """Let a made-up economy pay, steal and dispute, then check every book.

        Starts a sandbox network, the API and the worker on free ports with a home of their own
        (the folder demo in ANFU_HOME, emptied first). Then days go by, staff of every role come in,
        and the addresses of console and checkout are shown, with logins; `anfu staff code` has
        their codes while --keep goes on serving. Ends with status 1 if anything is wrong.

        Example: anfu demo --keep
        """
        try:
            good = uvloop.run(_demo(wiring, _Wish(seconds, keep, as_json, seed, attack_rate)))
        except (KeyboardInterrupt, asyncio.CancelledError):
            NOTES.print("stopped; no process is left behind")
            raise typer.Exit(130) from None
        if not good:
            raise typer.Exit(1)


async def _demo(wiring: Wiring, wish: _Wish) -> bool:
    _end_gently_on_sigterm()
    home = wiring.home / HOME
    await asyncio.to_thread(fresh_home, home)
    outside = new_outside(home)
    environment = development_environment(wiring.environment)
    with Stack(home, environment | outside.settings()) as stack:
        _say("starting the network, the API and the worker")
        stack.start_network("--seed", str(wish.seed), *_NETWORK)
        stack.start_api()
        stack.start_worker()
        async with wiring.within(stack.environment).open() as running:
            await stack.ready()
            keys, good = await _beside(stack, _perform(stack, running, wish))
            _say("days go by and the staff come in")
            office = opened(stack, running, keys, outside, wish.seed)
            return await _beside(stack, _look_round(office, keys, wish, home)) and good


async def _perform(stack: Stack, running: Running, wish: _Wish) -> tuple[Keys, bool]:
    """The economy, its closing time, the checks, the summary; the keys, and whether all holds."""
    issued = await issue(running, NewKey("demo", SCOPES, None))
    second = await issue(running, NewKey("second reviewer", _SECOND, None))
    keys = Keys(Credentials(issued.key.id, issued.secret),
                Credentials(second.key.id, second.secret))  # fmt: skip
    client = Client(stack.base_url, keys.first, clock=running.clock)
    reviewers = Reviewers(client, Client(stack.base_url, keys.second, clock=running.clock))
    try:
        tally = Tally()
        spent = await _live(client, reviewers, tally, running.clock, wish)
        if not NOTES.is_terminal:
            NOTES.line()  # a view that cannot move ends without one
        _say("waiting until nothing is open, then checking every book")
        checks = await _check(running, client, reviewers, tally)
        checks.append(await demo_checks.check_privacy(running, stack.home / "logs"))
        found = figures(tally, spent)
    finally:
        client.close()
        reviewers.close()
    _report(stack, found, checks, wish)
    return keys, all(check.good for check in checks)


async def _live(
    client: Client, reviewers: Reviewers, tally: Tally, clock: Clock, wish: _Wish
) -> float:
    """Enrol the world and let it live; the seconds it took."""
    payers = round(min(_MOST, max(_FEWEST, wish.seconds * _PAYERS_PER_S)))
    size = Size(payers, cities=min(len(CITIES), payers // _PAYERS_PER_CITY))
    if wish.attack is not None:
        size = replace(size, mules=_MULES, shells=_SHELLS)
    world = make_world(wish.seed, size, start=_start(clock), attack=wish.attack)
    merchants = len(world.merchants) + len(world.shells)
    _say(f"enrolling {len(world.people())} customers and {merchants} merchants")
    await reviewers.agree(_TWO_PEOPLE, CURRENCY)
    economy = await _settle(client, reviewers, world, tally)
    view = View(tally, wish.seconds)
    with Live(view, console=NOTES, auto_refresh=False) as live:
        run = asyncio.create_task(economy.run(Pace(wish.seconds)))
        try:
            while not (await asyncio.wait([run], timeout=0.25))[0]:
                live.refresh()
            return run.result()
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


async def _settle(client: Client, reviewers: Reviewers, world: World, tally: Tally) -> Economy:
    economy = Economy(client, reviewers, world, await enrol(client, world), tally)
    await asyncio.to_thread(economy.foresee, _DAYS)
    return economy


def _start(clock: Clock) -> datetime:
    """A midnight in Shanghai some weeks ago."""
    today = (clock.now() - _PAST + _SHANGHAI).date()
    return datetime(today.year, today.month, today.day, tzinfo=UTC) - _SHANGHAI


async def _check(
    running: Running, client: Client, reviewers: Reviewers, tally: Tally
) -> list[Check]:
    left = await quiet(client, reviewers)
    duplicates = await read_back(client, tally)
    succeeded = (trace.payment for trace in tally.traces if trace.state == SUCCEEDED)
    return [
        demo_checks.check_open(left),
        demo_checks.check_duplicates(duplicates),
        await demo_checks.check_cases(running, client),
        await demo_checks.check_ledger(running),
        await demo_checks.check_evidence(running),
        await demo_checks.check_proof(running, client, next(succeeded, None)),
    ]


def _report(stack: Stack, found: dict[str, Any], checks: Sequence[Check], wish: _Wish) -> None:
    show_summary(found, checks)
    if wish.as_json:
        values = {name: value for check in checks for name, value in check.values.items()}
        asked = {"seed": wish.seed, "base_url": stack.base_url}
        print(json.dumps({**asked, **found, **values}, ensure_ascii=False), flush=True)
    NOTES.print(f"API: {stack.base_url}   logs: {stack.home / 'logs'}")


async def _look_round(
    office: AbstractAsyncContextManager[Opened], keys: Keys, wish: _Wish, home: Path
) -> bool:
    """Show the pages people see, and with `--keep` serve them; whether each of them answers."""
    async with office as found:
        pages = await demo_checks.check_pages(found.pages.values())
        show_office(found, pages)
        if wish.keep:
            await _keep(found, keys, home / "models")
        else:
            NOTES.print("all of it ends with the demo; anfu demo --keep stays  加 --keep 则保留")
    return pages.good


async def _keep(office: Opened, keys: Keys, folder: Path) -> None:
    """Serve until Ctrl-C. Keys and accounts are toys: the next demo empties their installation."""
    bearer = f"{keys.first.key}.{keys.first.secret}"
    NOTES.print(f"to read: Authorization: Bearer {bearer}", soft_wrap=True)
    NOTES.print("serving until Ctrl-C")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    teaching = asyncio.create_task(_teach(office, folder))
    try:
        await stop.wait()
    finally:
        teaching.cancel()
        await asyncio.gather(teaching, return_exceptions=True)


async def _teach(office: Opened, folder: Path) -> None:
    """Models come when everybody is looking round already: training takes a while."""
    try:
        there = await bring_models(office.town, folder)
    except OutsideFailure as failure:
        NOTES.print(f"no models: {failure}")
    else:
        NOTES.print("models are there" if there else "no models: see logs/train.log")


def _end_gently_on_sigterm() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _say(what: str) -> None:
    NOTES.print(f"[dim]{what} …[/dim]")


async def _beside(stack: Stack, work: Coroutine[Any, Any, T]) -> T:
    """`work`, ended with an OutsideFailure when a process of the stack ends."""

    async def watch() -> None:
        while True:
            stack.check()
            await asyncio.sleep(0.5)

    tasks = (asyncio.create_task(work), asyncio.create_task(watch()))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1].done():
            tasks[1].result()
        return tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
