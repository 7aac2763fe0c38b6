"""`anfu bench`: how many payments a second, beside pgbench on the same server in the same run."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Annotated

import msgspec
import typer
import uvloop
from rich.console import Console

from anfu.entrypoints.cli import bench_decisions, bench_devices, bench_handbook, bench_routes
from anfu.entrypoints.cli.bench_agreement import compare
from anfu.entrypoints.cli.bench_backtest import bench_backtest
from anfu.entrypoints.cli.bench_load import family_times, run_load
from anfu.entrypoints.cli.bench_parties import enrol
from anfu.entrypoints.cli.bench_report import Figures, conditions, figures_of, show
from anfu.entrypoints.cli.bench_visits import Payer, Visits, enrol_payers, visit_all
from anfu.entrypoints.cli.keys import issue
from anfu.entrypoints.cli.load_orders import NETWORK, PLAIN, SECURED, Plan
from anfu.entrypoints.cli.pgbench import Yardstick, transactions_per_second
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.kernel.errors import BrokenInvariant
from anfu.parties.apikey import NewKey
from anfu.simulation.client import Client, Credentials
from anfu.simulation.processes import API, HOST, WORKER, Stack, fresh_home
from anfu.storage.embedded import Place, running_pid

# A payer may pay this often within ten minutes before the rules ask for a proof; there are so
# many payers that none pays more often at this rate. With --secured each has to visit first.
_EACH = 7
_FASTEST_PER_S, _FASTEST_SECURED_PER_S = 9_000, 3_000
_MERCHANTS = 50
# With --secured each kind is measured for so long before it is the other's turn.
_TURN_S = 2.0
_SCOPES = frozenset({"payments:write", "devices:write"})

NOTES = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    seconds: float
    warm_up_s: float
    connections: int
    customers: int
    seed: int
    yardstick: Yardstick
    secured: bool
    network_ms: int | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the windows, in turn; together they are of `seconds`."""
        turns = max(1, int(self.seconds / (2 * _TURN_S)))
        if self.network_ms is not None:
            return (NETWORK,)
        return (PLAIN, SECURED) * turns if self.secured else (PLAIN,)


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Measure: speed, and the quality of decisions.", no_args_is_help=True)
    app.add_typer(group, name="bench")
    bench_backtest(group, wiring)
    bench_decisions.register(group, wiring)
    bench_devices.register(group)
    bench_handbook.register(group, wiring)
    bench_routes.register(group, wiring)

    @group.command()
    def payments(
        *,
        seconds: Annotated[float, typer.Option(min=1, help="How long to measure.")] = 20,
        warm_up: Annotated[float, typer.Option(min=0, help="Seconds before that.")] = 4,
        connections: Annotated[int, typer.Option(min=1, help="Requests in flight.")] = 256,
        seed: Annotated[int, typer.Option(help="Seed of the payments.")] = 1,
        customers: Annotated[int, typer.Option(help="Payers; 0: as many as needed.")] = 0,
        pgbench: Annotated[int, typer.Option(min=1, help="Seconds of pgbench.")] = 12,
        secured: Annotated[
            bool, typer.Option("--secured", help="In turn with device sessions and mandates.")
        ] = False,
        network_ms: Annotated[
            int | None,
            typer.Option(min=0, help="By card, through a network that answers after so long."),
        ] = None,
        protocol: Annotated[str, typer.Option(help="pgbench's query protocol.")] = "simple",
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Pay from balances over HTTP as fast as it goes, then compare all books with all answers.

        The server, with a database of its own under `<home>/bench`, is made anew. Status 1 when
        anything does not agree. With --secured half of the time is for payments that come from a
        device session with a signed profile, one in five of them under a mandate: every two
        seconds it is the other kind's turn. With --network-ms payments go through the sandbox
        network, which is one more process on the same machine.

        Example: anfu bench payments --seconds 20 --json
        """
        slower = secured or network_ms is not None
        fastest = _FASTEST_SECURED_PER_S if slower else _FASTEST_PER_S
        needed = int((seconds + warm_up) * fastest / _EACH)
        yardstick = Yardstick(pgbench, protocol=protocol)
        wish = Wish(
            seconds, warm_up, connections, customers or needed, seed, yardstick, secured, network_ms
        )
        figures = uvloop.run(_bench(wiring, wish))
        if as_json:
            print(json.dumps(asdict(figures)))
        else:
            show(figures, NOTES)
        if figures.agreement.faults:
            raise typer.Exit(1)


async def _bench(wiring: Wiring, wish: Wish) -> Figures:
    home = wiring.home / "bench"
    await asyncio.to_thread(fresh_home, home)
    own = {n: v for n, v in wiring.environment.items() if not n.startswith("ANFU_")}
    with Stack(home, own) as stack:
        async with wiring.within(stack.environment).open() as running:
            _say(f"pgbench: {wish.yardstick.seconds} s, {wish.yardstick.clients} clients")
            place = _place(running)
            tps = await asyncio.to_thread(transactions_per_second, place, wish.yardstick)
            _say(f"{wish.customers} customers, {_MERCHANTS} merchants")
            plan, payers = await _plan(running, stack, wish)
            if wish.network_ms is not None:
                stack.start_network("--delay-ms", str(wish.network_ms))
            stack.start_api()
            stack.start_worker()
            await stack.ready()
            visits = None
            if wish.secured:
                _say(f"{len(payers)} visits")
                plan, visits = await _visited(running, stack, plan, payers)
            _say(f"{wish.connections} connections, {wish.seconds:g} s")
            result, spent = await asyncio.to_thread(
                run_load, plan, stack.environment, lambda load: _spent(stack, place, load)
            )
            _say("comparing answers, payments, entries, events and evidence")
            database = running.tools.database
            around = await conditions(database, wish.connections, wish.customers, wish.yardstick)
            leaves = 1 if wish.network_ms is None else 2  # before the network is asked, and after
            agreement = await compare(running, result.answered, leaves=leaves)
    if sum(result.statuses.values()) != agreement.answers:
        agreement.faults.append(f"not all were answered 201: {result.statuses}")
    return figures_of(result, spent, (agreement, around, visits), tps)


def _place(running: Running) -> Place:
    if running.server is None:
        raise BrokenInvariant("an installation without a database of its own has a server")
    return running.server.place


async def _plan(running: Running, stack: Stack, wish: Wish) -> tuple[Plan, list[Payer]]:
    parties = await enrol(running, wish.customers, _MERCHANTS)
    payers = await enrol_payers(running, parties, wish.seed) if wish.secured else []
    issued = await issue(running, NewKey("bench", _SCOPES, None))
    plan = Plan(
        host=HOST,
        port=stack.ports[API],
        key=issued.key.id,
        secret=issued.secret,
        payers=parties.customers,
        merchants=parties.merchants,
        connections=wish.connections,
        warm_up_s=wish.warm_up_s,
        seconds=wish.seconds / len(wish.kinds),
        seed=wish.seed,
        result=str(stack.home / "result"),
        kinds=wish.kinds,
    )
    return plan, payers


async def _visited(
    running: Running, stack: Stack, plan: Plan, payers: list[Payer]
) -> tuple[Plan, Visits]:
    """The plan with what each payer has after its visit."""
    place, key = _place(running), Credentials(plan.key, plan.secret)
    client = Client(stack.base_url, key, clock=running.clock)
    try:
        known, visits = await visit_all(client, payers, lambda: _spent(stack, place))
    finally:
        client.close()
    return msgspec.structs.replace(plan, known=known), visits


def _spent(stack: Stack, place: Place, load: int | None = None) -> dict[str, float]:
    """Seconds of processor time so far, by who spent them."""
    pids = {"api": stack.pid(API), "worker": stack.pid(WORKER), "postgres": running_pid(place) or 0}
    return family_times(pids if load is None else {**pids, "load": load})


def _say(text: str) -> None:
    NOTES.print(f"[dim]{text}[/dim]")
