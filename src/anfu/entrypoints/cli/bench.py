"""`anfu bench`: how many payments a second, beside pgbench on the same server in the same run."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop
from rich.console import Console

from anfu.entrypoints.cli import bench_decisions, bench_devices, bench_handbook
from anfu.entrypoints.cli.bench_agreement import Agreement, compare
from anfu.entrypoints.cli.bench_backtest import bench_backtest
from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.bench_load import family_times, run_load
from anfu.entrypoints.cli.bench_parties import enrol
from anfu.entrypoints.cli.bench_report import Conditions, Figures, conditions, show
from anfu.entrypoints.cli.keys import issue
from anfu.entrypoints.cli.load import Answered, Plan, Result
from anfu.entrypoints.cli.pgbench import Yardstick, transactions_per_second
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.kernel.errors import BrokenInvariant
from anfu.parties.apikey import NewKey
from anfu.simulation.processes import API, HOST, WORKER, Stack, fresh_home
from anfu.storage.embedded import Place, running_pid

# A payer may pay this often within ten minutes before the rules ask for a proof; there are so
# many payers that none pays more often at this rate.
_EACH = 7
_FASTEST_PER_S = 9_000
_MERCHANTS = 50

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


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time by who spent them."""

    api: float
    worker: float
    postgres: float
    load: float


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Measure: speed, and the quality of decisions.", no_args_is_help=True)
    app.add_typer(group, name="bench")
    bench_backtest(group, wiring)
    bench_decisions.register(group, wiring)
    bench_devices.register(group)
    bench_handbook.register(group, wiring)

    @group.command()
    def payments(
        *,
        seconds: Annotated[float, typer.Option(min=1, help="How long to measure.")] = 20,
        warm_up: Annotated[float, typer.Option(min=0, help="Seconds before that.")] = 4,
        connections: Annotated[int, typer.Option(min=1, help="Requests in flight.")] = 256,
        seed: Annotated[int, typer.Option(help="Seed of the payments.")] = 1,
        customers: Annotated[int, typer.Option(help="Payers; 0: as many as needed.")] = 0,
        pgbench: Annotated[int, typer.Option(min=1, help="Seconds of pgbench.")] = 12,
        protocol: Annotated[str, typer.Option(help="pgbench's query protocol.")] = "simple",
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Pay from balances over HTTP as fast as it goes, then compare all books with all answers.

        The server, with a database of its own under `<home>/bench`, is made anew. Status 1 when
        anything does not agree.

        Example: anfu bench payments --seconds 20 --json
        """
        needed = int((seconds + warm_up) * _FASTEST_PER_S / _EACH)
        yardstick = Yardstick(pgbench, protocol=protocol)
        wish = Wish(seconds, warm_up, connections, customers or needed, seed, yardstick)
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
            plan = await _plan(running, stack, wish)
            stack.start_api()
            stack.start_worker()
            await stack.ready()
            _say(f"{wish.connections} connections, {wish.seconds:g} s")
            result, spent = await asyncio.to_thread(_load, plan, stack, place)
            _say("comparing answers, payments, entries, events and evidence")
            answered = await asyncio.to_thread(_answered, plan)
            database = running.tools.database
            around = await conditions(database, wish.connections, wish.customers, wish.yardstick)
            agreement = await compare(running, answered)
    return _figures(result, agreement, around, spent, tps)


def _place(running: Running) -> Place:
    if running.server is None:
        raise BrokenInvariant("an installation without a database of its own has a server")
    return running.server.place


def _answered(plan: Plan) -> list[Answered]:
    return msgspec.msgpack.decode(Path(plan.answers).read_bytes(), type=list[Answered])


async def _plan(running: Running, stack: Stack, wish: Wish) -> Plan:
    parties = await enrol(running, wish.customers, _MERCHANTS)
    issued = await issue(running, NewKey("bench", frozenset({"payments:write"}), None))
    return Plan(
        host=HOST,
        port=stack.ports[API],
        key=issued.key.id,
        secret=issued.secret,
        payers=parties.customers,
        merchants=parties.merchants,
        connections=wish.connections,
        warm_up_s=wish.warm_up_s,
        seconds=wish.seconds,
        seed=wish.seed,
        answers=str(stack.home / "answers"),
    )


def _load(plan: Plan, stack: Stack, place: Place) -> tuple[Result, Spent]:
    """Run the load; what it and the others spent within the window."""

    def spent(load: int) -> dict[str, float]:
        pids = {"api": stack.pid(API), "worker": stack.pid(WORKER),
                "postgres": running_pid(place) or 0, "load": load}  # fmt: skip
        return family_times(pids)

    result, seconds = run_load(plan, stack.environment, spent)
    return result, Spent(**seconds)


def _figures(
    result: Result, agreement: Agreement, around: Conditions, spent: Spent, tps: float
) -> Figures:
    rate = result.succeeded / result.window_s
    answers = len(result.latencies_ms)
    if sum(result.statuses.values()) != agreement.answers:
        agreement.faults.append(f"not all were answered 201: {result.statuses}")
    cost = {f"{who}_us": round(s / answers * 1e6, 1) for who, s in asdict(spent).items()}
    return Figures(
        payments_per_s=round(rate, 1),
        p50_ms=round(percentile(result.latencies_ms, 0.5), 2),
        p99_ms=round(percentile(result.latencies_ms, 0.99), 2),
        pgbench_tps=round(tps, 1),
        ratio=round(rate / tps, 3),
        window_s=round(result.window_s, 2),
        states=result.states,
        batch_mean=round(agreement.payments / max(agreement.batches, 1), 1),
        cpu_per_payment=cost,
        agreement=agreement,
        conditions=around,
    )


def _say(text: str) -> None:
    NOTES.print(f"[dim]{text}[/dim]")
