"""What came of a replay, counted while it runs."""

from __future__ import annotations

from array import array
from collections import Counter
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.replay_reading import BadRow
from anfu.simulation.client import Reply

# So many are told one by one; all are counted.
BAD_SHOWN = 20
_HELD_UP = ("BLOCKED", "CHALLENGED", "IN_REVIEW")


class Made(Struct):
    """How many there are: made by this run, and there before it."""

    created: int = 0
    already_there: int = 0


class Bad(Struct, frozen=True):
    """A row that is no payment: its number in the file, from 1, and why."""

    row: int
    reason: str


class Report(Struct):
    """What is printed. `refusals` by rule or code, `reasons` of payments that risk held up;
    `payments_per_s` of all answers. The last four are None where the books are not ours to read;
    `payments_in_books` counts those of other histories too."""

    rows: int
    payments: Made
    customers: Made
    merchants: Made
    deposits: Made
    states: dict[str, int]
    refusals: dict[str, int]
    reasons: dict[str, int]
    bad_rows: int
    bad: list[Bad]
    seconds: float
    payments_per_s: float
    p50_ms: float | None
    p99_ms: float | None
    payments_in_books: int | None = None
    ledger_imbalance: int | None = None
    evidence_verified: bool | None = None
    faults: list[str] = field(default_factory=list)


class Tally:
    """Counts answers. What was made before `started` was there already."""

    def __init__(self, started: datetime) -> None:
        self._started = started
        self._made = {w: Made() for w in ("payments", "customers", "merchants", "deposits")}
        self._states: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._seconds = array("f")
        self._bad: list[Bad] = []
        self.rows = 0
        self.bad_rows = 0

    def bad(self, row: BadRow) -> None:
        """Note a row that is no payment."""
        self.rows += 1
        self.bad_rows += 1
        if len(self._bad) < BAD_SHOWN:
            self._bad.append(Bad(row.number, row.reason))

    def made(self, what: str, reply: Reply) -> None:
        """Note what a good answer says was made, now or before."""
        there = datetime.fromisoformat(reply.body["created_at"]) < self._started
        made = self._made[what]
        if there:
            made.already_there += 1
        else:
            made.created += 1

    def payment(self, reply: Reply) -> None:
        """Note the payment a row became."""
        self.rows += 1
        self.made("payments", reply)
        self._seconds.append(reply.seconds)
        state = reply.body["state"]
        self._states[state] += 1
        if (refusal := reply.body["refusal"]) is not None:
            self._refusals[refusal.get("rule") or refusal["code"]] += 1
        if state in _HELD_UP:
            self._reasons.update(reply.body["reasons"])

    def report(self, seconds: float) -> Report:
        """All of it."""
        times = [s * 1000 for s in self._seconds]
        return Report(
            rows=self.rows,
            payments=self._made["payments"],
            customers=self._made["customers"],
            merchants=self._made["merchants"],
            deposits=self._made["deposits"],
            states=dict(self._states.most_common()),
            refusals=dict(self._refusals.most_common()),
            reasons=dict(self._reasons.most_common()),
            bad_rows=self.bad_rows,
            bad=self._bad,
            seconds=round(seconds, 1),
            payments_per_s=round(len(times) / seconds, 1),
            p50_ms=round(percentile(times, 0.5), 1) if times else None,
            p99_ms=round(percentile(times, 0.99), 1) if times else None,
        )


def show(report: Report, console: Console) -> None:
    """The same as a table."""
    table = Table("what", "how many", title="replay")
    table.add_row("rows", str(report.rows))
    for what in ("payments", "customers", "merchants", "deposits"):
        made: Made = getattr(report, what)
        table.add_row(what, f"created {made.created}, already there {made.already_there}")
    for what in ("states", "refusals", "reasons"):
        counts: dict[str, int] = getattr(report, what)
        for name, count in counts.items():
            table.add_row(f"{what}: {name}", str(count))
    table.add_row("seconds", f"{report.seconds:g}")
    table.add_row("payments/s", f"{report.payments_per_s:g}")
    table.add_row("p50, p99", f"{_ms(report.p50_ms)}, {_ms(report.p99_ms)}")
    for what in ("payments_in_books", "ledger_imbalance", "evidence_verified"):
        found: Any = getattr(report, what)
        table.add_row(what.replace("_", " "), "not known here" if found is None else str(found))
    console.print(table)
    for bad in report.bad:
        console.print(f"[yellow]row {bad.row}:[/yellow] {bad.reason}", highlight=False)
    if report.bad_rows > len(report.bad):
        console.print(f"[yellow]and {report.bad_rows - len(report.bad)} more rows[/yellow]")
    for fault in report.faults:
        console.print(f"[red]{fault}[/red]")


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:g} ms"
