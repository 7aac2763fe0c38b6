"""`anfu reconcile`: take the bills of channels, and say what did not agree."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.channels.bills.bill import BillFile, BillKind
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.settlement.reconciliation.advance import advance_day, due_days
from anfu.settlement.reconciliation.bank.camt import read_camt
from anfu.settlement.reconciliation.bank.columns import columns_of, read_columns
from anfu.settlement.reconciliation.bank.settle import Settled, settle
from anfu.settlement.reconciliation.document import bill_document, item_document
from anfu.settlement.reconciliation.fetch import Desk
from anfu.settlement.reconciliation.reconcile import Taken, reconcile
from anfu.settlement.reconciliation.terms import Terms, read_terms
from anfu.settlement.reconciliation.treat import treat

NOTES = Console(stderr=True)
TERMS = "reconciliation.toml"
OPERATOR = "command-line"


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command("reconcile")
    def reconcile_(
        *,
        channel: Annotated[str | None, typer.Option(help="One channel; all without it.")] = None,
        day: Annotated[str | None, typer.Option(help="Its day, e.g. 2026-11-23.")] = None,
        file: Annotated[Path | None, typer.Option(help="A bill that came another way.")] = None,
        kind: Annotated[BillKind, typer.Option(help="What the file is.")] = BillKind.TRADE,
        statement: Annotated[
            Path | None, typer.Option(help="A statement of our bank: camt.053 or its own CSV.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Reconcile the days that are due, or one day, with the channel's bill or with a file.

        A day that was reconciled before is left as it is. Another file for it waits for a second
        person: POST /v1/bills/{bill}/approve. With --statement what channels have paid out is
        looked for in our bank's statement.

        Example: anfu reconcile --channel sandbox --day 2026-11-23
        """
        if file is not None and (channel is None or day is None):
            raise Refused("setting_invalid", field="--channel, --day", allowed=["with --file"])
        if statement is not None:
            settled = uvloop.run(_settle(wiring, statement))
            today = settled.bill.day
            print(json.dumps([item_document(item, today=today) for item in settled.items]))
            raise typer.Exit
        wanted = None if day is None else _day(day)
        taken = uvloop.run(_reconcile(wiring, channel, wanted, file, kind))
        documents = [bill_document(one.bill, one.sums) for one in taken]
        print(json.dumps(documents, ensure_ascii=False)) if as_json else _show(taken)


def read_terms_of(wiring: Wiring) -> dict[str, Terms]:
    """What is agreed with channels about their bills, from `reconciliation.toml` in the home.
    Raises Refused(setting_invalid)."""
    path = wiring.home / TERMS
    return read_terms(path.read_text("utf-8")) if path.exists() else {}


async def _settle(wiring: Wiring, path: Path) -> Settled:
    content = await asyncio.to_thread(path.read_bytes)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        told = read_camt(content, name=path.name)
    else:
        agreed = await asyncio.to_thread((wiring.home / TERMS).read_text, "utf-8")
        told = read_columns(content, columns_of(agreed), name=path.name)
    async with wiring.open() as running:
        desk = Desk(running.tools, running.tools.bills, read_terms_of(wiring))
        return await settle(desk, told, content, by=OPERATOR, now=running.clock.now())


async def _reconcile(
    wiring: Wiring, channel: str | None, day: date | None, file: Path | None, kind: BillKind
) -> list[Taken]:
    async with wiring.open() as running:
        desk = Desk(running.tools, running.tools.bills, read_terms_of(wiring))
        names = sorted(desk.bills) if channel is None else [channel]
        taken: list[Taken] = []
        if file is not None:
            assert channel is not None and day is not None
            content = await asyncio.to_thread(file.read_bytes)
            bill = BillFile(channel, kind, day, file.name, content)
            by, now = OPERATOR, running.clock.now()
            taken.append(await reconcile(desk, bill, by=by, now=now))
        else:
            for name in names:
                taken += await _due(running, desk, name, day)
        for name in names:
            await treat(running.tools, running.clock, name)
    return taken


async def _due(running: Running, desk: Desk, channel: str, day: date | None) -> list[Taken]:
    days = [day] if day is not None else await due_days(desk, channel, now=running.clock.now())
    taken: list[Taken] = []
    for one in days:
        if one > civil_date(running.clock.now()) - timedelta(days=1):
            raise Refused("bill_missing", field="--day", kind=BillKind.TRADE)
        taken += await advance_day(desk, running.clock, channel, one)
    return taken


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("setting_invalid", field="--day", allowed=["2026-11-23"]) from None


def _show(taken: Sequence[Taken]) -> None:
    table = Table("channel", "day", "bill", "state", "class 类别", "lines", "payments",
                  title="reconciliation 对账")  # fmt: skip
    for one in taken:
        sums: Mapping[str, tuple[int, int]] = {
            f"{s.cls} {s.currency}": (s.lines, s.ours) for s in one.sums
        }
        for name, (lines, ours) in (sums or {"none 无": (0, 0)}).items():
            bill = one.bill
            table.add_row(bill.channel, f"{bill.day}", bill.kind, bill.state, name,
                          f"{lines:,}", f"{ours:,}")  # fmt: skip
    NOTES.print(table)
