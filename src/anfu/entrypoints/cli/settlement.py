"""`anfu settle`, `anfu settlement`, `anfu reserve`: merchants settled, and the fund checked."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import Annotated

import typer
import uvloop

from anfu.compliance.switch import is_allowed
from anfu.entrypoints.cli.wiring import Wiring
from anfu.settlement.cycles.document import settlement_document
from anfu.settlement.cycles.settle import Run, settle_day
from anfu.settlement.cycles.settlement import Settlement
from anfu.settlement.reserve.check import check as check_reserve
from anfu.settlement.reserve.document import kept_document
from anfu.settlement.reserve.queries import Kept
from anfu.settlement.statements.draw_up import Wish, draw_up
from anfu.settlement.statements.page import page as printed
from anfu.settlement.statements.sheet import sheet

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Civil day in Shanghai.")]
Currency = Annotated[str, typer.Option(help="ISO 4217.")]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""

    @app.command()
    def settle(day: Day) -> None:
        """Settle the merchants whose period closes with a day, each once; prints a JSON line each.

        Example: anfu settle --day 2026-11-23
        """
        for made in uvloop.run(_settle(wiring, day.date())):
            print(json.dumps(settlement_document(made)))

    settlement = typer.Typer(help="Settlements of merchants.", no_args_is_help=True)
    app.add_typer(settlement, name="settlement")

    @settlement.command()
    def statement(
        merchant: Annotated[str, typer.Argument(help="The merchant's id.")],
        period: Annotated[str, typer.Option(help="A day, 2026-11-23, or a month, 2026-11.")],
        currency: Currency = "CNY",
        page: Annotated[bool, typer.Option("--page", help="HTML to be printed.")] = False,
    ) -> None:
        """Write a merchant's statement to standard output.

        Example: anfu settlement statement mer_… --period 2026-11 > statement.csv
        """
        wish = Wish(merchant, currency, period, None)
        sys.stdout.buffer.write(uvloop.run(_statement(wiring, wish, page=page)))

    @settlement.callback()
    def only() -> None:
        """One command, and it keeps its name."""

    reserve = typer.Typer(help="The reserve fund (客户备付金).", no_args_is_help=True)
    app.add_typer(reserve, name="reserve")

    @reserve.command()
    def check(day: Day, currency: Currency = "CNY") -> None:
        """Check what clients are owed against the books and the bank; prints it as JSON. Ends with
        status 1 when they differ.

        Example: anfu reserve check --day 2026-11-23
        """
        found = uvloop.run(_check(wiring, day.date(), currency))
        print(json.dumps(kept_document(found)))
        raise typer.Exit(0 if found.whole else 1)

    @reserve.callback()
    def alone() -> None:
        """One command, and it keeps its name."""


async def _settle(wiring: Wiring, day: date) -> list[Settlement]:
    async with wiring.open() as running:
        return await settle_day(running.tools, Run(day, is_allowed), now=running.clock.now())


async def _statement(wiring: Wiring, wish: Wish, *, page: bool) -> bytes:
    async with wiring.open() as running:
        async with running.tools.database.transaction(readonly=True, snapshot=True) as tx:
            found = await draw_up(tx, wish)
        return printed(found) if page else sheet(found)


async def _check(wiring: Wiring, day: date, currency: str) -> Kept:
    async with wiring.open() as running:
        return await check_reserve(running.tools, day, currency, now=running.clock.now())
