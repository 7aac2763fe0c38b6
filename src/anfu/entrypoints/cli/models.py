"""`anfu models`: what is kept, what stands where, and wishes to move it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.train import AUTHOR
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.ids import SystemEntropy
from anfu.payments.document import rfc3339
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.models import queries
from anfu.risk.models.model import Model, State, read_declaration
from anfu.risk.models.promote import Move, propose_move, weigh
from anfu.risk.models.register import Offer, look_at
from anfu.risk.models.register import register as keep_model

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Days = Annotated[int, typer.Option(min=0, max=365, help="Until labels are in.")]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Models: bring, read, and propose to move them.", no_args_is_help=True)
    app.add_typer(group, name="models")

    @group.command(name="list")
    def list_(as_json: Json = False) -> None:
        """List the models that are kept, the newest first.

        Example: anfu models list
        """
        _print(uvloop.run(_list(wiring)), as_json=as_json)

    @group.command()
    def add(onnx: Path, declaration: Path, as_json: Json = False) -> None:
        """Bring a model: it is examined in a process of its own and kept as a candidate.

        Example: anfu models add fraud.onnx fraud.json
        """
        given = onnx.read_bytes()
        declared = read_declaration(declaration.read_bytes(), onnx=given)
        offer = Offer(declared, given, AUTHOR)
        _print([uvloop.run(_add(wiring, offer))], as_json=as_json)

    @group.command()
    def compare(model: str, delay_days: Days = 7) -> None:
        """Compare a challenger with the champion on what has matured.

        Example: anfu models compare mdl_0123456789abcdef
        """
        print(json.dumps(uvloop.run(_weigh(wiring, model, delay_days))))

    @group.command()
    def promote(
        model: str,
        to: Annotated[State, typer.Option(help="Where it should stand.")] = State.CHAMPION,
        delay_days: Days = 7,
    ) -> None:
        """Propose that a model stands elsewhere; somebody with a key approves it.

        Example: anfu models promote mdl_0123456789abcdef --to CHALLENGER
        """
        print(uvloop.run(_promote(wiring, model, to, delay_days)))


async def _list(wiring: Wiring) -> list[Model]:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        return await queries.list_models(tx, most=200)


async def _add(wiring: Wiring, offer: Offer) -> Model:
    await look_at(offer, CATALOGUE.facts)
    async with wiring.store() as store, store.database.transaction() as tx:
        return await keep_model(tx, offer=offer, now=store.clock.now())


async def _weigh(wiring: Wiring, model: str, delay_days: int) -> Any:
    async with wiring.store() as store:
        move = Move(model, State.CHAMPION, AUTHOR, timedelta(days=delay_days))
        return await weigh(store.database, move, now=store.clock.now())


async def _promote(wiring: Wiring, model: str, to: State, delay_days: int) -> str:
    """The id of the proposal."""
    move = Move(model, to, AUTHOR, timedelta(days=delay_days))
    async with wiring.store() as store:
        now = store.clock.now()
        weighed = await weigh(store.database, move, now=now) if to is State.CHAMPION else None
        async with store.database.transaction() as tx:
            made = await propose_move(
                tx, move=move, weighed=weighed, entropy=SystemEntropy(), now=now
            )
    return made.id


def _print(models: list[Model], *, as_json: bool) -> None:
    rows = [
        {
            "id": model.id,
            "name": model.declaration.name,
            "role": model.declaration.role,
            "state": model.state,
            "since": rfc3339(model.since),
            "by": model.by,
            "columns": len(model.declaration.columns),
            "bytes": model.size,
        }
        for model in models
    ]
    if as_json:
        print(json.dumps(rows))
        return
    table = Table("model", "name", "role", "state", "since", "by", "columns", "bytes")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(stderr=True).print(table)
