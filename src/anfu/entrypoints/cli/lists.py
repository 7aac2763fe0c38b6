"""`anfu lists`: show, import and export lists. An import is a proposal, which somebody with a key
decides on: the command line has no second person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Column, Table

from anfu.entrypoints.cli.wiring import Store, Wiring
from anfu.kernel.ids import SystemEntropy
from anfu.payments.document import rfc3339
from anfu.risk.lists import queries
from anfu.risk.lists.amend import Amended, Amendment, put_forward
from anfu.risk.lists.change import Change, Entry, Item
from anfu.risk.lists.declaration import Declaration
from anfu.risk.lists.importing import (
    Given,
    Reader,
    batches,
    check_text,
    entry_line,
    heading_line,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
_BATCH = 5_000
_ROWS_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    path: Path
    given: Given
    replace: bool


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Show, import and export lists.", no_args_is_help=True)
    app.add_typer(group, name="lists")

    @group.command()
    def show(
        name: Annotated[str | None, typer.Argument(help="A list; all if none.")] = None,
        as_json: Json = False,
    ) -> None:
        """Show what the lists are and how much stands on them.

        Example: anfu lists show stolen_cards
        """
        _print(uvloop.run(_show(wiring, name)), as_json=as_json)

    @group.command("import")
    def import_(
        name: str,
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV.")],
        why: Annotated[str, typer.Option(help="The reason of rows that give none.")],
        source: Annotated[str, typer.Option(help="The source of rows that give none.")],
        replace: Annotated[bool, typer.Option(help="Take off whatever is not in it.")] = False,
    ) -> None:
        """Propose the rows of a CSV for a list, all or none; a second person approves.

        Example: anfu lists import stolen_cards november.csv --why november --source issuer
        """
        given = Given(check_text(why, "why"), check_text(source, "source"))
        amended = uvloop.run(_import(wiring, _File(name, file, given, replace)))
        print(json.dumps(_came_of(name, amended)))

    @group.command()
    def export(name: str) -> None:
        """Write what stands on a list as CSV on standard output; it can be imported again.

        Example: anfu lists export stolen_cards > stolen_cards.csv
        """
        uvloop.run(_export(wiring, name))


async def _show(wiring: Wiring, name: str | None) -> list[tuple[Declaration, int]]:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        if name is None:
            declared = sorted((await queries.find_declarations(tx)).values(), key=lambda d: d.name)
        else:
            declared = [await queries.get_declaration(tx, name)]
        return [
            (d, await queries.count_entries(tx, d.name)) for d in declared if not d.retired
        ]  # fmt: skip


async def _import(wiring: Wiring, file: _File) -> Amended:
    async with wiring.store() as store:
        with file.path.open(encoding="utf-8-sig", newline="") as lines:
            return await _propose(store, file, lines)


async def _propose(store: Store, file: _File, lines: Iterable[str]) -> Amended:
    """One transaction, so that a wrong row at the end leaves nothing of what came before it."""
    now = store.clock.now()

    def items(declaration: Declaration) -> Iterable[Sequence[Item]]:
        reader = Reader(declaration, store.ring.blind_index, file.given, now)
        return batches(reader, lines, most=_ROWS_MOST, size=_BATCH)

    order = Amendment(
        file.name, items, file.given.reason, "command line", _everything if file.replace else None
    )
    async with store.database.transaction() as tx:
        return await put_forward(tx, order, entropy=SystemEntropy(), now=now, alone=_never)


async def _export(wiring: Wiring, name: str) -> None:
    async with (
        wiring.store() as store,
        store.database.transaction(readonly=True, snapshot=True) as tx,
    ):
        await queries.get_declaration(tx, name)
        sys.stdout.write(heading_line())
        async for entries in queries.stream_entries(tx, name):
            sys.stdout.writelines(map(entry_line, entries))


def _everything(_entry: Entry) -> bool:
    return True


def _never(_change: Change) -> bool:
    return False


def _came_of(name: str, amended: Amended) -> dict[str, Any]:
    if amended.change is None or amended.proposal is None:
        return {"list": name, "state": "UNCHANGED"}
    weight = asdict(amended.change.weight)
    return {"list": name, "state": "PROPOSED", **weight, "proposal": amended.proposal.id,
            "created_at": rfc3339(amended.change.created_at)}  # fmt: skip


def _print(lists: list[tuple[Declaration, int]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([{**asdict(d), "entries": count} for d, count in lists]))
        return
    heads = ("list", "kind", "form", "matched with", "entries", "grade", "reason")
    table = Table(*(Column(head, overflow="fold") for head in heads))
    for d, count in lists:
        reason = f"{d.reason}\n{d.en}\n{d.zh}"
        inputs = ", ".join(d.inputs)
        table.add_row(d.name, d.kind, d.form, inputs, str(count), f"{d.grade} {d.points}", reason)
    Console(stderr=True).print(table)
