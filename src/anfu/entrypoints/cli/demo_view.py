"""What the demo shows: a view while it runs, tables at its end. All on standard error."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta, timezone
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from anfu.entrypoints.cli.demo_checks import Check
from anfu.entrypoints.cli.demo_office import Opened
from anfu.simulation.figures import MEANINGS, quantile_ms
from anfu.simulation.tally import Tally, Trace

NOTES = Console(stderr=True)
_SHANGHAI = timezone(timedelta(hours=8))
_COLOURS = {
    "SUCCEEDED": "green",
    "BLOCKED": "red",
    "REFUSED": "magenta",
    "CHALLENGED": "yellow",
    "IN_REVIEW": "cyan",
    "UNKNOWN": "bright_black",
    "SENDING": "bright_black",
    "FAILED": "bright_black",
}
_STOPPED = {
    "blocked": "blocked",
    "challenged": "challenged",
    "reviewed": "to review",
    "refused": "refused",
    "declined_by_network": "declined",
}
_RECENT = 2_000


class View:
    """Renders a tally while it grows."""

    def __init__(self, tally: Tally, seconds: float) -> None:
        self._tally = tally
        self._seconds = seconds
        self._started = time.monotonic()

    def __rich__(self) -> Group:
        tally = self._tally
        passed = min(time.monotonic() - self._started, self._seconds)
        made = len(tally.traces)
        times = sorted(trace.seconds for trace in tally.traces[-_RECENT:])
        head = Text.assemble(
            (f" {made:,} payments", "bold"),
            f"   {made / max(passed, 0.001):,.0f}/s",
            f"   p50 {quantile_ms(times, 0.5):.0f} ms   p99 {quantile_ms(times, 0.99):.0f} ms",
            f"   {passed:.0f} of {self._seconds:g} s",
            f"   it is {_date(tally)}" if tally.today else "",
        )
        return Group(head, self._answers(), self._noteworthy())

    def _answers(self) -> Text:
        parts = []
        for state, number in self._tally.first.most_common():
            parts += [(f" {number:,} ", _COLOURS.get(state, "")), (f"{state} ", "dim")]
        return Text.assemble(*parts)

    def _noteworthy(self) -> Panel:
        rows = Table.grid(padding=(0, 1))
        for trace in reversed(self._tally.noteworthy):
            rows.add_row(*_row(trace))
        return Panel(rows, title="stopped a moment ago", title_align="left", border_style="dim")


def show_summary(figures: Mapping[str, Any], checks: Sequence[Check]) -> None:
    """The figures with their meanings, frauds, limits met, and what was verified."""
    NOTES.print(_figures(figures))
    NOTES.print(_frauds(figures["frauds"]))
    if figures["limits"]:
        NOTES.print(_limits(figures["limits"]))
    NOTES.print(_checks(checks))


def _figures(figures: Mapping[str, Any]) -> Table:
    table = Table(title=f"{figures['days']} simulated days in {figures['seconds']} s")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("meaning", style="dim")
    for name, meaning in MEANINGS.items():
        value = figures[name]
        shown = f"{100 * value:.2f} %" if name.endswith("_rate") else f"{value:,}"
        table.add_row(name, shown, meaning)
    honest = figures["honest"]
    for name in ("challenged", "reviewed", "blocked"):
        rate = f"{100 * honest[f'{name}_rate']:.2f} %"
        table.add_row(f"honest {name}", rate, f"of {honest['attempted']:,} honest payments")
    limited = honest["refused_by_limit"]
    table.add_row("honest refused", f"{limited:,}", "honest payments refused by a limit of the law")
    return table


def _frauds(frauds: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("fraud", title="Frauds: what was tried and what came through")
    for name in ("tried", "through", "CNY tried", "CNY through"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("first answers to the others")
    for kind, row in frauds.items():
        counts = (str(row["attempted"]), str(row["let_through"]))
        values = (yuan(row["value"]), yuan(row["value_let_through"]))
        stopped = ", ".join(f"{row[name]} {word}" for name, word in _STOPPED.items() if row[name])
        table.add_row(kind.replace("_", " "), *counts, *values, stopped)
    return table


def _limits(limits: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="Limits that were met")
    table.add_column("law, article", no_wrap=True)
    table.add_column("limit", overflow="fold")
    for name in ("CNY", "refused", "honest"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in limits:
        title = f"{row['title']['zh']}\n{row['title']['en']}"
        counts = (yuan(row["limit"]), str(row["refused"]), str(row["honest"]))
        table.add_row(f"{row['law'] or 'merchant'} {row['article'] or ''}", title, *counts)
    return table


def _checks(checks: Sequence[Check]) -> Table:
    table = Table("checked", "", "found", title="Verified afterwards")
    for check in checks:
        mark = "[green]holds[/green]" if check.good else "[bold red]BROKEN[/bold red]"
        table.add_row(check.name, mark, check.found)
    return table


def _row(trace: Trace) -> tuple[Text, ...]:
    plan = trace.plan
    truth = ("honest", "dim") if plan.fraud is None else (plan.fraud.replace("_", " "), "red")
    state = trace.first or "?"
    return (
        Text(f"{plan.at.astimezone(_SHANGHAI):%m-%d %H:%M}", "dim"),
        Text(f"{yuan(trace.amount)} CNY", justify="right"),
        Text(state, _COLOURS.get(state, "")),
        Text(_why(trace)),
        Text.assemble(truth),
    )


def _why(trace: Trace) -> str:
    refusal = trace.refusal
    if refusal is None:
        return ", ".join(trace.reasons[:3])
    if "rule" not in refusal:
        return str(refusal["code"])
    return f"{refusal['law'] or ''} {refusal['article'] or ''} {refusal['title']['en']}"


def yuan(fen: int) -> str:
    """12,345.60"""
    return f"{fen // 100:,}.{fen % 100:02d}"


def _date(tally: Tally) -> str:
    assert tally.today is not None
    return f"{tally.today.astimezone(_SHANGHAI):%A %d %B, %H:%M}"


def show_office(office: Opened, pages: Check) -> None:
    """Where to go, and who may sign in: on the terminal alone."""
    table = Table("login 账号", "role 角色", title="Console 控制台")
    for login, role in office.staff.roles.items():
        table.add_row(login, role)
    NOTES.print(table)
    for line in (
        *(f"{name}: {address}" for name, address in office.pages.items()),
        f"password of all, for this run 本次统一密码: {office.password}",
        "six digits 动态码: ANFU_DEVELOPMENT=1 anfu staff code LOGIN",
    ):
        NOTES.print(line, soft_wrap=True, highlight=False, markup=False)
    NOTES.print(_checks([pages]))
