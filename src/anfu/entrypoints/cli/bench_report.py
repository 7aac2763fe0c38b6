"""What `anfu bench` found, and under which conditions."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.bench_agreement import Agreement
from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.bench_visits import Visits
from anfu.entrypoints.cli.load import Result, Window
from anfu.entrypoints.cli.load_orders import SECURED
from anfu.entrypoints.cli.pgbench import Yardstick
from anfu.storage.database import Database

_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers",
             "data_checksums")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a figure means nothing without. `cores` are those this process may use."""

    cores: int
    machine: str
    python: str
    postgres: dict[str, str]
    connections: int
    customers: int
    pgbench: str


@dataclass(frozen=True, slots=True)
class Speed:
    """`payments_per_s` counts payments that succeeded within the windows; times are of every
    answer in them, from the request's first byte out to the answer's last byte in.
    `cpu_per_payment`: microseconds of processor time for each answer, by who spent them."""

    payments_per_s: float
    p50_ms: float
    p99_ms: float
    window_s: float
    cpu_per_payment: dict[str, float]


@dataclass(frozen=True, slots=True)
class Secured(Speed):
    """Payments with device session and mandates, in turn with the others in one run, and the
    `ratio` of both rates. `visits`: the sessions, which were opened before."""

    ratio: float
    visits: Visits


@dataclass(frozen=True, slots=True)
class Figures(Speed):
    """`ratio` is that to pgbench. `batch_mean`: payments to a transaction, over the whole run."""

    pgbench_tps: float
    ratio: float
    secured: Secured | None
    states: dict[str, int]
    batch_mean: float
    agreement: Agreement
    conditions: Conditions


def figures_of(
    result: Result, spent: Sequence[Mapping[str, float]],
    found: tuple[Agreement, Conditions, Visits | None], tps: float,
) -> Figures:  # fmt: skip
    """`spent`: seconds of processor time in each window, by who."""
    agreement, around, visits = found
    measured = list(zip(result.windows, spent, strict=True))
    plain, secured = _speed([m for m in measured if m[0].kind != SECURED]), None
    if visits is not None:
        speed = _speed([m for m in measured if m[0].kind == SECURED])
        ratio = round(speed.payments_per_s / plain.payments_per_s, 3)
        secured = Secured(**asdict(speed), ratio=ratio, visits=visits)
    return Figures(
        **asdict(plain),
        pgbench_tps=round(tps, 1),
        ratio=round(plain.payments_per_s / tps, 3),
        secured=secured,
        states=result.states,
        batch_mean=round(agreement.payments / max(agreement.batches, 1), 1),
        agreement=agreement,
        conditions=around,
    )


def _speed(measured: Sequence[tuple[Window, Mapping[str, float]]]) -> Speed:
    """Of windows of one kind, together."""
    times = [ms for window, _ in measured for ms in window.latencies_ms]
    seconds = sum(window.seconds for window, _ in measured)
    cost: Counter[str] = Counter()
    for _, spent in measured:
        cost.update(spent)
    return Speed(
        payments_per_s=round(sum(window.succeeded for window, _ in measured) / seconds, 1),
        p50_ms=round(percentile(times, 0.5), 2),
        p99_ms=round(percentile(times, 0.99), 2),
        window_s=round(seconds, 2),
        cpu_per_payment={f"{who}_us": round(s / len(times) * 1e6, 1) for who, s in cost.items()},
    )


async def conditions(
    database: Database, connections: int, customers: int, yardstick: Yardstick
) -> Conditions:
    """The conditions of this run."""
    async with database.transaction(readonly=True) as tx:
        settings = {
            name: str(await tx.fetchval("SELECT current_setting($1)", name)) for name in _SETTINGS
        }
    return Conditions(
        cores=len(os.sched_getaffinity(0)),
        machine=platform.machine(),
        python=platform.python_version(),
        postgres=settings,
        connections=connections,
        customers=customers,
        pgbench=f"TPC-B, scale {yardstick.scale}, {yardstick.clients} clients,"
        f" {yardstick.threads} threads, {yardstick.protocol} protocol, {yardstick.seconds} s",
    )


def show(figures: Figures, console: Console) -> None:
    """The same as a table."""
    table = Table("figure", "value", title="payments")
    told = asdict(figures)
    agreement, around = told.pop("agreement"), told.pop("conditions")
    for name, value in [*told.items(), *around.items(), *agreement.items()]:
        if value is None:
            continue
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if type(value) is dict else value
        table.add_row(name, "; ".join(shown) if type(shown) is list else str(shown))
    console.print(table)
