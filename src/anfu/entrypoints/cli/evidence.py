"""`anfu evidence`: verify the log or a proof, prove, seal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from anfu.entrypoints.cli.evidence_bundles import check_bundles, print_bundles, read_bundles
from anfu.entrypoints.cli.evidence_log import check_log, print_log
from anfu.entrypoints.cli.wiring import Store, Wiring
from anfu.evidence import queries
from anfu.evidence.checkpoint import Checkpoint
from anfu.evidence.operations import seal as seal_once
from anfu.kernel.errors import Refused
from anfu.payments.document import rfc3339
from anfu.storage.transaction import Tx

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Language = Annotated[str, typer.Option(help="en or zh.")]
_PAGE = 100


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Verify the evidence log, prove what it holds.", no_args_is_help=True)
    app.add_typer(group, name="evidence")
    _register_verify(group, wiring)
    _register_proofs(group, wiring)


def _register_verify(group: typer.Typer, wiring: Wiring) -> None:
    @group.command()
    def verify(
        bundle: Annotated[Path | None, typer.Option(help="A file of proofs, - for input.")] = None,
        key: Annotated[str | None, typer.Option(help="The verifier key you trust.")] = None,
        language: Language = "en",
        as_json: Json = False,
    ) -> None:
        """Verify the whole log against the database; or a proof bundle, offline and without one.

        Ends with status 1 when something was changed, removed or inserted.

        Example: anfu evidence verify --bundle proof.jsonl --key "anfu.local/log+3f2a…"
        """
        chinese = chosen(language)
        if bundle is not None:
            text = sys.stdin.buffer.read() if str(bundle) == "-" else bundle.read_bytes()
            checked = check_bundles(read_bundles(text), key)
            print_bundles(checked, chinese=chinese, as_json=as_json)
            raise typer.Exit(0 if checked and all(one.verdict.valid for one in checked) else 1)
        verdict = uvloop.run(check_log(wiring, key))
        print_log(verdict, chinese=chinese, as_json=as_json)
        raise typer.Exit(0 if verdict.good else 1)


def _register_proofs(group: typer.Typer, wiring: Wiring) -> None:
    @group.command()
    def checkpoint(as_json: Json = False) -> None:
        """Print the latest checkpoint, a signed note to be kept where we cannot reach it.

        Example: anfu evidence checkpoint >> checkpoints.txt
        """
        found = uvloop.run(_latest(wiring))
        if found is None:
            raise Refused("proof_not_found")
        _print_checkpoint(found, as_json=as_json)

    @group.command()
    def key(as_json: Json = False) -> None:
        """Print the key that verifies our checkpoints; give it to whoever must believe them.

        Example: anfu evidence key > anfu.vkey
        """
        known = str(wiring.signer().key)
        print(json.dumps({"key": known}) if as_json else known)

    @group.command()
    def prove(
        subject: str,
        out: Annotated[Path, typer.Option(help="Where to write, - for output.")] = Path("-"),
    ) -> None:
        """Write a proof for each leaf about an object, one a line, oldest first.

        Example: anfu evidence prove pay_01kaw0000000000000000000000 --out proof.jsonl
        """
        bundles, waiting = uvloop.run(_prove(wiring, subject))
        text = b"".join(bundle + b"\n" for bundle in bundles)
        if str(out) == "-":
            sys.stdout.buffer.write(text)
        else:
            out.write_bytes(text)
        later = f", {waiting} not sealed yet" if waiting else ""
        Console(stderr=True).print(f"{len(bundles)} proofs about {subject}{later}")

    @group.command()
    def seal(as_json: Json = False) -> None:
        """Seal now what is not sealed yet, and print the checkpoint.

        Example: anfu evidence seal --json
        """
        found = uvloop.run(_seal(wiring))
        if found is None:
            raise Refused("proof_not_found")
        _print_checkpoint(found, as_json=as_json)


def chosen(language: str) -> bool:
    """Whether Chinese was asked for. Raises BadParameter for a third language."""
    if language not in ("en", "zh"):
        raise typer.BadParameter("give en or zh", param_hint="--language")
    return language == "zh"


async def _latest(wiring: Wiring) -> Checkpoint | None:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        return await queries.latest_checkpoint(tx)


async def _prove(wiring: Wiring, subject: str) -> tuple[list[bytes], int]:
    """The bundles, and how many leaves are not sealed. Raises Refused(proof_not_found)."""
    bundles: list[bytes] = []
    waiting, after = 0, -1
    async with (
        wiring.store() as store,
        store.database.transaction(readonly=True, snapshot=True) as tx,
    ):
        latest = await queries.latest_checkpoint(tx)
        size = 0 if latest is None else latest.size
        while leaves := await queries.find_leaves(tx, subject, after=after, most=_PAGE):
            for leaf in leaves:
                if leaf.index < size:
                    bundles.append(await queries.inclusion_bundle(tx, leaf.index))
                else:
                    waiting += 1
            after = leaves[-1].index
    if not bundles:
        raise Refused("proof_not_found", field="subject", waiting=waiting)
    return bundles, waiting


async def _seal(wiring: Wiring) -> Checkpoint | None:
    async with wiring.store() as store:
        while await _seal_some(store) is not None:
            pass
        async with store.database.transaction(readonly=True) as tx:
            return await queries.latest_checkpoint(tx)


async def _seal_some(store: Store) -> Checkpoint | None:
    async def work(tx: Tx) -> Checkpoint | None:
        return await seal_once(tx, signer=store.signer, now=store.clock.now())

    return await store.database.run(work)


def _print_checkpoint(found: Checkpoint, *, as_json: bool) -> None:
    if not as_json:
        print(found.note, end="")
        return
    print(
        json.dumps(
            {"size": found.size, "at": rfc3339(found.at), "key": found.key, "note": found.note}
        )
    )
