"""`anfu bench decisions`: how many decisions a second one core makes, in this process."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.bench_http import Asking, bench_http
from anfu.entrypoints.cli.bench_parts import TREES, models, rules
from anfu.entrypoints.cli.bench_shared import bench_shared
from anfu.entrypoints.cli.bench_stream import Stream
from anfu.entrypoints.cli.wiring import Wiring
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.event import Event
from anfu.risk.facts import Facts
from anfu.risk.profiles import Profiles

NOTES = Console(stderr=True)
# As many payments as the model of the bench is trained on.
_TRAINED = 20_000
# Of a merchant with a million payments a day.
_HOT_GAP_S = 0.0864


@dataclass(frozen=True, slots=True)
class Speed:
    """Of batches of `batch` payments. Times are from the start of a batch to its verdicts, and
    every payment of the batch waits so long; `cpu_us` is processor time of a decision."""

    batch: int
    decisions_per_s: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    p999_ms: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What the profiles take: growth of the process while they learned `payments`."""

    payments: int
    keys: int
    rows: int
    bytes_per_payment: float
    bytes_per_key: float


@dataclass(frozen=True, slots=True)
class Decided:
    """`hot` is processor time of the features of payments to one merchant with a million a day.
    `shares_us` is that of a decision, by part, measured on their own."""

    speeds: list[Speed]
    memory: Memory
    hot: dict[str, float]
    shares_us: dict[str, float]
    conditions: dict[str, str | int | float]


