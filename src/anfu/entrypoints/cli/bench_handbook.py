"""`anfu bench handbook`: the public stream through the production path, by its own protocol."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import Refused

NOTES = Console(stderr=True)


def register(group: typer.Typer, _wiring: Wiring) -> None:
    """Add the command to `anfu bench`."""

    @group.command()
    def handbook(
        *,
        data: Annotated[Path, typer.Option(help="The folder with transactions.parquet.")],
        folds: Annotated[int, typer.Option(min=1, max=4, help="1: the single split; 4.")] = 4,
        days: Annotated[int, typer.Option(min=7, help="Days our own model is taught.")] = 77,
        selection: Annotated[
            bool, typer.Option("--selection", help="Also six weeks before the book's.")
        ] = False,
        offline: Annotated[
            bool, typer.Option(help="Compare every feature with SQL over the whole stream.")
        ] = True,
        seed: Annotated[int, typer.Option(help="Seed of training.")] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Decide the stream of the Fraud Detection Handbook with features and models of its own.

        The data is not part of Anfu: its day files are in the public repositories
        Fraud-Detection-Handbook/simulated-data-raw and simulated-data-transformed; put them into
        one transactions.parquet and published_features.parquet. Status 1 when a feature differs
        from the published or the offline one without a known reason.

        Example: anfu bench handbook --data ../handbook --json
        """
        try:  # what it needs is an extra, which the other commands do without
            from anfu.entrypoints.cli.bench_handbook_measure import (  # noqa: PLC0415
                Wish,
                measure,
            )
            from anfu.entrypoints.cli.bench_handbook_report import show  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise Refused("lab_missing", field="handbook", module=error.name) from None
        wish = Wish(data, folds, days, selection, offline, seed)
        figures = asyncio.run(measure(wish, NOTES.print))
        if as_json:
            print(json.dumps(asdict(figures)))
        else:
            show(figures, NOTES)
        if figures.faults:
            raise typer.Exit(1)
