"""What a refusal means in HTTP: one table of stable codes, statuses and texts (RFC 9457).

The table is the folder `problems`. A text is `what happened` and `what to do`, in both languages;
`{name}` is filled from the refusal's details.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import msgspec

from anfu.kernel.errors import BrokenInvariant, OutsideFailure, Refused


@dataclass(frozen=True, slots=True)
class Problem:
    """One code: its status, its title and its remedy in English and Chinese."""

    code: str
    status: int
    title: str
    title_zh: str
    remedy: str
    remedy_zh: str


def _problem(code: str, row: Mapping[str, Any]) -> Problem:
    return Problem(code, row["status"], *row["title"], *row["remedy"])


def _table() -> dict[str, Problem]:
    table: dict[str, Problem] = {}
    for file in (resources.files("anfu.entrypoints.api") / "problems").iterdir():
        for code, row in tomllib.loads(file.read_text("utf-8")).items():
            if code in table:
                raise BrokenInvariant(f"{file.name}: {code} is there twice")
            table[code] = _problem(code, row)
    return table


PROBLEMS: Mapping[str, Problem] = _table()


def problem_of(error: Exception) -> Problem:
    """The row for an error; an undocumented one is an internal error."""
    if isinstance(error, Refused):
        return PROBLEMS.get(error.code, PROBLEMS["internal_error"])
    if isinstance(error, OutsideFailure):
        return PROBLEMS["unavailable"]
    return PROBLEMS["internal_error"]


def problem_document(problem: Problem, error: Exception, language: str) -> bytes:
    """The RFC 9457 document, with the refusal's field and details beside the texts."""
    refusal = error if isinstance(error, Refused) and problem.status != 500 else None
    details = {} if refusal is None else dict(refusal.details)
    field = None if refusal is None else refusal.field
    words = {**details, "field": field or ""}
    zh = language == "zh"
    document: dict[str, Any] = {
        "type": f"urn:anfu:problem:{problem.code}",
        "title": fill(problem.title_zh if zh else problem.title, words),
        "status": problem.status,
        "detail": fill(problem.remedy_zh if zh else problem.remedy, words),
        "code": problem.code,
    }
    if field is not None:
        document["field"] = field
    if details:
        document["details"] = details
    return msgspec.json.encode(document)


def language_of(header: bytes) -> str:
    """`zh` or `en`, whichever the Accept-Language header likes better; `en` without a word."""
    best, language = 0.0, "en"
    for item in header.decode("latin-1").lower().split(",")[:16]:
        tag, _, weight = item.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight)
        value = float(quality[1]) if quality else 1.0
        if tag[:2] in ("zh", "en") and value > best:
            best, language = value, tag[:2]
    return language


def fill(text: str, words: Mapping[str, Any]) -> str:
    """`text` with its `{name}` filled from `words`."""
    return re.sub(r"\{(\w+)\}", lambda hole: _words(words.get(hole[1], "")), text)


def _words(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
