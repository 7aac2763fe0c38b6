"""`anfu rules`: read, check, import and export rules. What acts is proposed over the API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anfu.entrypoints.api.rule_documents import remark_document, rule_document
from anfu.entrypoints.api.rule_imports import error_document, read_import
from anfu.entrypoints.cli.wiring import Store, Wiring
from anfu.kernel.canonical import digest
from anfu.kernel.ids import SystemEntropy, new_id
from anfu.payments.document import encode
from anfu.payments.record import INSTITUTION
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.lists.acting import joined
from anfu.risk.lists.queries import find_declarations
from anfu.risk.queries import get_rule_set
from anfu.risk.rules import Rule, RuleSet, default_rule_set, parse_rule_set
from anfu.risk.ruling import queries
from anfu.risk.ruling.check import Remark, Severity, inspect
from anfu.risk.ruling.draft import Writing, draft
from anfu.risk.ruling.life import Known
from anfu.risk.ruling.propose import Rulebook
from anfu.risk.ruling.sheet import Form, write_sheet
from anfu.risk.ruling.tables import write_table
from anfu.storage.idempotency import Claim

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A .csv, .xlsx or .toml file.")
]
Sheet = Annotated[Path, typer.Argument(dir_okay=False, help="A .csv or .xlsx file.")]
_FORMS = {".csv": Form.CSV, ".xlsx": Form.XLSX}
_AUTHOR = "cli"
_PAGE = 200
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_Remarks = list[dict[str, Any]]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Read, check, import and export rules.", no_args_is_help=True)
    app.add_typer(group, name="rules")

    @group.command("list")
    def list_(as_json: Json = False) -> None:
        """List all rules and where they stand.

        Example: anfu rules list --json
        """
        _print_rules(uvloop.run(_list(wiring)), as_json=as_json)

    @group.command()
    def check(file: File, as_json: Json = False) -> None:
        """Check the rules of a file beside the set in force, writing nothing. Ends with status 1
        when there is an error.

        Example: anfu rules check takeover.csv
        """
        _rules, errors, remarks = uvloop.run(_check(wiring, file))
        _print_remarks(errors, remarks, as_json=as_json)
        raise typer.Exit(1 if errors else 0)

    @group.command("import")
    def import_(file: File, as_json: Json = False) -> None:
        """Make drafts of the rules of a file: of all of them, or of none when there is an error.

        Example: anfu rules import takeover.xlsx
        """
        errors, remarks, written = uvloop.run(_import(wiring, file))
        _print_remarks(errors, remarks, as_json=as_json and bool(errors))
        if errors:
            raise typer.Exit(1)
        _print_rules(written, as_json=as_json)

    @group.command()
    def export(file: Sheet) -> None:
        """Write the rules in force to a file that `import` reads.

        Example: anfu rules export rules.xlsx
        """
        rule_set = uvloop.run(_in_force(wiring))
        file.write_bytes(write_sheet(write_table(rule_set.rules), _form(file)))


async def _list(wiring: Wiring) -> list[dict[str, Any]]:
    found: list[Known] = []
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        while True:
            after = found[-1].content.id if found else None
            page = await queries.list_known(tx, after=after, most=_PAGE)
            found += page
            if len(page) < _PAGE:
                return [rule_document(known) for known in found]


async def _in_force(wiring: Wiring) -> RuleSet:
    async with wiring.store() as store:
        return await rule_set_in_force(store)


async def rule_set_in_force(store: Store) -> RuleSet:
    """The set in force; the shipped one where nothing was ever served."""
    async with store.database.transaction(readonly=True) as tx:
        step = await queries.find_step(tx)
        return default_rule_set() if step is None else await get_rule_set(tx, step.rule_set)


async def _book(store: Store) -> Rulebook:
    """What rules are read against here."""
    async with store.database.transaction(readonly=True) as tx:
        declared = (await find_declarations(tx)).values()
    known = {declaration.name: declaration.inputs for declaration in declared}
    return Rulebook(CATALOGUE, known, lambda rule_set: joined(rule_set, declared))


async def _check(wiring: Wiring, file: Path) -> tuple[list[Rule], _Remarks, _Remarks]:
    async with wiring.store() as store:
        return _read(file, await rule_set_in_force(store), await _book(store))


def _read(file: Path, in_force: RuleSet, book: Rulebook) -> tuple[list[Rule], _Remarks, _Remarks]:
    """The rules, what is wrong, and what else there is to say."""
    if file.suffix == ".toml":
        rules = list(parse_rule_set(file.read_text("utf-8")).rules)
    else:
        name = "".join(c if c.isascii() and c.isalnum() else "_" for c in file.stem.lower())
        body = file.read_bytes()
        found, wrong = read_import(body, _form(file), f"r_{name}"[:48], in_force, book)
        if wrong:
            return [], [error_document(error) for error in wrong], []
        rules = [one.rule for one in found]
    remarks = [remark_document(r) for r in inspect(rules, in_force, CATALOGUE, lists=book.lists)]
    errors = [remark for remark in remarks if remark["severity"] is Severity.ERROR]
    return rules, errors, [remark for remark in remarks if remark not in errors]


def _form(file: Path) -> Form:
    if file.suffix.lower() not in _FORMS:
        raise typer.BadParameter("give a .csv or .xlsx file", param_hint="file")
    return _FORMS[file.suffix.lower()]


async def _import(wiring: Wiring, file: Path) -> tuple[_Remarks, _Remarks, list[dict[str, Any]]]:
    async with wiring.store() as store:
        book = await _book(store)
        rules, errors, remarks = _read(file, await rule_set_in_force(store), book)
        if errors:
            return errors, remarks, []
        now = store.clock.now()
        key = new_id("imp", now=now, entropy=SystemEntropy())
        claim = Claim(INSTITUTION, key, digest([asdict(rule) for rule in rules]))
        answer = await draft(
            store.database, Writing(claim, _AUTHOR, rules, either=True), catalogue=CATALOGUE,
            lists=book.lists, describe=_described, now=now,
        )  # fmt: skip
    return [], remarks, json.loads(answer.body)


def _described(known: Sequence[Known], _remarks: Sequence[Remark]) -> bytes:
    return encode([rule_document(one) for one in known])


def _print_rules(rules: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print(encode(rules).decode())
        return
    table = Table("rule", "state", "payers", "grade", "points", "condition")
    for rule in rules:
        share = f"{rule['rollout']} %" if rule["rollout"] else ""
        table.add_row(rule["id"], rule["state"], share, rule["grade"], str(rule["points"]),
                      escape(rule["condition"]))  # fmt: skip
    Console(stderr=True).print(table)


def _print_remarks(errors: _Remarks, remarks: _Remarks, *, as_json: bool) -> None:
    if as_json:
        document = {"valid": not errors, "errors": errors, "remarks": remarks}
        print(encode(document).decode())
        return
    notes = Console(stderr=True)
    for said in (*errors, *remarks):
        severity = said.get("severity", Severity.ERROR)
        place = said.get("rule") or f"row {said['row']} {said['column']}"
        text = f"{said['en']} {said['remedy_en']}\n  {said['zh']}{said['remedy_zh']}"
        notes.print(f"[{_COLOURS[severity]}]{severity}[/] {escape(place)}: {escape(text)}")
    if not (errors or remarks):
        notes.print("Nothing to say against it.")
