"""`anfu bench reconcile`: a day of three networks with seeded differences: which are found, which
are found wrongly, whether the books balance, and what it takes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.bench_memory import Memory
from anfu.entrypoints.cli.bench_reconcile_day import CLASSES, CURRENCY, Day, make_day
from anfu.entrypoints.cli.bench_reconcile_formats import FORMATS
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.kernel.clock import SystemClock
from anfu.kernel.ids import SystemEntropy
from anfu.kernel.periods import civil_date
from anfu.ledger.entry import EntryOrder
from anfu.ledger.operations import open_accounts, post
from anfu.ledger.queries import find_balances, find_discrepancies, trial_balance
from anfu.payments.booked.operations import insert_made, insert_made_refunds
from anfu.payments.fund import balance_account, channel_key, institution_accounts
from anfu.settlement.reconciliation.fetch import Desk
from anfu.settlement.reconciliation.item import Item, State, positions
from anfu.settlement.reconciliation.queries import items_of, posted_items
from anfu.settlement.reconciliation.reconcile import reconcile
from anfu.settlement.reconciliation.suspense import long_key, short_key
from anfu.settlement.reconciliation.treat import treat
from anfu.simulation.networks import NAMES, Place, provision
from anfu.simulation.processes import fresh_home
from anfu.storage.transaction import Tx

NOTES = Console(stderr=True)
_PAYEE = "mer_bench"
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """Of one class: how many were seeded, how many of those were found in it, and how many were
    put in it that were not seeded so."""

    seeded: int
    found: int
    wrongly: int


@dataclass(slots=True)
class Figures:
    """`parse_s`: reading the files alone, once more, by network; `reconcile_s`: keeping, reading,
    matching and booking all of them, `reconcile_cpu_s` the processor time of it, the database's
    too; `treat_s`: posting the differences. `peak_mb`: of this process and the database's, above
    shared memory, meanwhile. `classes` by network and class. `faults`: what does not balance."""

    lines: int = 0
    payments: int = 0
    megabytes: float = 0.0
    parse_s: dict[str, float] = field(default_factory=dict)
    reconcile_s: float = 0.0
    reconcile_cpu_s: float = 0.0
    treat_s: float = 0.0
    peak_mb: float = 0.0
    classes: dict[str, dict[str, Found]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def register(group: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @group.command("reconcile")
    def reconcile_(
        *,
        lines: Annotated[int, typer.Option(min=100, help="Payments in all.")] = 1_000_000,
        differences: Annotated[
            float, typer.Option(min=0, max=0.1, help="Share of each class of differences.")
        ] = 0.001,
        seed: Annotated[int, typer.Option(help="Seed of the day.")] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Match a day of payments with bills that were made to differ.

        WeChat Pay, Alipay and UnionPay, a third of the payments each, write the bills in their own
        formats; what reads them is what reads the real ones. The database under `<home>/bench` is
        made anew. Status 1 unless every difference is found, nothing else is, and the books
        balance.

        Example: anfu bench reconcile --lines 1000000 --differences 0.001
        """
        figures = uvloop.run(_bench(wiring, lines, differences, seed))
        print(json.dumps(asdict(figures))) if as_json else show(figures, NOTES)
        found = [f for of in figures.classes.values() for f in of.values()]
        wrong = [f for f in found if f.seeded != f.found or f.wrongly]
        raise typer.Exit(1 if wrong or figures.faults else 0)


async def _bench(wiring: Wiring, lines: int, share: float, seed: int) -> Figures:
    home = wiring.home / "bench"
    await asyncio.to_thread(fresh_home, home)
    plan = await asyncio.to_thread(_provision, home)
    own = {n: v for n, v in wiring.environment.items() if not n.startswith("ANFU_")}
    here = {**own, "ANFU_HOME": str(home), "ANFU_CHANNELS": str(plan)}
    async with wiring.within(here).open() as running:
        day = civil_date(running.clock.now() - timedelta(days=1))
        days = []
        for place, name in enumerate(NAMES):
            count = lines // len(NAMES) + (place < lines % len(NAMES))
            made = await asyncio.to_thread(make_day, name, day, count, share, seed)
            await _fill(running, name, made)
            days.append(made)
        terms = {name: form.terms for name, form in FORMATS.items()}
        desk = Desk(running.tools, running.tools.bills, terms)
        return await _measure(running, desk, days)


def _provision(home: Path) -> Path:
    """Makes us a member of the networks, which nobody calls: bills are read as a member reads
    them."""
    nowhere = Place(dict.fromkeys(NAMES, "http://127.0.0.1:9"), "http://127.0.0.1:9")
    return provision(home / "networks", nowhere, now=SystemClock().now(), entropy=SystemEntropy())


