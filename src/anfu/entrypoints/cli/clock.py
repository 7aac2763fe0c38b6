"""`anfu clock`: the test clock (测试时钟) of a trial installation."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Annotated

import typer
import uvloop

from anfu.entrypoints.cli.wiring import Store, Wiring
from anfu.kernel.clock import MovableClock
from anfu.kernel.errors import Refused
from anfu.payments.document import rfc3339
from anfu.storage.clock import advance as advance_ahead
from anfu.storage.clock import follow
from anfu.storage.transaction import Tx

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_STEP = re.compile(r"([1-9][0-9]{0,6})([smhd])")


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="The test clock of a trial installation.", no_args_is_help=True)
    app.add_typer(group, name="clock")

    @group.command()
    def show() -> None:
        """Print what the test clock tells, and how far ahead it stands, as JSON.

        Example: anfu clock show
        """
        print(json.dumps(uvloop.run(_show(wiring))))

    @group.command()
    def advance(
        step: Annotated[str, typer.Argument(help="How far: 90s, 15m, 2h or 3d.")],
    ) -> None:
        """Move the test clock ahead, for every process of the installation. It never goes back.

        Example: anfu clock advance 2h
        """
        print(json.dumps(uvloop.run(_advance(wiring, parse_step(step)))))


def parse_step(text: str) -> timedelta:
    """Raises BadParameter for what is no whole number of seconds, minutes, hours or days."""
    form = _STEP.fullmatch(text)
    if form is None:
        raise typer.BadParameter("give a whole number and a unit, e.g. 90s, 15m, 2h, 3d")
    return timedelta(seconds=int(form[1]) * _UNITS_S[form[2]])


async def _show(wiring: Wiring) -> dict[str, str | int]:
    async with wiring.store() as store:
        return _told(_movable(store))


async def _advance(wiring: Wiring, step: timedelta) -> dict[str, str | int]:
    async with wiring.store() as store:
        clock = _movable(store)

        async def work(tx: Tx) -> None:
            await advance_ahead(tx, by=step)

        await store.database.run(work)
        await follow(store.database, clock)
        return _told(clock)


def _movable(store: Store) -> MovableClock:
    if not isinstance(store.clock, MovableClock):
        raise Refused("test_clock_not_here")
    return store.clock


def _told(clock: MovableClock) -> dict[str, str | int]:
    return {"now": rfc3339(clock.now()), "ahead_s": int(clock.ahead.total_seconds())}
