"""What `anfu bench` found, and under which conditions."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.bench_agreement import Agreement
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
class Figures:
    """`payments_per_s` counts payments that succeeded within the window; times are of every
    answer in it, from the request's first byte out to the answer's last byte in. `batch_mean`:
    payments to a transaction, over the whole run. `cpu_per_payment`: microseconds of processor
    time for each answer, by who spent them."""

    payments_per_s: float
    p50_ms: float
    p99_ms: float
    pgbench_tps: float
    ratio: float
    window_s: float
    states: dict[str, int]
    batch_mean: float
    cpu_per_payment: dict[str, float]
    agreement: Agreement
    conditions: Conditions


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
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if type(value) is dict else value
        table.add_row(name, "; ".join(shown) if type(shown) is list else str(shown))
    console.print(table)
