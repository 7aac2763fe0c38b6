"""Proof bundles read from a file and checked offline: no database, no settings, no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anfu.evidence.bundle import CHECKS, Verdict, verify_bundle
from anfu.payments.document import rfc3339

# What each numbered check of `verify_bundle` looks at.
STEPS: dict[int, tuple[str, str]] = {
    1: ("a bundle of version 1", "第 1 版存证证明"),
    2: ("made with the trusted key", "所用公钥为受信任公钥"),
    3: ("the checkpoint is well formed", "检查点格式正确"),
    4: ("the checkpoint is signed by the key", "检查点由该密钥签名"),
    5: ("the number lies within the log", "序号在日志范围内"),
    6: ("the proof leads from the record to the root", "证明路径从记录通向根"),
    7: ("the record is in canonical form", "记录为规范格式"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle and what came of it. `trusted`: the key was given, not taken from the bundle."""

    key: str
    trusted: bool
    verdict: Verdict


class _List(msgspec.Struct):
    data: list[msgspec.Raw]


def read_bundles(text: bytes) -> list[bytes]:
    """The bundles of a file: one, one a line, or an answer of GET /v1/evidence/proofs."""
    try:
        return [bytes(raw) for raw in msgspec.json.decode(text, type=_List).data]
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [line for line in text.splitlines() if line.strip()]
    return [text]


def check_bundles(bundles: Sequence[bytes], key: str | None) -> list[Checked]:
    """Check each against `key`, else against the key it names itself."""
    return [_check(bundle, key) for bundle in bundles]


def print_bundles(checked: Sequence[Checked], *, chinese: bool, as_json: bool) -> None:
    """The checks by number; the verdict in words, or as JSON on standard output."""
    notes = Console(stderr=True)
    for one in checked:
        if not as_json:
            notes.print(_table(one, chinese=chinese))
        said = one.verdict.reason_zh if chinese else one.verdict.reason_en
        notes.print(f"[{'green' if one.verdict.valid else 'red'}]{said}[/]")
    if not checked:
        notes.print("文件中没有证明。" if chinese else "There is no proof in the file.")
    if not all(one.trusted for one in checked):
        notes.print(
            "[yellow]未给出公钥：以证明自带的公钥验证，无法证明由谁签发。请用 --key 指定。[/]"
            if chinese
            else "[yellow]No key was given: each proof was checked with the key it brings along,"
            " which does not show whose it is. Name the one you trust with --key.[/]"
        )
    if as_json:
        valid = bool(checked) and all(one.verdict.valid for one in checked)
        print(json.dumps({"valid": valid, "bundles": [_document(one) for one in checked]}))


def _check(bundle: bytes, key: str | None) -> Checked:
    used = key or _own_key(bundle)
    if used is None:
        return Checked("", False, Verdict(1, *CHECKS[1]))
    try:
        return Checked(used, key is not None, verify_bundle(bundle, used))
    except ValueError as error:
        if key is not None:
            raise typer.BadParameter(str(error), param_hint="--key") from None
        return Checked("", False, Verdict(1, *CHECKS[1]))


def _own_key(bundle: bytes) -> str | None:
    try:
        document = json.loads(bundle)
        return str(document["key"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _table(one: Checked, *, chinese: bool) -> Table:
    verdict = one.verdict
    leaf = verdict.leaf
    title = "" if leaf is None else escape(f"{leaf.subject} · {leaf.kind} · {rfc3339(leaf.at)}")
    table = Table("", "检查" if chinese else "check", "", title=title)
    for number, words in STEPS.items():
        if verdict.failed is None or number < verdict.failed:
            state = "[green]✓[/]"
        else:
            state = "[red]✗[/]" if number == verdict.failed else "–"
        table.add_row(str(number), words[chinese], state)
    return table


def _document(one: Checked) -> dict[str, Any]:
    verdict = one.verdict
    leaf = verdict.leaf
    return {
        "valid": verdict.valid,
        "failed": verdict.failed,
        "reason": {"en": verdict.reason_en, "zh": verdict.reason_zh},
        "key": one.key,
        "key_trusted": one.trusted,
        "index": verdict.index,
        "size": verdict.size,
        "leaf": None
        if leaf is None
        else {"kind": leaf.kind, "subject": leaf.subject, "at": rfc3339(leaf.at),
              "body": leaf.body},
    }  # fmt: skip
