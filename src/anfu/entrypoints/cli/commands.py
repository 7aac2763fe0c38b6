"""The commands of `anfu`, gathered."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from anfu.entrypoints.api.errors import PROBLEMS, fill
from anfu.entrypoints.cli import (
    backtest,
    bench,
    cases,
    clock,
    decisions,
    demo,
    doctor,
    emergency,
    evidence,
    graph,
    keys,
    lists,
    models,
    openapi,
    privacy,
    reconcile,
    replay,
    rules,
    serve,
    settlement,
    simulate,
    staff,
    train,
)
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import OutsideFailure, Refused

NOTES = Console(stderr=True)
"""Progress, tables and errors; results alone go to standard output."""


def run(wiring: Wiring) -> None:
    """Run the command named on the command line; a refusal ends it with its text and status 1."""
    logging.basicConfig(
        level=wiring.log_level,
        format="%(name)s: %(message)s",
        handlers=[RichHandler(console=NOTES, show_path=False)],
    )
    try:
        application(wiring)()
    except Refused as refusal:
        for line in said(refusal):
            NOTES.print(line, highlight=False)
        sys.exit(1)
    except OutsideFailure as failure:
        NOTES.print(f"[red]anfu:[/red] {failure.reason}")
        sys.exit(1)


def said(refusal: Refused) -> list[str]:
    """What happened, what to do, each in both languages, and the code with what is known."""
    problem, details = PROBLEMS.get(refusal.code), dict(refusal.details)
    known = escape(f"{refusal} {details}" if details else str(refusal))
    if problem is None:
        return [f"[red]anfu:[/red] {known}"]
    words = {**details, "field": refusal.field or ""}
    title, remedy = (
        escape(f"{fill(english, words)} {fill(chinese, words)}")
        for english, chinese in ((problem.title, problem.title_zh),
                                 (problem.remedy, problem.remedy_zh))
    )  # fmt: skip
    return [f"[red]anfu:[/red] {title}", remedy, f"[dim]{known}[/dim]"]


def application(wiring: Wiring) -> typer.Typer:
    """Every command."""
    app = typer.Typer(
        name="anfu",
        help="Payment security from the tap to the books (安付).",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )

    @app.callback(invoke_without_command=True)
    def main(
        *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
    ) -> None:
        """Payment security from the tap to the books (安付)."""
        if version:
            print(wiring.version)
            raise typer.Exit

    for group in (serve, clock, keys, staff, emergency, demo, simulate, bench, replay, backtest,
                  evidence, decisions, lists, rules, models, train, cases, graph, privacy,
                  reconcile, settlement,
                  openapi, doctor):  # fmt: skip
        group.register(app, wiring)
    return app
