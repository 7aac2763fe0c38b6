"""`anfu keys`: make, list, rotate and revoke API keys; and the keys that seal."""

from __future__ import annotations

import json
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli import data_keys
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.parties.apikey import SCOPES, ApiKey, IssuedKey, NewKey
from anfu.parties.keys import queries
from anfu.parties.keys.operations import Rotation
from anfu.payments.access.grant import grant, revoke, rotate
from anfu.payments.document import rfc3339

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="API keys, and the keys personal data is sealed by.", no_args_is_help=True
    )
    app.add_typer(group, name="keys")

    @group.command()
    def create(
        label: Annotated[str, typer.Option(help="What the key is for.")],
        scope: Annotated[list[str] | None, typer.Option(help="A scope; all if none.")] = None,
        merchant: Annotated[str | None, typer.Option(help="The merchant it speaks for.")] = None,
        *,
        staff: Annotated[str | None, typer.Option(help="The account it belongs to.")] = None,
        network: Annotated[list[str] | None, typer.Option(help="From where, in CIDR form.")] = None,
        public_key: Annotated[str | None, typer.Option(help="Ed25519, base64url.")] = None,
        nonces: Annotated[bool, typer.Option(help="Each request needs a nonce.")] = False,
    ) -> None:
        """Make a key. Its secret is shown once, as JSON on standard output.

        Example: anfu keys create --label till-1 --scope payments:write --scope payments:read
        """
        order = NewKey(
            label, frozenset(scope) if scope else SCOPES, merchant, None, staff,
            tuple(network or ()), public_key, nonces,
        )  # fmt: skip
        _print_secret(uvloop.run(_create(wiring, order)))

    @group.command("list")
    def list_(as_json: Json = False) -> None:
        """List the newest keys, without their secrets.

        Example: anfu keys list --json
        """
        _print(uvloop.run(_list(wiring)), as_json=as_json)

    _register_ends(group, wiring)


def _register_ends(group: typer.Typer, wiring: Wiring) -> None:
    @group.command("rotate")
    def rotate_(
        key: str,
        overlap_s: Annotated[int, typer.Option(help="Seconds the old key goes on.")] = 86_400,
        public_key: Annotated[str | None, typer.Option(help="Ed25519, base64url.")] = None,
    ) -> None:
        """Make a key that takes the place of another one.

        Example: anfu keys rotate key_01kaw000000000000000000000 --overlap-s 3600
        """
        _print_secret(uvloop.run(_rotate(wiring, Rotation(key, overlap_s, public_key))))

    @group.command("revoke")
    def revoke_(key: str) -> None:
        """End a key: it is refused within a second.

        Example: anfu keys revoke key_01kaw000000000000000000000
        """
        _print([uvloop.run(_revoke(wiring, key))], as_json=True)

    data_keys.register(group, wiring)


async def _create(wiring: Wiring, order: NewKey) -> IssuedKey:
    async with wiring.open() as running:
        return await issue(running, order)


async def issue(running: Running, order: NewKey) -> IssuedKey:
    """A new key, with its leaf in the evidence log."""
    tools, now = running.tools, running.clock.now()
    return await tools.database.run(lambda tx: grant(tx, tools, order, None, now=now))


async def _rotate(wiring: Wiring, wish: Rotation) -> IssuedKey:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()
        return await tools.database.run(lambda tx: rotate(tx, tools, wish, None, now=now))


async def _revoke(wiring: Wiring, key: str) -> ApiKey:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()
        return await tools.database.run(lambda tx: revoke(tx, tools, key, None, now=now))


async def _list(wiring: Wiring) -> list[ApiKey]:
    async with wiring.open() as running, running.tools.database.transaction() as tx:
        return await queries.list_keys(tx, merchant=None, most=100)


def _print_secret(issued: IssuedKey) -> None:
    print(json.dumps({**_described(issued.key), "secret": issued.secret or None}))


def _print(keys: list[ApiKey], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_described(key) for key in keys]))
        return
    table = Table("key", "label", "merchant", "expires", "revoked")
    for key in keys:
        shown = _described(key)
        table.add_row(*(str(shown[n] or "") for n in ("id", "label", "merchant", "expires_at",
                                                     "revoked_at")))  # fmt: skip
    Console(stderr=True).print(table)


def _described(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "label": key.label,
        "merchant": key.merchant_id,
        "staff": key.staff_id,
        "scopes": sorted(key.scopes),
        "networks": list(key.networks),
        "nonces": key.nonces,
        "expires_at": None if key.expires_at is None else rfc3339(key.expires_at),
        "revoked_at": None if key.revoked_at is None else rfc3339(key.revoked_at),
    }
