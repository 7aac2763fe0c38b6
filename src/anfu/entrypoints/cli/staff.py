"""`anfu staff`: the first administrators, and who there is."""

from __future__ import annotations

import json
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.demo_codes import code_of
from anfu.entrypoints.cli.wiring import Wiring
from anfu.parties.access.queries import list_staff
from anfu.parties.access.staff import Invited, Staff
from anfu.payments.access.document import staff_document
from anfu.payments.access.invite import COMMAND_LINE, disable, invite_administrator
from anfu.storage.transaction import Tx

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="The first administrators, and who there is.", no_args_is_help=True)
    app.add_typer(group, name="staff")

    @group.command()
    def first(
        login: Annotated[str, typer.Option(help="What the administrator signs in with.")],
        name: Annotated[str, typer.Option(help="Who it is.")],
    ) -> None:
        """Invite an administrator, while there are not two. The link is shown once, as JSON.

        Example: anfu staff first --login li.wei --name 李伟
        """
        invited = uvloop.run(_first(wiring, login, name))
        print(json.dumps({**staff_document(invited.staff), "invitation": invited.invitation}))

    @group.command("list")
    def list_(as_json: Json = False) -> None:
        """List the accounts.

        Example: anfu staff list --json
        """
        _print(uvloop.run(_list(wiring)), as_json=as_json)

    @group.command("disable")
    def disable_(staff: str) -> None:
        """Disable an account, its sessions and its keys.

        Example: anfu staff disable stf_01kaw000000000000000000000
        """
        uvloop.run(_disable(wiring, staff))

    @group.command()
    def code(
        login: Annotated[str, typer.Argument(help="Of an account that the demo made.")],
    ) -> None:
        """Print the six digits an account of `anfu demo --keep` signs in with now, in a trial
        alone. A code is good once.

        Example: ANFU_DEVELOPMENT=1 anfu staff code sun.li
        """
        found = uvloop.run(code_of(wiring, login))
        Console(stderr=True).print(f"good once, for {found.left_s} s 仅可使用一次")
        print(found.digits)


async def _first(wiring: Wiring, login: str, name: str) -> Invited:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()

        async def work(tx: Tx) -> Invited:
            return await invite_administrator(tx, tools, login, name, now=now)

        return await tools.database.run(work)


async def _list(wiring: Wiring) -> list[Staff]:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        return await list_staff(tx, most=1000)


async def _disable(wiring: Wiring, staff: str) -> None:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()

        async def work(tx: Tx) -> None:
            await disable(tx, tools, staff, COMMAND_LINE, now=now)

        await tools.database.run(work)


def _print(accounts: list[Staff], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([staff_document(staff) for staff in accounts]))
        return
    table = Table("account", "login", "name", "roles", "state")
    for staff in accounts:
        table.add_row(staff.id, staff.login, staff.name, ", ".join(staff.roles), staff.state)
    Console(stderr=True).print(table)
