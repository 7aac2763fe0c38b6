"""`anfu bench decisions --http`: the same decisions asked of a running API, kept and sealed."""

from __future__ import annotations

import asyncio
import platform
from dataclasses import dataclass

from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.bench_load import family_times, run_load
from anfu.entrypoints.cli.keys import issue
from anfu.entrypoints.cli.load import Window
from anfu.entrypoints.cli.load_orders import Plan
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import BrokenInvariant
from anfu.parties.apikey import NewKey
from anfu.simulation.processes import API, HOST, Stack, fresh_home
from anfu.storage.embedded import running_pid

_MERCHANTS = 50


@dataclass(frozen=True, slots=True)
class Asking:
    """What was asked for on the command line: `connections` with one request in flight each."""

    payers: int
    seconds: float
    connections: int
    seed: int


@dataclass(frozen=True, slots=True)
class Served:
    """Requests of `batch` decisions each; times are of a request, from its first byte out to the
    answer's last byte in. Every decision is kept in PostgreSQL and sealed in the evidence log;
    with the shipped features and rules, lists and graph, and no model. `cpu_us`: processor time
    for each decision, by who spent it."""

    batch: int
    decisions_per_s: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]
    cpu_us: dict[str, float]
    connections: int
    payers: int
    python: str


async def bench_http(wiring: Wiring, asking: Asking) -> list[Served]:
    """Batches of 1, 8 and 32, each against an installation of its own under `<home>/bench`."""
    return [await _served(wiring, asking, batch) for batch in (1, 8, 32)]


async def _served(wiring: Wiring, asking: Asking, batch: int) -> Served:
    home = wiring.home / "bench"
    await asyncio.to_thread(fresh_home, home)
    own = {n: v for n, v in wiring.environment.items() if not n.startswith("ANFU_")}
    with Stack(home, own) as stack:
        async with wiring.within(stack.environment).open() as running:
            issued = await issue(running, NewKey("bench", frozenset({"decisions:write"}), None))
            if running.server is None:
                raise BrokenInvariant("an installation without a database of its own has a server")
            place = running.server.place
            stack.start_api()
            await stack.ready()
            plan = Plan(
                host=HOST, port=stack.ports[API], key=issued.key.id, secret=issued.secret,
                payers=[f"payer-{n}" for n in range(asking.payers)],
                merchants=[f"shop-{n}" for n in range(_MERCHANTS)],
                connections=asking.connections, warm_up_s=asking.seconds / 4,
                seconds=asking.seconds, seed=asking.seed, result=str(home / "result"),
                batch=batch,
            )  # fmt: skip
            result, spent = await asyncio.to_thread(
                run_load, plan, stack.environment,
                lambda load: family_times(
                    {"api": stack.pid(API), "postgres": running_pid(place) or 0, "load": load}
                ),
            )  # fmt: skip
    return _figures(asking, batch, (result.windows[0], result.statuses), spent[0])


def _figures(
    asking: Asking, batch: int, result: tuple[Window, dict[int, int]], spent: dict[str, float]
) -> Served:
    window, statuses = result
    decided = max(window.succeeded, 1)
    return Served(
        batch=batch,
        decisions_per_s=round(window.succeeded / window.seconds, 1),
        p50_ms=round(percentile(window.latencies_ms, 0.5), 2),
        p99_ms=round(percentile(window.latencies_ms, 0.99), 2),
        statuses=statuses,
        cpu_us={who: round(seconds / decided * 1e6, 1) for who, seconds in spent.items()},
        connections=asking.connections,
        payers=asking.payers,
        python=platform.python_version(),
    )
