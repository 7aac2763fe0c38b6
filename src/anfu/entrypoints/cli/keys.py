"""`anfu keys`: make, list, rotate and revoke API keys; and the keys that seal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli import data_keys
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.parties import operations, queries
from anfu.parties.apikey import SCOPES, ApiKey, IssuedKey, NewKey
from anfu.payments.document import rfc3339
from anfu.payments.record import Record
from anfu.storage.transaction import Tx

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class _Wish:
    label: str
    scopes: frozenset[str]
    merchant: str | None


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
    ) -> None:
        """Make a key. Its secret is shown once, as JSON on standard output.

        Example: anfu keys create --label till-1 --scope payments:write --scope payments:read
        """
        wish = _Wish(label, frozenset(scope) if scope else SCOPES, merchant)
        _print_secret(uvloop.run(_create(wiring, wish)))

    @group.command("list")
    def list_(as_json: Json = False) -> None:
        """List the newest keys, without their secrets.

        Example: anfu keys list --json
        """
        _print(uvloop.run(_list(wiring)), as_json=as_json)

    @group.command()
    def rotate(
        key: str,
        overlap_s: Annotated[int, typer.Option(help="Seconds the old key goes on.")] = 86_400,
    ) -> None:
        """Make a key that takes the place of another one.

        Example: anfu keys rotate key_01kaw000000000000000000000 --overlap-s 3600
        """
        _print_secret(uvloop.run(_rotate(wiring, key, overlap_s)))

    @group.command()
    def revoke(key: str) -> None:
        """End a key: it is refused within a second.

        Example: anfu keys revoke key_01kaw000000000000000000000
        """
        _print([uvloop.run(_revoke(wiring, key))], as_json=True)

    data_keys.register(group, wiring)


async def _create(wiring: Wiring, wish: _Wish) -> IssuedKey:
    async with wiring.open() as running:
        return await issue(running, NewKey(wish.label, wish.scopes, wish.merchant))


async def issue(running: Running, order: NewKey) -> IssuedKey:
    """A new key, with its leaf in the evidence log."""
    tools, now = running.tools, running.clock.now()

    async def work(tx: Tx) -> IssuedKey:
        issued = await operations.create_key(tx, order=order, by=None, sealer=tools.sealer, now=now)
        await _record(tx, Record(now, tools.entropy), "key_created", issued.key)
        return issued

    return await tools.database.run(work)


async def _rotate(wiring: Wiring, key: str, overlap_s: int) -> IssuedKey:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()

        async def work(tx: Tx) -> IssuedKey:
            issued = await operations.rotate_key(
                tx, key_id=key, by=None, overlap_s=overlap_s, sealer=tools.sealer, now=now
            )
            await _record(tx, Record(now, tools.entropy), "key_rotated", issued.key)
            return issued

        return await tools.database.run(work)


async def _revoke(wiring: Wiring, key: str) -> ApiKey:
    async with wiring.open() as running:
        tools, now = running.tools, running.clock.now()

        async def work(tx: Tx) -> ApiKey:
            revoked = await operations.revoke_key(tx, key_id=key, merchant=None, now=now)
            await _record(tx, Record(now, tools.entropy), "key_revoked", revoked)
            return revoked

        return await tools.database.run(work)


async def _record(tx: Tx, record: Record, kind: str, key: ApiKey) -> None:
    record.leaf(kind, key.id, {"scopes": sorted(key.scopes), "merchant": key.merchant_id})
    await record.write(tx)


async def _list(wiring: Wiring) -> list[ApiKey]:
    async with wiring.open() as running, running.tools.database.transaction() as tx:
        return await queries.list_keys(tx, merchant=None, most=100)


def _print_secret(issued: IssuedKey) -> None:
    print(json.dumps({**_described(issued.key), "secret": issued.secret}))


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
        "scopes": sorted(key.scopes),
        "expires_at": None if key.expires_at is None else rfc3339(key.expires_at),
        "revoked_at": None if key.revoked_at is None else rfc3339(key.revoked_at),
    }
