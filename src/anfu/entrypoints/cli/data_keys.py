"""`anfu keys rotate-data`, `reseal`, `forget-data`: the keys personal data is sealed by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from anfu.compliance.privacy.reseal import by_version, check_unused, count_sealed, reseal
from anfu.entrypoints.cli.wiring import Store, Wiring
from anfu.kernel.ids import SystemEntropy
from anfu.parties.keyring import KeyRing, Sealer
from anfu.payments.record import Record
from anfu.storage.transaction import Tx

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
NOTES = Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Done:
    ring: KeyRing
    resealed: int
    sealed_by: dict[int, int]

    def document(self) -> dict[str, Any]:
        return {
            "active": self.ring.active,
            "prepared": self.ring.prepared,
            "versions": list(self.ring.versions),
            "resealed": self.resealed,
            "sealed_by": {str(version): count for version, count in self.sealed_by.items()},
        }


def register(group: typer.Typer, wiring: Wiring) -> None:
    """Add the commands to the group `keys`."""

    @group.command("rotate-data")
    def rotate_data(
        prepare: Annotated[
            bool, typer.Option("--prepare", help="Only add the key; nothing seals by it yet.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Make a new version of the key that seals personal data, or begin to use a prepared one.

        Where several processes run: prepare, restart them all, rotate, restart them all, reseal.

        Example: anfu keys rotate-data --prepare
        """
        _print(uvloop.run(_rotate(wiring, prepare=prepare)), as_json=as_json)

    @group.command("reseal")
    def reseal_(
        batch: Annotated[int, typer.Option(min=1, max=10_000, help="Values in a batch.")] = 500,
        as_json: Json = False,
    ) -> None:
        """Seal everything that older versions sealed by the active one, in small transactions.

        May be stopped or killed at any time: the same command again goes on.

        Example: anfu keys reseal --batch 200 --json
        """
        _print(uvloop.run(_reseal(wiring, batch)), as_json=as_json)

    @group.command("forget-data")
    def forget_data(
        version: Annotated[int, typer.Argument(help="A version that seals nothing any more.")],
        as_json: Json = False,
    ) -> None:
        """Take an old version out of the key ring. Backups that need it can then not be read.

        Example: anfu keys forget-data 1
        """
        _print(uvloop.run(_forget(wiring, version)), as_json=as_json)


async def _rotate(wiring: Wiring, *, prepare: bool) -> _Done:
    def change(ring: KeyRing) -> KeyRing:
        if prepare or ring.prepared is None:
            ring = ring.with_prepared_key(SystemEntropy())
        return ring if prepare else ring.with_newest_active()

    async with wiring.store() as store:
        return await _changed(wiring, store, change, "prepared" if prepare else "activated")


async def _reseal(wiring: Wiring, batch: int) -> _Done:
    async with wiring.store() as store:
        counts = by_version(await count_sealed(store.database))
        left = sum(count for version, count in counts.items() if version != store.ring.active)
        columns = (TextColumn("resealing"), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=NOTES) as bar:
            task = bar.add_task("", total=left)
            sealer = Sealer(store.ring, SystemEntropy())
            done = await reseal(
                store.database, sealer, lambda count: bar.advance(task, count), most=batch
            )
        if done:
            await _record(store, store.ring, "resealed", count=done)
        return _Done(store.ring, done, by_version(await count_sealed(store.database)))


async def _forget(wiring: Wiring, version: int) -> _Done:
    async with wiring.store() as store:
        counts = await count_sealed(store.database)

        def change(ring: KeyRing) -> KeyRing:
            check_unused(ring, version, counts)
            return ring.without(version)

        return await _changed(wiring, store, change, "forgotten")


async def _changed(
    wiring: Wiring, store: Store, change: Callable[[KeyRing], KeyRing], act: str
) -> _Done:
    ring = wiring.change_ring(change)
    await _record(store, ring, act)
    return _Done(ring, 0, by_version(await count_sealed(store.database)))


async def _record(store: Store, ring: KeyRing, act: str, **more: Any) -> None:
    async def work(tx: Tx) -> None:
        record = Record(store.clock.now(), SystemEntropy())
        body = {"act": act, "active": ring.active, "versions": list(ring.versions), **more}
        record.leaf("data_key", f"data_key_{ring.active}", body)
        await record.write(tx)

    await store.database.run(work)


def _print(done: _Done, *, as_json: bool) -> None:
    found = done.document()
    if as_json:
        print(json.dumps(found))
        return
    sealed = ", ".join(f"version {v}: {count:,}" for v, count in done.sealed_by.items())
    NOTES.print(
        f"sealing by version {found['active']} of {found['versions']};"
        f" {done.resealed:,} resealed; values by {sealed or 'none'}",
        highlight=False,
    )
