"""Decision tables and scorecards: rows of a sheet that become rules, and rules that become rows.

A decision table has a column for each fact it asks, with a test in each cell, and columns that say
what follows; a scorecard has the columns `fact` and `test` and gives points. A `condition` column
takes what no cell can say. Every row is one rule; a sheet with one wrong row gives none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anfu.kernel.errors import Refused
from anfu.risk.condition import suggestion
from anfu.risk.facts import Fact
from anfu.risk.features import Catalogue
from anfu.risk.rules import Rule, read_rule
from anfu.risk.ruling.cells import condition_of_cell
from anfu.risk.ruling.sheet import CellError, Rows, runs, unguarded

_SAYS = ("id", "condition", "grade", "outcome", "points", "reason", "en", "zh", "typology",
         "purpose")  # fmt: skip
_NEEDED = ("points", "reason", "en", "zh")
_SCORED = ("fact", "test")
_WORDS = frozenset({"grade", "outcome", "purpose"})


@dataclass(frozen=True, slots=True)
class Imported:
    """The rule of a row (from 1, as a spreadsheet shows it)."""

    row: int
    rule: Rule


def read_table(
    rows: Rows, name: str, catalogue: Catalogue
) -> tuple[list[Imported], list[CellError]]:
    """The rules of the rows below the first, which names the columns; ids are `name_row` where a
    row has none. With errors no rule is to be used."""
    facts = {fact.name: fact for fact in catalogue.facts}
    head = [cell.lower() for cell in rows[0]] if rows else []
    errors = list(_check_head(head, facts))
    if errors:
        return [], errors
    table = _Table(head, name, facts)
    found: list[Imported] = []
    for number, cells in enumerate(rows[1:], start=2):
        if any(cells):
            found += table.rule(number, cells)
    if not found and not table.errors:
        table.errors.append(CellError(2, "", "sheet_without_rules"))
    seen: dict[str, int] = {}
    for one in found:
        if seen.setdefault(one.rule.id, one.row) != one.row:
            table.errors.append(
                CellError(one.row, "id", "rule_id_repeated", {"row": seen[one.rule.id]})
            )
    return found, table.errors


def write_table(rules: Iterable[Rule]) -> list[list[str]]:
    """Rows that `read_table` makes the same rules of."""
    return [list(_SAYS), *([_said(getattr(rule, name)) for name in _SAYS] for rule in rules)]


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _check_head(head: Sequence[str], facts: Mapping[str, Fact]) -> Iterable[CellError]:
    scored = set(head) >= set(_SCORED)
    known = {*_SAYS, *(_SCORED if scored else facts)}
    for place, name in enumerate(head, start=1):
        if not name and place == len(head):
            continue
        if name not in known:
            nearest = suggestion(name, known)
            yield CellError(1, str(place), "column_unknown", {"name": name, "nearest": nearest})
        elif name in head[: place - 1]:
            yield CellError(1, name, "column_repeated", {"name": name})
    for name in (*_NEEDED, *(() if scored else ("grade",))):
        if name not in head:
            yield CellError(1, "", "column_missing", {"name": name})


class _Table:
    def __init__(self, head: Sequence[str], name: str, facts: Mapping[str, Fact]) -> None:
        self._head = head
        self._name = name
        self._facts = facts
        self.errors: list[CellError] = []

    def rule(self, row: int, cells: Sequence[str]) -> list[Imported]:
        """The rule of a row, or none, with what is wrong among the errors."""
        before = len(self.errors)
        cell = dict(zip(self._head, cells, strict=False))
        parts = [part for name, text in self._tests(row, cell)
                 if (part := self._test(row, name, text))]  # fmt: skip
        values = {name: unguarded(cell[name]) for name in _SAYS if cell.get(name)}
        for name, text in values.items():
            if runs(cell[name]) and name != "points":
                self._wrong(row, name, "cell_formula", value=text[:60])
        if "condition" in values:
            own = values["condition"]
            parts.append(f"({own})" if parts else own)
        if not parts and len(self.errors) == before:
            self._wrong(row, "", "row_without_condition")
        values |= {"id": values.get("id", f"{self._name}_{row}"), "condition": " AND ".join(parts)}
        made = self._made(row, values)
        return [] if made is None or len(self.errors) > before else [Imported(row, made)]

    def _tests(self, row: int, cell: Mapping[str, str]) -> list[tuple[str, str]]:
        if "test" not in self._head:
            return [(name, text) for name, text in cell.items() if name in self._facts]
        name = cell.get("fact", "")
        if name in self._facts:
            return [(name, cell.get("test", ""))]
        if name or cell.get("test"):
            self._wrong(row, "fact", "fact_unknown", name=name,
                        nearest=suggestion(name, self._facts))  # fmt: skip
        return []

    def _test(self, row: int, name: str, text: str) -> str | None:
        try:
            return condition_of_cell(unguarded(text), self._facts[name])
        except Refused as refusal:
            self._wrong(row, name, refusal.code, **refusal.details)
            return None

    def _made(self, row: int, values: dict[str, str]) -> Rule | None:
        given: dict[str, Any] = {
            name: text.upper() if name in _WORDS else text for name, text in values.items()
        }
        if "test" in self._head:
            given["grade"] = "LOW"
        missing = [name for name in ("grade", *_NEEDED) if name not in given]
        for name in missing:
            self._wrong(row, name, "cell_missing")
        if missing:
            return None
        if not (given["points"].isascii() and given["points"].isdigit()):
            self._wrong(row, "points", "rule_points_invalid", value=given["points"][:60])
            return None
        try:
            return read_rule({**given, "points": int(given["points"][:9])})
        except ValueError as error:
            wrong = next((n for n in _WORDS if str(given.get(n)) in str(error)), "grade")
            self._wrong(row, wrong, "cell_unreadable", value=str(given.get(wrong))[:60], type=wrong)
            return None

    def _wrong(self, row: int, column: str, code: str, **details: Any) -> None:
        self.errors.append(CellError(row, column, code, details))
