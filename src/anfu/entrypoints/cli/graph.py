"""`anfu graph`: who belongs together and where money runs in rings, over a period."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.periods import SHANGHAI
from anfu.risk.event import Event
from anfu.risk.queries import stream_learned

if TYPE_CHECKING:
    from anfu.lab.graph import Report

NOTES = Console(stderr=True)
Day = datetime | None
_DAYS = ["%Y-%m-%d"]
_USUAL = timedelta(days=30)
# Of a group's accounts, as many names as fit a line.
_NAMED = 4


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def graph(
        *,
        start: Annotated[Day, typer.Option("--from", formats=_DAYS, help="First day.")] = None,
        end: Annotated[Day, typer.Option("--to", formats=_DAYS, help="Day after the last.")] = None,
        most: Annotated[int, typer.Option(min=1, max=10_000, help="Groups, and rings.")] = 20,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Report the groups of accounts that shared devices, cards, addresses or phones, and the
        rings in which accounts paid one another, the largest first. Without days: the last thirty.

        Example: anfu graph --from 2026-11-01 --to 2026-12-01 --json
        """
        report = uvloop.run(_report(wiring, start, end, most))
        if as_json:
            print(canonical_bytes(asdict(report)).decode())
        else:
            _show(report)


async def _report(wiring: Wiring, start: Day, end: Day, most: int) -> Report:
    from anfu.lab.graph import report_graph  # noqa: PLC0415 - of the extra `lab`

    events: list[Event] = []
    said: dict[str, bool] = {}
    async with wiring.store() as store:
        until = store.clock.now() if end is None else end.replace(tzinfo=SHANGHAI)
        since = until - _USUAL if start is None else start.replace(tzinfo=SHANGHAI)
        with NOTES.status("reading what was decided"):
            async with store.database.transaction(readonly=True) as tx:
                async for step in stream_learned(tx, since):
                    if not isinstance(step, Event):
                        said[step.event.id] = step.fraud
                    elif since <= step.at < until:
                        events.append(step)
    frauds = frozenset(event for event, fraud in said.items() if fraud)
    with NOTES.status("looking for groups and rings"):
        return report_graph(events, frauds, most=most)


def _show(report: Report) -> None:
    NOTES.print(f"{report.accounts} accounts, {report.tied} of them tied to others")
    groups = Table("accounts", "keys", "core", "payments", "value", "frauds", title="groups 团伙")
    for group in report.groups:
        core = f"{len(group.core)}, each tied to {group.density}"
        groups.add_row(_named(group.accounts), str(group.keys), core, str(group.payments),
                       f"{group.value / 100:,.2f}", str(group.frauds))  # fmt: skip
    rings = Table("accounts", "least of its lines", title="rings of money 资金环")
    for ring in report.rings:
        rings.add_row(" → ".join(ring.accounts), f"{ring.value / 100:,.2f}")
    NOTES.print(groups, rings)


def _named(accounts: tuple[str, ...]) -> str:
    more = f" and {len(accounts) - _NAMED} more" * (len(accounts) > _NAMED)
    return f"{len(accounts)}: {', '.join(accounts[:_NAMED])}{more}"
