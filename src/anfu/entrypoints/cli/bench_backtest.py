"""`anfu bench backtest`: one rule over many rows, its features there or one of them computed."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from anfu.entrypoints.cli.wiring import Wiring
from anfu.lab.backtests.trial import trial
from anfu.lab.backtests.wish import Wish, rules_apart
from anfu.lab.engines.opening import open_engine
from anfu.lab.engines.single import MEMORY, THREADS
from anfu.lab.history.opened import HISTORY, TOLD
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.rules import Grade, Rule, RuleSet, default_rule_set

_START = datetime(2026, 8, 1, tzinfo=UTC)
_DAYS = 90
# Among ten payments of a payer in 90 days a window of a week holds about two.
_ROWS_A_PAYER = 10
_ALONE = rules_apart([])
NOTES = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Timed:
    """One back-test: seconds from opening the engine to the last figure, the best of `runs_s` (the
    file is in the cache of the system then), the least seconds of processor time, and what it
    found."""

    best_s: float
    cpu_s: float
    runs_s: list[float]
    acted: int
    caught: int


@dataclass(frozen=True, slots=True)
class BenchFigures:
    """`ready`: one rule of three facts that are in the file. `beside`: the same beside the rules in
    force, all facts of which are in the file. `raw`: one rule with a window feature that is
    computed from the rows. `load`: processes that wanted a core, on average over a minute."""

    rows: int
    bytes: int
    made_s: float
    ready: Timed
    beside: Timed
    raw: Timed
    engine: str
    threads: int
    memory: str
    cores: int
    load: float
    machine: str
    python: str
    duckdb: str


def bench_backtest(group: typer.Typer, wiring: Wiring) -> None:
    """Add the command to the group."""

    @group.command()
    def backtest(
        *,
        rows: Annotated[int, typer.Option(min=1_000, help="Payments.")] = 10_000_000,
        seed: Annotated[int, typer.Option(help="Seed of the payments.")] = 1,
        runs: Annotated[int, typer.Option(min=1, help="Of each the best counts.")] = 3,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Back-test one rule over many payments, from a file made once and used again.

        Example: anfu bench backtest --rows 10000000 --json
        """
        folder = wiring.home / "bench-backtest" / f"{rows}-{seed}"
        began = time.perf_counter()
        made = not (folder / "done").exists()
        if made:
            NOTES.print(f"[dim]making {rows:,} payments in {folder}[/dim]")
            _make(folder, rows, seed)
        made_s = time.perf_counter() - began if made else 0.0
        figures = _measured(wiring, folder, rows, made_s, runs)
        if as_json:
            print(json.dumps(asdict(figures)))
        else:
            for name, value in asdict(figures).items():
                NOTES.print(f"{name}: {value}")


def _measured(wiring: Wiring, folder: Path, rows: int, made_s: float, runs: int) -> BenchFigures:
    ready = Rule("ready", "amount > 300000 AND payer_count_24h >= 3 AND payer_payee_age_s < 3600",
                 Grade.MIDDLE, 40, "READY", "bench", "测试")  # fmt: skip
    raw = Rule("raw", "amount > 300000 AND payer_count_7d >= 3", Grade.MIDDLE, 40, "RAW", "bench",
               "测试")  # fmt: skip

    def timed(rule: Rule, live: RuleSet) -> Timed:
        found = [_once(wiring, folder, rule, live) for _ in range(runs)]
        return _best(found)

    return BenchFigures(
        rows=rows,
        bytes=sum(file.stat().st_size for file in folder.glob("*.parquet")),
        made_s=round(made_s, 1),
        ready=timed(ready, _ALONE),
        beside=timed(ready, default_rule_set()),
        raw=timed(raw, _ALONE),
        engine=wiring.offline or "DuckDB",
        threads=THREADS,
        memory=MEMORY,
        cores=len(os.sched_getaffinity(0)),
        load=round(os.getloadavg()[0], 1),
        machine=platform.machine(),
        python=platform.python_version(),
        duckdb=duckdb.__version__,
    )


def _best(found: list[Timed]) -> Timed:
    runs = [timed.best_s for timed in found]
    return Timed(
        min(runs), min(timed.cpu_s for timed in found), runs, found[0].acted, found[0].caught
    )


def _once(wiring: Wiring, folder: Path, rule: Rule, live: RuleSet) -> Timed:
    end = _START + timedelta(days=_DAYS)
    wish = Wish(rules_apart([rule]), live, False, _START, end, end, timedelta(days=30))
    began, spent = time.perf_counter(), time.process_time()
    engine = open_engine(wiring.offline)
    try:
        engine.table(HISTORY, [folder / "history.parquet"])
        engine.table(TOLD, [folder / "labels.parquet"])
        figures = trial(engine, CATALOGUE, wish)
    finally:
        engine.close()
    took = round(time.perf_counter() - began, 3)
    cpu = round(time.process_time() - spent, 3)
    return Timed(took, cpu, [took], figures.acted.all.count, figures.judged.caught.count)


def _make(folder: Path, rows: int, seed: int) -> None:
    """Payments in time order with every feature but the one that is to be computed; values are
    drawn by hashing, so that a seed gives the same file everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    payers = max(1, rows // _ROWS_A_PAYER)
    step = _DAYS * 86_400_000_000 // rows
    start = (_START - EPOCH) // MICROSECOND

    def drawn(name: str, most: int) -> str:
        return f"CAST(hash(i, '{name}', {seed}) % {most} AS BIGINT)"

    fixed = {
        "event": "'pay_' || i", "kind": "'PAYMENT'", "at": f"{start} + i * {step}",
        "amount": f"1 + {drawn('amount', 1_000)} * {drawn('times', 1_000)}",
        "currency": "'CNY'", "method": "'balance'", "list_hits": "''",
        "payer": f"'cus_' || {drawn('payer', payers)}",
        "payee": f"'mer_' || {drawn('payee', max(1, rows // 500))}",
    }  # fmt: skip
    kinds = {"INTEGER": "BIGINT", "DOUBLE": "DOUBLE", "TEXT": "VARCHAR"}
    columns = ["i AS seq"]
    for fact in CATALOGUE.facts:
        if fact.name == "payer_count_7d":
            continue
        sql = f"CAST(NULL AS {kinds[fact.type]})" if fact.nullable else drawn(fact.name, 20)
        if fact.name.endswith("_s"):
            sql = drawn(fact.name, 90_000)
        elif fact.nullable and fact.type != "TEXT":
            sql = f"CAST({drawn(fact.name, 2_000)} AS {kinds[fact.type]})"
        columns.append(f'{fixed.get(fact.name, sql)} AS "{fact.name}"')
    columns += ["'ALLOW' AS outcome", "'SUCCEEDED' AS state", "CAST(0 AS BIGINT) AS refunded"]
    label = 'SELECT event, "at" + 86400000000 * 5 AS "at", TRUE AS fraud, \'bench\' AS source'
    label += f" FROM read_parquet('{folder}/history.parquet') WHERE hash(event, {seed}) % 1000 = 0"
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}")
        made = f"SELECT {', '.join(columns)} FROM range({rows}) AS r(i)"
        for query, name in ((made, "history"), (label, "labels")):
            connection.execute(f"COPY ({query}) TO '{folder}/{name}.parquet' (FORMAT parquet)")
    (folder / "done").touch()
