"""The whole log against the database: what was changed, removed or inserted, by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from anfu.entrypoints.cli.wiring import Wiring
from anfu.evidence import queries
from anfu.evidence.audit import Fault, Report, audit
from anfu.evidence.signer import VerifierKey, parse_key
from anfu.kernel.errors import Refused
from anfu.payments.disagreement import Disagreement
from anfu.payments.reckon import Reckoning, reckon
from anfu.storage.database import Database

# How many disagreements are printed; JSON gives all that were kept.
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """`subjects` are the objects that faulty leaves are about, by index."""

    report: Report
    subjects: dict[int, str]
    reckoning: Reckoning
    unsealed: int
    key: str

    @property
    def good(self) -> bool:
        return self.report.good and self.reckoning.good


async def check_log(wiring: Wiring, key: str | None) -> Verdict:
    """Audit the log and reckon everything else by it, with progress."""
    async with wiring.store() as store:
        trusted = (_trusted(key),) if key else (store.signer.key, *store.signer.former)
        with _progress() as progress:
            return await _check(store.database, trusted, progress)


async def _check(database: Database, trusted: Sequence[VerifierKey], progress: Progress) -> Verdict:
    reading, comparing = (progress.add_task(text, total=None) for text in _TASKS)

    def read(done: int, total: int) -> None:
        progress.update(reading, completed=done, total=total)

    def compared(done: int, total: int) -> None:
        progress.update(comparing, completed=done, total=total)

    async with database.transaction(readonly=True) as tx:
        report = await audit(tx, keys=trusted, progress=read)
        subjects: dict[int, str] = {}
        for fault in report.faults:
            if fault.first is not None and fault.first == fault.last:
                subjects |= await _subject(tx, fault.first)
        unsealed, _ = await queries.unsealed(tx)
    reckoning = await reckon(database, progress=compared)
    return Verdict(report, subjects, reckoning, unsealed, str(trusted[0]))


async def _subject(tx: Any, index: int) -> dict[int, str]:
    try:
        return {index: (await queries.get_leaf(tx, index)).subject}
    except Refused:
        return {}


def print_log(verdict: Verdict, *, chinese: bool, as_json: bool) -> None:
    """In words on standard error; or as JSON on standard output."""
    notes = Console(stderr=True, soft_wrap=True)
    for fault in verdict.report.faults:
        about = verdict.subjects.get(-1 if fault.first is None else fault.first)
        said = fault.reason_zh if chinese else fault.reason_en
        notes.print(f"[red]✗[/] {said}{f' ({escape(about)})' if about else ''}", highlight=False)
    found = verdict.reckoning
    for disagreement in found.disagreements[:_SHOWN]:
        said = disagreement.reason_zh if chinese else disagreement.reason_en
        notes.print(f"[red]✗[/] {escape(said)}", highlight=False)
    if (more := found.count - _SHOWN) > 0:
        notes.print(f"……另有 {more} 处" if chinese else f"… and {more} more")
    notes.print(_summary(verdict, chinese=chinese), highlight=False)
    if as_json:
        print(json.dumps(_document(verdict), default=str))


def _summary(verdict: Verdict, *, chinese: bool) -> str:
    report, found = verdict.report, verdict.reckoning
    wrong = len(report.faults) + found.count
    if chinese:
        said = (
            f"已核对 {report.leaves} 条存证、{report.checkpoints} 个检查点；支付 {found.payments}、"
            f"退款 {found.refunds}、充值 {found.deposits}、决策 {found.decisions}；"
            f"{verdict.unsealed} 条尚未封存。"
        )
        end = "[green]全部一致。[/]" if verdict.good else f"[red]{wrong} 处不符。[/]"
        return said + end
    said = (
        f"{report.leaves} leaves and {report.checkpoints} checkpoints read; {found.payments}"
        f" payments, {found.refunds} refunds, {found.deposits} deposits, {found.decisions}"
        f" decisions compared; {verdict.unsealed} leaves not sealed yet. "
    )
    end = "[green]Everything agrees.[/]" if verdict.good else f"[red]{wrong} things are wrong.[/]"
    return said + end


def _document(verdict: Verdict) -> dict[str, Any]:
    report, found = verdict.report, verdict.reckoning
    return {
        "valid": verdict.good,
        "key": verdict.key,
        "leaves": report.leaves,
        "checkpoints": report.checkpoints,
        "unsealed": verdict.unsealed,
        "payments": found.payments,
        "refunds": found.refunds,
        "deposits": found.deposits,
        "decisions": found.decisions,
        "faults": [_fault(fault, verdict.subjects) for fault in report.faults],
        "disagreements": found.count,
        "disagreeing": [_disagreement(one) for one in found.disagreements],
    }


def _fault(fault: Fault, subjects: dict[int, str]) -> dict[str, Any]:
    return {
        "code": fault.code,
        "first": fault.first,
        "last": fault.last,
        "subject": None if fault.first is None else subjects.get(fault.first),
        "reason": {"en": fault.reason_en, "zh": fault.reason_zh},
    }


def _disagreement(one: Disagreement) -> dict[str, Any]:
    return {
        "code": one.code,
        "id": one.id,
        "fields": {n: {"evidence": right, "found": is_} for n, (right, is_) in one.fields.items()},
        "reason": {"en": one.reason_en, "zh": one.reason_zh},
    }


def _trusted(key: str) -> VerifierKey:
    try:
        return parse_key(key)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--key") from None


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip


_TASKS = ("reading the log 核对日志", "comparing books 核对账目")
