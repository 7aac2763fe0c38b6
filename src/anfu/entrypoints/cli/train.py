"""`anfu train`: models out of history, with their cards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import SystemClock
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.models.register import Offer, look_at
from anfu.risk.models.register import register as keep_model

if TYPE_CHECKING:
    from anfu.lab.training.fitting import Trained

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
From = Annotated[datetime | None, typer.Option("--from", formats=_FORMATS, help="First day, UTC.")]
To = Annotated[
    datetime | None, typer.Option("--to", formats=_FORMATS, help="What is said later is unknown.")
]
AUTHOR = "command-line"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for on the command line."""

    since: datetime | None
    cutoff: datetime
    delay_days: int
    history: Path | None
    labels: Path | None
    groups: tuple[str, ...]
    seed: int
    name: str


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def train(
        *,
        since: From = None,
        until: To = None,
        delay_days: Annotated[int, typer.Option(min=0, max=365, help="Until labels are in.")] = 7,
        history: Annotated[Path | None, typer.Option(help="Parquet file or folder.")] = None,
        labels: Annotated[Path | None, typer.Option(help="Parquet of event, at, fraud.")] = None,
        group: Annotated[list[str] | None, typer.Option(help="Column fairness looks at.")] = None,
        name: Annotated[str, typer.Option(help="The line of models.")] = "fraud",
        seed: Annotated[int, typer.Option(help="Same seed and data, same model.")] = 0,
        out: Annotated[Path, typer.Option(help="Folder for models and cards.")] = Path("models"),
        keep: Annotated[bool, typer.Option("--register", help="Keep as candidates.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
    ) -> None:
        """Train a fraud model and an anomaly model on what was decided here, or on a file.

        Example: anfu train --from 2026-01-01 --to 2026-06-01 --delay-days 7 --register
        """
        cutoff = _utc(until) or SystemClock().now()
        wish = _Wish(_utc(since), cutoff, delay_days, history, labels, tuple(group or ()), seed,
                     name)  # fmt: skip
        made = uvloop.run(_train(wiring, wish, out, keep=keep))
        _print(made, as_json=as_json)


async def _train(wiring: Wiring, wish: _Wish, out: Path, *, keep: bool) -> list[Trained]:
    # The lab's packages are heavy and optional: they are loaded by whoever trains.
    from anfu.lab.train import Wanted, read_decisions  # noqa: PLC0415
    from anfu.lab.training.files import path_of, read_sample  # noqa: PLC0415
    from anfu.lab.training.fitting import Plan, train_anomaly, train_fraud  # noqa: PLC0415
    from anfu.lab.training.sample import divide  # noqa: PLC0415

    notes = Console(stderr=True)
    since = wish.since or EPOCH
    cutoff_us = (wish.cutoff - EPOCH) // MICROSECOND
    reasons: dict[str, int] = {}
    if wish.history is not None:
        said = None if wish.labels is None else path_of(wish.labels)
        sample = read_sample(
            path_of(wish.history), said, CATALOGUE.facts, groups=wish.groups, cutoff=cutoff_us
        ).between((since - EPOCH) // MICROSECOND, cutoff_us)
    else:
        wanted = Wanted(since, wish.cutoff, wish.cutoff, wish.groups)
        async with wiring.store() as store:
            sample, reasons = await read_decisions(store.database, wanted, CATALOGUE.facts)
    parts = divide(sample, cutoff=cutoff_us, delay_days=wish.delay_days)
    plan = Plan(name=wish.name, seed=wish.seed)
    made = [
        train_fraud(parts, plan, reasons, lambda text: notes.print(f"{text} …")),
        train_anomaly(parts, plan),
    ]
    for trained in made:
        write_model(trained, out)
    notes.print(f"models and cards are in {out}")
    if keep:
        await _keep(wiring, made)
    return made


async def _keep(wiring: Wiring, made: list[Trained]) -> None:
    offers = [
        Offer(one.declaration, one.onnx, AUTHOR,
              {"FIGURES": canonical_bytes(one.figures),
               "REFERENCE": canonical_bytes(one.reference.document())})
        for one in made
    ]  # fmt: skip
    for offer in offers:
        await look_at(offer, CATALOGUE.facts)
    async with wiring.store() as store:
        for offer in offers:
            async with store.database.transaction() as tx:
                await keep_model(tx, offer=offer, now=store.clock.now())


def write_model(trained: Trained, out: Path) -> None:
    """The model, its declaration, figures, reference and card, in the folder."""
    from anfu.lab.training.card import anomaly_card, fraud_card  # noqa: PLC0415

    name = trained.declaration.name
    out.mkdir(parents=True, exist_ok=True)
    card = fraud_card if trained.declaration.cutoffs else anomaly_card
    (out / f"{name}.onnx").write_bytes(trained.onnx)
    (out / f"{name}.json").write_bytes(trained.declaration.body)
    (out / f"{name}.figures.json").write_bytes(canonical_bytes(trained.figures))
    (out / f"{name}.reference.json").write_bytes(canonical_bytes(trained.reference.document()))
    (out / f"{name}.html").write_text(card(trained.figures), "utf-8")


def _print(made: list[Trained], *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {
            one.declaration.name: {
                "id": one.declaration.id,
                "cutoffs": one.declaration.cutoffs and asdict(one.declaration.cutoffs),
                "figures": one.figures,
            }
            for one in made
        }
        print(json.dumps(told))
        return
    table = Table("model", "id", "family", "AUC", "average precision")
    for one in made:
        ranking = one.figures["ranking"]
        table.add_row(one.declaration.name, one.declaration.id, one.figures["family"],
                      str(ranking["auc"]), str(ranking["average_precision"]))  # fmt: skip
    Console(stderr=True).print(table)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