def register(group: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @group.command()
    def decisions(
        *,
        count: Annotated[int, typer.Option(min=1_000, help="Decisions to measure.")] = 60_000,
        history: Annotated[int, typer.Option(min=1_000, help="Payments before.")] = 200_000,
        payers: Annotated[int, typer.Option(min=10, help="Payers.")] = 20_000,
        seed: Annotated[int, typer.Option(help="Seed of the payments.")] = 1,
        valkey: Annotated[str, typer.Option(help="Profiles in this Valkey instead.")] = "",
        http: Annotated[bool, typer.Option("--http", help="Through a running API.")] = False,
        seconds: Annotated[float, typer.Option(min=1, help="Of --http, for each batch.")] = 10,
        connections: Annotated[int, typer.Option(min=1, help="Of --http.")] = 8,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Decide on distinct payments with every feature, a hundred rules and a model of three
        hundred trees, on one core of this process.

        Example: anfu bench decisions --json
        """
        if valkey or http:
            asking = Asking(payers, seconds, connections, seed)
            for figures in (
                asyncio.run(bench_shared(valkey, count, payers, seed)) if valkey
                else uvloop.run(bench_http(wiring, asking))
            ):  # fmt: skip
                print(json.dumps(asdict(figures)))
            return
        decided = asyncio.run(_bench(count, history, payers, seed))
        if as_json:
            print(json.dumps(asdict(decided)))
        else:
            show(decided, NOTES)


def show(decided: Decided, console: Console) -> None:
    """The same as a table."""
    table = Table("figure", "value", title="decisions")
    for speed in decided.speeds:
        table.add_row(
            f"batches of {speed.batch}",
            f"{speed.decisions_per_s:,.0f} a second, {speed.cpu_us:.1f} µs of processor;"
            f" p50 {speed.p50_ms:.3f}, p99 {speed.p99_ms:.3f}, p99.9 {speed.p999_ms:.3f} ms",
        )
    for part in (asdict(decided.memory), decided.hot, decided.shares_us, decided.conditions):
        for name, value in part.items():
            table.add_row(name, f"{value:,.1f}" if type(value) is float else str(value))
    console.print(table)


async def _bench(count: int, history: int, payers: int, seed: int) -> Decided:
    stream = Stream(payers, rate_per_s=max(1.0, payers / 20_000), seed=seed)
    profiles = Profiles(CATALOGUE)
    before = _resident()
    NOTES.print(f"[dim]{history} payments of {payers} payers are learned[/dim]")
    learned: list[Facts] = []
    frauds: list[bool] = []
    for n, (payment, behaviour, fraud) in enumerate(stream.payments(history + _TRAINED)):
        await profiles.observe(behaviour)
        [facts] = await profiles.learn([payment])
        if n == history - 1:
            memory = _memory(profiles, history, before)
        if n >= history:
            learned.append(facts)
            frauds.append(fraud)
        elif fraud:
            await profiles.label(payment, fraud=True, at=payment.at)
    NOTES.print(f"[dim]{TREES} trees are trained on {len(learned)} of them[/dim]")
    serving = models(CATALOGUE, learned, frauds)
    engine = Engine(CATALOGUE, rules(CATALOGUE), profiles, models=serving)
    learned.clear()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)
    speeds = [await _speed(engine, stream, count, batch) for batch in (1, 8, 32)]
    shares = await _shares(engine, stream, min(count, 20_000))
    hot = await _hot(profiles, stream, min(count, 40_000))
    return Decided(speeds, memory, hot, shares, _conditions(engine, payers, history, count))


async def _speed(engine: Engine, stream: Stream, count: int, batch: int) -> Speed:
    """Behaviour is learned between the batches and not measured."""
    NOTES.print(f"[dim]{count} decisions, {batch} at a time[/dim]")
    times: list[float] = []
    processor = 0.0
    many = list(stream.payments(count))
    for at in range(0, count - count % batch, batch):
        events, behaviour = _part(many, at, batch)
        await engine.observe(behaviour)
        names = [f"dec_{event.id}" for event in events]
        used, began = time.process_time(), time.perf_counter()
        await engine.decide(events, names)
        times.append(time.perf_counter() - began)
        processor += time.process_time() - used
    decided = len(times) * batch
    return Speed(
        batch=batch,
        decisions_per_s=round(decided / sum(times), 1),
        cpu_us=round(processor / decided * 1e6, 2),
        p50_ms=round(percentile(times, 0.5) * 1e3, 4),
        p99_ms=round(percentile(times, 0.99) * 1e3, 4),
        p999_ms=round(percentile(times, 0.999) * 1e3, 4),
    )


def _part(
    many: Sequence[tuple[Event, list[Event], bool]], at: int, batch: int
) -> tuple[list[Event], list[Event]]:
    part = many[at : at + batch]
    return [event for event, _, _ in part], [b for _, before, _ in part for b in before]


async def _hot(profiles: Profiles, stream: Stream, count: int) -> dict[str, float]:
    """The first third only brings the merchant over the limit and is not measured."""
    NOTES.print(f"[dim]{count} payments to one merchant[/dim]")
    times = []
    start = next(stream.payments(1))[0].at
    for n, (event, _, _) in enumerate(stream.payments(count)):
        at = start + timedelta(seconds=n * _HOT_GAP_S)
        hot = replace(event, payee="mer_hot", at=at)
        used = time.process_time()
        await profiles.learn([hot])
        times.append((time.process_time() - used) * 1e6)
    times = times[count // 3 :]
    shares = {"p50_us": 0.5, "p99_us": 0.99, "p999_us": 0.999, "most_us": 1.0}
    return {name: round(percentile(times, share), 1) for name, share in shares.items()}


async def _shares(engine: Engine, stream: Stream, count: int) -> dict[str, float]:
    """Processor time of the parts of a decision, each over batches of 8."""
    batches = [[e for e, _, _ in stream.payments(8)] for _ in range(count // 8)]

    used = time.process_time()
    rows = [await engine.profiles.learn(batch) for batch in batches]
    features = time.process_time() - used
    known = [[(*row, None, None, None, None) for row in some] for some in rows]
    used = time.process_time()
    for some in known:
        engine.models.score(some)
    scoring = time.process_time() - used
    decisions = count // 8 * 8
    parts = {"features": features, "model": scoring}
    return {name: round(seconds / decisions * 1e6, 2) for name, seconds in parts.items()}


def _memory(profiles: Profiles, payments: int, before: int) -> Memory:
    gc.collect()
    grown = _resident() - before
    counts = profiles.counts().values()
    keys, rows = sum(k for k, _ in counts), sum(r for _, r in counts)
    return Memory(payments, keys, rows, round(grown / payments, 1), round(grown / keys, 1))


def _resident() -> int:
    """Bytes of memory this process has (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _conditions(
    engine: Engine, payers: int, history: int, count: int
) -> dict[str, str | int | float]:
    return {
        "features": len(engine.catalogue.features),
        "rules": len(engine.rule_set.rules),
        "trees": TREES,
        "payers": payers,
        "history": history,
        "count": count,
        "lists": type(engine.lists).__name__,
        "graph": type(engine.graph).__name__,
        "cores": len(os.sched_getaffinity(0)),
        "load_1m": round(os.getloadavg()[0], 2),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
