"""`anfu cases`: what people must look at. Notes are personal and are read over the API alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anfu.entrypoints.cli.wiring import Wiring
from anfu.payments.case_document import case_document, item_document, voice_document
from anfu.risk import queries as risk
from anfu.risk.cases import queries
from anfu.risk.cases.case import Act, Case, Item, State, Voice
from anfu.risk.cases.queries import CasePage
from anfu.risk.replay import Stored

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class _Shown:
    case: Case
    items: Sequence[Item]
    voices: Sequence[Voice]
    acts: Sequence[Act]
    decisions: dict[str, Stored]
    now: datetime


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Read cases.", no_args_is_help=True)
    app.add_typer(group, name="cases")

    @group.command("list")
    def list_(
        state: Annotated[State | None, typer.Option(help="In this state; else all open.")] = None,
        queue: Annotated[str | None, typer.Option(help="Of this queue.")] = None,
        late: Annotated[bool, typer.Option("--late", help="Only without a timely answer.")] = False,
        most: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 50,
        as_json: Json = False,
    ) -> None:
        """List the queue, the most urgent first.

        Example: anfu cases list --late
        """
        found, now = uvloop.run(_list(wiring, state, queue, late=late, most=most))
        documents = [case_document(case, now=now) for case in found]
        if as_json:
            print(json.dumps(documents))
        else:
            _print_queue(documents)

    @group.command()
    def show(case: str, as_json: Json = False) -> None:
        """Show one case: what it is about, what was said and done.

        Example: anfu cases show cas_01kaw0000000000000000000000
        """
        _print_shown(uvloop.run(_show(wiring, case)), as_json=as_json)


async def _list(
    wiring: Wiring, state: State | None, queue: str | None, *, late: bool, most: int
) -> tuple[list[Case], datetime]:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        now = store.clock.now()
        page = CasePage(most, now, state=state, queue=queue, late=late)
        return await queries.list_cases(tx, page), now


async def _show(wiring: Wiring, case: str) -> _Shown:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        found = await queries.get_case(tx, case)
        items = await queries.list_items(tx, case)
        return _Shown(
            found,
            items,
            await queries.list_voices(tx, case),
            await queries.list_acts(tx, case),
            await risk.find_decisions(tx, [item.decision for item in items]),
            store.clock.now(),
        )


def _print_queue(documents: Sequence[dict[str, Any]]) -> None:
    table = Table()
    table.add_column("case", no_wrap=True)
    for name in ("state", "grade", "at stake", "items", "queue", "answer"):
        table.add_column(name)
    for case in documents:
        stake = f"{case['at_stake']} {case['currency']}"
        waits = f"in {case['left_s'] // 60} min"
        answer = "[red]late[/]" if case["late"] else "given" if case["responded_at"] else waits
        count = str(case["count"])
        table.add_row(case["id"], case["state"], case["grade"], stake, count, case["queue"], answer)
    Console(stderr=True).print(table)


def _print_shown(shown: _Shown, *, as_json: bool) -> None:
    items = [
        {**item_document(i), "reasons": list(shown.decisions[i.decision].verdict.reasons)}
        for i in shown.items
    ]
    voices = [voice_document(voice) for voice in shown.voices]
    acts = [
        {"at": act.at.isoformat(), "act": act.kind, "by": act.by, "detail": json.loads(act.detail)}
        for act in shown.acts
    ]
    document = case_document(shown.case, now=shown.now)
    if as_json:
        print(json.dumps({**document, "items": items, "voices": voices, "acts": acts}))
        return
    notes = Console(stderr=True)
    _print_queue([document])
    table = Table("event", "amount", "reasons", "held", "fate", "verdict", "reason")
    for item in items:
        cells = (item["event"], item["amount"], ", ".join(item["reasons"]), item["held"],
                 item["fate"], item["verdict"], item["reason"])  # fmt: skip
        table.add_row(*("–" if cell is None else escape(str(cell)) for cell in cells))
    notes.print(table)
    done = Table("at", "act", "by", "detail")
    for act in acts:
        done.add_row(act["at"], act["act"], act["by"] or "Anfu", escape(json.dumps(act["detail"])))
    notes.print(done)
