"""The words of the rule language: SQL of one dialect, and what it lacks.

`x IN LIST name` asks for a list. `IN_WINDOW(hour, 22, 6)` is a circle's window, half-open, and is
read as `hour >= 22 OR hour < 6`: whoever reads the tree need not know it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects import DuckDB

from anfu.kernel.errors import Refused

LIST = "LIST "
_HEAD = "SELECT 1 WHERE "
_KEPT = 1_024


class Language(DuckDB):  # type: ignore[misc]
    """DuckDB's SQL with lists: a list is a field named `LIST name`, so that it prints as read."""

    class Parser(DuckDB.Parser):  # type: ignore[misc]
        """Reads `IN LIST name`."""

        def _parse_in(self, this: exp.Expression | None, alias: bool = False) -> exp.Expression:
            if self._match_text_seq("LIST"):
                named = self._parse_id_var(any_token=False)
                if named is None or named.args.get("quoted"):
                    self.raise_error("Expecting the name of a list")
                    return exp.In(this=this)
                field = exp.Var(this=LIST + named.name)
                field.meta.update(named.meta)
                return exp.In(this=this, field=field)
            parsed: exp.Expression = super()._parse_in(this, alias=alias)
            return parsed


@lru_cache(_KEPT)  # a new set of rules has most conditions of the one before
def parse(text: str) -> exp.Expression:
    """The tree of a condition, shared and never changed. Raises Refused: condition_syntax,
    condition_not_allowed."""
    try:
        trees = sqlglot.parse(_HEAD + text, dialect=Language)
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        told = {"problem": _short(error), "position": _position(error, text)}
        raise Refused("condition_syntax", field="condition", **told) from None
    select = trees[0]
    if len(trees) != 1 or not isinstance(select, exp.Select):
        raise Refused("condition_not_allowed", field="condition", part="more than a condition")
    given = {key for key, value in select.args.items() if value}
    if given != {"expressions", "where"}:
        extra = ", ".join(sorted(given - {"expressions", "where"})) or "no condition"
        raise Refused("condition_not_allowed", field="condition", part=extra)
    where = select.args["where"]
    for node in list(where.find_all(exp.Like, exp.Anonymous)):
        _spell_out(node)
    tree: exp.Expression = where.this
    return tree


def foreign(node: exp.Expression) -> Refused:
    """The refusal of a node that is not part of the language."""
    told = {"part": sql(node), "position": position(node)}
    return Refused("condition_not_allowed", field="condition", **told)


def _spell_out(node: exp.Expression) -> None:
    """IN_WINDOW as what it means, NOT LIKE as every other NOT."""
    if isinstance(node, exp.Like):
        if node.args.get("negate"):
            node.set("negate", None)
            negated = exp.Not()
            node.replace(negated)
            negated.set("this", node)
        return
    if node.name.upper() != "IN_WINDOW":
        return
    given = node.expressions
    whole = len(given) == 3 and all(_is_whole(part) for part in given[1:])
    # A fact and no more: it is written twice.
    if not whole or not isinstance(given[0], exp.Column) or given[1] == given[2]:
        raise foreign(node)
    value, first, end = given
    after, before = exp.GTE(this=value, expression=first), exp.LT(this=value.copy(), expression=end)
    joined = exp.And if int(first.name) < int(end.name) else exp.Or
    node.replace(exp.Paren(this=joined(this=after, expression=before)))


def _is_whole(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit()


def unwrapped(node: exp.Expression) -> exp.Expression:
    """The node inside its parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def operands(node: exp.Expression) -> list[exp.Expression]:
    """The arguments of a function or an IN list, in order."""
    return [node.this, *node.args.get("expressions", ())]


def list_of(node: exp.Expression) -> str | None:
    """The name of the list that `node` looks a value up in, None for any other node."""
    field = node.args.get("field") if isinstance(node, exp.In) else None
    return field.name[len(LIST) :] if isinstance(field, exp.Var) else None


def sql(node: exp.Expression) -> str:
    """The node as text, cut to be shown."""
    return node.sql(dialect=Language)[:200]


def position(node: exp.Expression) -> list[int] | None:
    """[start, end) of the node in the text of its condition, None where it has no word of its
    own."""
    places = [
        (found.meta["start"], found.meta["end"]) for found in node.walk() if "start" in found.meta
    ]
    if not places:
        return None
    starts, ends = zip(*places, strict=True)
    return [min(starts) - len(_HEAD), max(ends) + 1 - len(_HEAD)]


def _position(error: Exception, text: str) -> list[int] | None:
    found: dict[str, Any] = next(iter(getattr(error, "errors", ())), {})
    line, column, word = found.get("line"), found.get("col"), found.get("highlight") or ""
    if line is None or column is None:
        return None
    before = sum(len(passed) + 1 for passed in (_HEAD + text).split("\n")[: line - 1])
    end = before + column - len(_HEAD)
    return [max(0, min(end - len(word), len(text))), max(0, min(end, len(text)))]


def _short(error: BaseException) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split("\n", 1)[0]
    return re.sub(r"\.? Line \d+, Col: \d+\.?", "", text)[:200]
