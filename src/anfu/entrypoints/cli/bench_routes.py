"""`anfu bench routes`: what routing and retry are worth while a network fails."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
import uvloop
from rich.table import Table

from anfu.entrypoints.cli.demo_view import NOTES
from anfu.entrypoints.cli.keys import issue
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.parties.apikey import SCOPES, NewKey
from anfu.payments.reckon import reckon
from anfu.simulation.client import Client, Credentials
from anfu.simulation.closing import every, quiet, read_back
from anfu.simulation.economy import Economy, Pace
from anfu.simulation.processes import Stack, development_environment, fresh_home
from anfu.simulation.register import enrol
from anfu.simulation.reviewer import Reviewers
from anfu.simulation.tally import FAILED, SUCCEEDED, Tally
from anfu.simulation.world import Size, make_world

_SECOND = frozenset({"cases:read", "cases:write", "proposals:write"})
# A payer acts about once a day; nobody places more orders than so many a second here.
_MOST_PER_S, _DAYS, _PAST = 80.0, 10, timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Wish:
    """`failing`: the share of calls to the first network that come to nothing; `per_s`: what the
    economy does in a second, None for as much as the API takes."""

    seconds: float
    failing: float
    per_s: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Honest payments by card: how many, how many succeeded, how many failed, how many second
    attempts there were, strays that went back, disagreements of the books."""

    attempted: int
    succeeded: int
    failed: int
    resent: int
    strays: int
    disagreements: int

    @property
    def rate(self) -> float:
        return self.succeeded / self.attempted if self.attempted else 0.0


def register(group: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @group.command()
    def routes(
        *,
        seconds: Annotated[float, typer.Option(min=1, help="How long payments are made.")] = 40,
        failing: Annotated[
            float, typer.Option(min=0, max=1, help="Calls to the first network that fail.")
        ] = 0.2,
        per_second: Annotated[
            float | None,
            typer.Option(min=0.1, max=_MOST_PER_S, help="Orders a second; else all the API takes."),
        ] = None,
        seed: Annotated[int, typer.Option(help="What the economy follows from.")] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """The same economy twice, while its network loses requests and answers: alone, and with a
        second network to go to. Nobody declines a card, so every failure is the network's. With
        --per-second both live side by side, else one after the other.

        Example: anfu bench routes --seconds 3600 --per-second 3
        """
        wish = Wish(seconds, failing, per_second, seed)
        found = uvloop.run(_compare(wiring, wish))
        if as_json:
            shown = {name: {**asdict(o), "rate": round(o.rate, 4)} for name, o in found.items()}
            print(json.dumps(shown))
        else:
            NOTES.print(_table(found))
        if any(outcome.disagreements for outcome in found.values()):
            raise typer.Exit(1)


async def _compare(wiring: Wiring, wish: Wish) -> dict[str, Outcome]:
    """What became of both. At a pace neither is kept waiting by the other."""
    runs = {"alone": _run(wiring, wish, spare=False), "routed": _run(wiring, wish, spare=True)}
    if wish.per_s is None:
        return {name: await run for name, run in runs.items()}
    return dict(zip(runs, await asyncio.gather(*runs.values()), strict=True))


async def _run(wiring: Wiring, wish: Wish, *, spare: bool) -> Outcome:
    home = wiring.home / f"bench-routes-{'two' if spare else 'one'}"
    await asyncio.to_thread(fresh_home, home)
    half = str(wish.failing / 2)
    faults = ("--fault", f"lose_request={half}", "--fault", f"lose_answer={half}")
    with Stack(home, development_environment(wiring.environment)) as stack:
        if spare:
            stack.start_spare("--seed", str(wish.seed))
        stack.start_network("--seed", str(wish.seed), *faults)
        stack.start_api()
        stack.start_worker()
        async with wiring.within(stack.environment).open() as running:
            await stack.ready()
            NOTES.print(f"[dim]{'two networks' if spare else 'one network'} …[/dim]")
            return await _live(stack, running, wish)


async def _live(stack: Stack, running: Running, wish: Wish) -> Outcome:
    clients = []
    for name, scopes in (("bench", SCOPES), ("second reviewer", _SECOND)):
        issued = await issue(running, NewKey(name, scopes, None))
        credentials = Credentials(issued.key.id, issued.secret)
        clients.append(Client(stack.base_url, credentials, clock=running.clock))
    client, reviewers, tally = clients[0], Reviewers(*clients), Tally()
    try:
        day = (running.clock.now() - _PAST).date()
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
        per_s = wish.per_s or _MOST_PER_S
        size = Size(max(48, round(wish.seconds * per_s / _DAYS)), cities=6)
        world = make_world(wish.seed, size, start=start, attack=None)
        economy = Economy(client, reviewers, world, await enrol(client, world), tally)
        await asyncio.to_thread(economy.foresee, _DAYS)
        await economy.run(Pace(wish.seconds, per_s=wish.per_s or math.inf))
        await quiet(client, reviewers)
        await read_back(client, tally)
        resent = sum([p["attempt"] - 1 async for p in every(client, "payments")])
        strays = len([s async for s in every(client, "strays")])
    finally:
        for one in clients:
            one.close()
    honest = [t for t in tally.traces if t.payment and t.plan.honest and t.plan.card is not None]
    return Outcome(
        attempted=len(honest),
        succeeded=sum(t.state == SUCCEEDED for t in honest),
        failed=sum(t.state == FAILED for t in honest),
        resent=resent,
        strays=strays,
        disagreements=(await reckon(running.tools.database)).count,
    )


def _table(found: dict[str, Outcome]) -> Table:
    table = Table("networks", "honest by card", "succeeded", "failed", "sent again", "success rate",
                  "books")  # fmt: skip
    for name, outcome in found.items():
        numbers = (outcome.attempted, outcome.succeeded, outcome.failed, outcome.resent)
        books = "agree" if not outcome.disagreements else f"{outcome.disagreements} differ"
        table.add_row(name, *(f"{n:,}" for n in numbers), f"{outcome.rate:.2%}", books)
    return table
