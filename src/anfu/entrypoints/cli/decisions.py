"""`anfu decisions`: what was known and said, and whether it follows again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from anfu.entrypoints.api.decisions import people_of
from anfu.entrypoints.cli.rules import rule_set_in_force
from anfu.entrypoints.cli.wiring import Store, Wiring
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SystemEntropy, new_id
from anfu.parties.reads.operations import note_reads
from anfu.parties.reads.read import PREFIX as READ
from anfu.parties.reads.read import Read
from anfu.payments.access.invite import COMMAND_LINE
from anfu.payments.document import rfc3339
from anfu.risk import queries
from anfu.risk.decision import Verdict
from anfu.risk.models import queries as models
from anfu.risk.models.rescoring import rescored
from anfu.risk.models.serving import Scorer
from anfu.risk.replay import Replay, Stored
from anfu.risk.rules import RuleSet, reason_text
from anfu.storage.transaction import Tx

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Shown:
    stored: Stored
    facts: dict[str, object]
    reasons: dict[str, dict[str, str]]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Read decisions and make them again.", no_args_is_help=True)
    app.add_typer(group, name="decisions")

    @group.command()
    def show(decision: str, as_json: Json = False) -> None:
        """Show one decision: the facts it was made from, by name, and its reasons.

        Example: anfu decisions show dec_01kaw0000000000000000000000
        """
        _print_shown(uvloop.run(_show(wiring, decision)), as_json=as_json)

    @group.command()
    def replay(
        decisions: Annotated[list[str] | None, typer.Argument(help="Ids of decisions.")] = None,
        last: Annotated[int | None, typer.Option(min=1, help="The newest so many.")] = None,
        as_json: Json = False,
    ) -> None:
        """Decide again from what was stored. Ends with status 1 unless each verdict is the same,
        bit for bit.

        Example: anfu decisions replay --last 1000
        """
        if (not decisions) is (last is None):
            raise typer.BadParameter("give ids, or --last", param_hint="decisions")
        replays = uvloop.run(_replay(wiring, decisions or [], last))
        _print_replays(replays, as_json=as_json)
        raise typer.Exit(0 if all(one.same for one in replays) else 1)

    @group.command()
    def rules(as_json: Json = False) -> None:
        """Show the rule set in force.

        Example: anfu decisions rules --json
        """
        _print_rules(uvloop.run(_in_force(wiring)), as_json=as_json)


async def _in_force(wiring: Wiring) -> RuleSet:
    async with wiring.store() as store:
        return await rule_set_in_force(store)


async def _show(wiring: Wiring, decision: str) -> _Shown:
    async with wiring.store() as store:
        async with store.database.transaction(readonly=True) as tx:
            stored = await queries.get_decision(tx, decision)
            facts = await queries.named_facts(tx, stored)
            rule_set = await queries.get_rule_set(tx, stored.rule_set)
        await _note(store, facts)
    reasons = {code: _said(code, rule_set) for code in stored.verdict.reasons}
    return _Shown(stored, facts, reasons)


async def _note(store: Store, facts: dict[str, object]) -> None:
    """Whoever has a shell here is written down too, before anything is shown."""
    now = store.clock.now()
    read = Read(
        new_id(READ, now=now, entropy=SystemEntropy()), now, COMMAND_LINE, COMMAND_LINE,
        "anfu decisions show", tuple(dict.fromkeys(people_of([facts]))), None, "local",
    )  # fmt: skip
    await store.database.run(lambda tx: note_reads(tx, reads=[read]))


def _said(code: str, rule_set: RuleSet) -> dict[str, str]:
    try:
        return reason_text(code, rule_set)
    except Refused:
        return {"en": "", "zh": ""}


async def _replay(wiring: Wiring, ids: Sequence[str], last: int | None) -> list[Replay]:
    async with wiring.store() as store, store.database.transaction(readonly=True) as tx:
        wanted = ids if last is None else await _newest(tx, last)
        shown = track(wanted, "replaying", console=Console(stderr=True), transient=True)
        scorers: dict[str, Scorer] = {}
        return [await _again(tx, decision, scorers) for decision in shown]


async def _again(tx: Tx, decision: str, scorers: dict[str, Scorer]) -> Replay:
    """The decision made again, its scores among it; `scorers` are opened as they are needed."""
    made = await queries.replay(tx, decision)
    if not made.stored.models:
        return made
    facts = (await models.find_catalogue(tx, made.stored.catalogue)).facts
    for model in made.stored.models:
        if model not in scorers:
            kept = await models.get_model(tx, model)
            scorers[model] = Scorer(kept.declaration, await models.get_onnx(tx, model), facts)
    return rescored(made, facts, scorers)


async def _newest(tx: Tx, most: int) -> list[str]:
    found: list[str] = []
    while len(found) < most:
        before = found[-1] if found else None
        page = await queries.list_decisions(tx, before=before, most=min(_PAGE, most - len(found)))
        if not page:
            break
        found += [stored.id for stored in page]
    return found


def _print_shown(shown: _Shown, *, as_json: bool) -> None:
    stored, verdict = shown.stored, shown.stored.verdict
    if as_json:
        document = {
            "id": stored.id,
            "at": rfc3339(stored.at),
            **_verdict(verdict),
            "reasons": [{"code": code, **texts} for code, texts in shown.reasons.items()],
            "catalogue": stored.catalogue,
            "rule_set": stored.rule_set,
            "facts": shown.facts,
        }
        print(json.dumps(document))
        return
    notes = Console(stderr=True)
    said = (stored.id, verdict.outcome, verdict.grade, str(verdict.score), rfc3339(stored.at))
    title = " · ".join(said)
    facts = Table("fact", "value", title=title)
    for name, value in shown.facts.items():
        facts.add_row(name, "–" if value is None else escape(str(value)))
    notes.print(facts)
    reasons = Table("reason", "English", "中文")
    for code, texts in shown.reasons.items():
        reasons.add_row(code, texts["en"], texts["zh"])
    notes.print(reasons)
    notes.print(f"catalogue {stored.catalogue}, rule set {stored.rule_set}", highlight=False)


def _print_replays(replays: Sequence[Replay], *, as_json: bool) -> None:
    different = [one for one in replays if not one.same]
    if as_json:
        document = {
            "replayed": len(replays),
            "same": len(replays) - len(different),
            "different": [_difference(one) for one in different],
        }
        print(json.dumps(document))
        return
    notes = Console(stderr=True)
    if different:
        table = Table("decision", "what differs", "stored", "again")
        for one in different:
            told = (_told(v) for v in (one.stored.verdict, one.again))
            table.add_row(one.stored.id, ", ".join(one.differences), *told)
        notes.print(table)
    same = len(replays) - len(different)
    colour = "red" if different else "green"
    notes.print(f"[{colour}]{same} of {len(replays)} decisions are the same, bit for bit.[/]")


def _print_rules(rule_set: RuleSet, *, as_json: bool) -> None:
    thresholds = asdict(rule_set.thresholds)
    if as_json:
        rules = [asdict(rule) for rule in rule_set.rules]
        document = {"version": rule_set.version, "thresholds": thresholds, "rules": rules}
        print(json.dumps(document))
        return
    title = f"{rule_set.version} · " + ", ".join(f"{n} {v}" for n, v in thresholds.items())
    table = Table("rule", "grade", "points", "reason", "condition", title=title)
    for rule in rule_set.rules:
        said = f"{rule.reason}\n{rule.en}\n{rule.zh}"
        table.add_row(rule.id, rule.grade, str(rule.points), said, escape(rule.condition))
    Console(stderr=True).print(table)


def _difference(one: Replay) -> dict[str, Any]:
    return {
        "id": one.stored.id,
        "differences": one.differences,
        "stored": _verdict(one.stored.verdict),
        "again": _verdict(one.again),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "grade": verdict.grade,
        "score": verdict.score,
        "reasons": list(verdict.reasons),
    }


def _told(verdict: Verdict) -> str:
    return f"{verdict.outcome} {verdict.grade} {verdict.score} {', '.join(verdict.reasons)}"