async def _fill(running: Running, channel: str, day: Day) -> None:
    """The payments as rows, and what they come to as one entry."""
    payee, now = balance_account(_PAYEE, CURRENCY), running.clock.now()
    accounts = [*institution_accounts(CURRENCY, [channel]), payee]
    owed = channel_key(channel, CURRENCY)
    whole = EntryOrder(f"rcb_{channel}", owed, payee.key, CURRENCY, day.money)

    async def book(tx: Tx) -> None:
        await open_accounts(tx, accounts=accounts, now=now)
        await post(tx, orders=[whole], now=now)

    database = running.tools.database
    await database.run(book)
    for start in range(0, len(day.made), _BATCH):
        await database.run(partial(
            insert_made, channel=channel, currency=CURRENCY, payee=_PAYEE,
            made=day.made[start : start + _BATCH],
        ))  # fmt: skip
    for first in range(0, len(day.refunds), _BATCH):
        batch = day.refunds[first : first + _BATCH]
        await database.run(partial(insert_made_refunds, made=batch))
    day.made.clear()
    day.refunds.clear()


async def _measure(running: Running, desk: Desk, days: Sequence[Day]) -> Figures:
    figures = Figures()
    found: list[Item] = []
    with Memory(running.server) as memory:
        for day in days:
            began, spent = time.perf_counter(), memory.cpu_s()
            taken = await reconcile(desk, day.file, by="bench", now=running.clock.now())
            figures.reconcile_s += time.perf_counter() - began
            figures.reconcile_cpu_s += memory.cpu_s() - spent
            figures.lines += sum(s.lines for s in taken.sums)
            figures.payments += sum(s.ours for s in taken.sums)
            async with running.tools.database.transaction(readonly=True) as tx:
                found += await items_of(tx, taken.bill.id)
        for day in days:
            began = time.perf_counter()
            await treat(running.tools, running.clock, day.file.channel)
            figures.treat_s += time.perf_counter() - began
    figures.peak_mb = round(memory.peak_mb, 1)
    for day in days:
        figures.megabytes += len(day.file.content) / 1e6
        began = time.perf_counter()
        for _ in desk.bills[day.file.channel].trades(day.file):
            pass
        figures.parse_s[day.file.channel] = round(time.perf_counter() - began, 1)
        figures.classes[day.file.channel] = _compare(day, found)
    figures.faults = await _faults(running, desk)
    return figures


def _compare(day: Day, found: Sequence[Item]) -> dict[str, Found]:
    """Every class, also of which the bill has none: it must not be found there."""
    items = [item for item in found if item.channel == day.file.channel]
    classes = {}
    for name in CLASSES:
        cls, ours = State(name.removesuffix("_FAILED")), "NOT_DONE" if "_F" in name else None
        seeded = day.seeded.get(name, frozenset())
        here = {
            i.number
            for i in items
            if i.cls is cls and (cls is not State.LONG or i.our_state == ours)
        }
        classes[name] = Found(len(seeded), len(seeded & here), len(here - seeded))
    return classes


async def _faults(running: Running, desk: Desk) -> list[str]:
    """What does not balance: debits and credits, counters and entries, suspense and open items."""
    faults: list[str] = []
    async with running.tools.database.transaction(readonly=True) as tx:
        for row in await trial_balance(tx):
            if row.imbalance or row.unexplained:
                faults.append(f"{row.asset}: {row.imbalance}, {row.unexplained}")
        faults += [str(d) for d in await find_discrepancies(tx)]
        for channel in desk.bills:
            open_ = [positions(item) for item in await posted_items(tx, channel)]
            for currency in (CURRENCY, "USD"):
                keys = long_key(channel, currency), short_key(channel, currency)
                balances = await find_balances(tx, keys)
                amounts = [p.get(currency, 0) for p in open_]
                wanted = sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)
                booked = tuple(balances[k].posted if k in balances else 0 for k in keys)
                if booked != wanted:
                    faults.append(f"suspense of {channel}: {booked}, items {wanted}")
    return faults


def show(figures: Figures, console: Console) -> None:
    """As tables."""
    table = Table("class", *figures.classes, title="seeded / found / wrongly found 差异")
    for name in CLASSES:
        rows = [of[name] for of in figures.classes.values()]
        table.add_row(name, *(f"{r.seeded:,} / {r.found:,} / {r.wrongly:,}" for r in rows))
    console.print(table)
    rest = Table("figure", "value", title="reconcile 对账")
    for name, value in asdict(figures).items():
        if name not in ("classes", "faults"):
            rest.add_row(name, _text(value))
    rest.add_row("faults", "; ".join(figures.faults) or "none 无")
    console.print(rest)


def _text(value: float | Mapping[str, float]) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {seconds:,.1f}" for name, seconds in value.items())
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
