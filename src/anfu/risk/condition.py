"""Conditions: SQL over facts, read and checked before anything runs.

A number with a point is a DOUBLE, one without an INTEGER of 64 bits; INTEGER mixed with DOUBLE is
DOUBLE; `/` is always DOUBLE division (IEEE 754: x / 0 is infinite or not a number, and NaN is
equal to itself and above all other numbers). INTEGER `+ - *` beyond 64 bits is NULL. NULL is as
in SQL: a rule fires only when its condition is TRUE. Texts compare by code point.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from anfu.kernel.errors import Refused
from anfu.risk.facts import Fact, Type

_LENGTH_MAX = 4_000
_DEPTH_MAX = 60
_SAFE = (1 << 53) - 1
_INTEGER = re.compile(r"[0-9]{1,16}")
_POINTED = re.compile(r"[0-9]{1,16}\.[0-9]{1,16}")
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
FUNCTIONS = (exp.Coalesce, exp.Abs, exp.Least, exp.Greatest)
_NUMBERS = (Type.INTEGER, Type.DOUBLE)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A checked condition. `names`: the facts it reads; `types`: of each node, None for NULL."""

    text: str
    tree: exp.Expression
    names: frozenset[str]
    types: Mapping[int, Type | None]

    def type_of(self, node: exp.Expression) -> Type | None:
        return self.types[id(node)]


def read_condition(text: str, facts: Sequence[Fact]) -> Condition:
    """The condition `text` says, over `facts`.

    Raises Refused: condition_too_long, condition_syntax, condition_not_allowed (a kind of
    expression that is not part of the language), fact_unknown (with the nearest name),
    condition_type.
    """
    if len(text) > _LENGTH_MAX:
        raise Refused("condition_too_long", field="condition", most=_LENGTH_MAX)
    checker = _Checker({fact.name: fact for fact in facts})
    tree = _parse(text)
    if checker.visit(tree, 0) not in (Type.BOOLEAN, None):
        raise _wrong(tree, "a condition is true or false")
    return Condition(text, tree, frozenset(checker.names), checker.types)


def suggestion(name: str, known: Sequence[str]) -> str | None:
    """The nearest known name, None when nothing is near."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def unwrapped(node: exp.Expression) -> exp.Expression:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def operands(node: exp.Expression) -> list[exp.Expression]:
    """The arguments of a function or an IN list, in order."""
    return [node.this, *node.args.get("expressions", ())]


def _parse(text: str) -> exp.Expression:
    try:
        trees = sqlglot.parse(f"SELECT 1 WHERE {text}", dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise Refused("condition_syntax", field="condition", problem=_short(error)) from None
    select = trees[0]
    if len(trees) != 1 or not isinstance(select, exp.Select):
        raise Refused("condition_not_allowed", field="condition", part="more than a condition")
    given = {key for key, value in select.args.items() if value}
    if given != {"expressions", "where"}:
        extra = ", ".join(sorted(given - {"expressions", "where"})) or "no condition"
        raise Refused("condition_not_allowed", field="condition", part=extra)
    tree: exp.Expression = select.args["where"].this
    return tree


def _short(error: BaseException) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split("\n", 1)[0][:200]


def _wrong(node: exp.Expression, problem: str) -> Refused:
    return Refused("condition_type", field="condition", part=_sql(node), problem=problem)


def _sql(node: exp.Expression) -> str:
    return node.sql(dialect="duckdb")[:200]


class _Checker:
    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self.names: set[str] = set()
        self.types: dict[int, Type | None] = {}

    def visit(self, node: exp.Expression, depth: int) -> Type | None:
        if depth > _DEPTH_MAX:
            raise Refused("condition_too_deep", field="condition", most=_DEPTH_MAX)
        kind = self._type(node, depth + 1)
        self.types[id(node)] = kind
        return kind

    def _type(self, node: exp.Expression, depth: int) -> Type | None:  # noqa: PLR0911 - one a kind
        if isinstance(node, exp.Paren):
            return self.visit(node.this, depth)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Null):
            return None
        if isinstance(node, exp.Boolean):
            return Type.BOOLEAN
        if isinstance(node, exp.Literal):
            return _literal(node)
        if isinstance(node, (exp.And, exp.Or, exp.Not)):
            return self._logic(node, depth)
        if isinstance(node, (exp.Is, exp.In, exp.Between, *COMPARISONS)):
            return self._test(node, depth)
        if isinstance(node, (exp.Neg, exp.Abs, *ARITHMETIC)):
            return self._number(node, depth)
        if isinstance(node, FUNCTIONS):
            return self._same(node, operands(node), depth)
        raise Refused("condition_not_allowed", field="condition", part=_sql(node))

    def _column(self, node: exp.Column) -> Type:
        if {key for key, value in node.args.items() if value} != {"this"}:
            raise Refused("condition_not_allowed", field="condition", part=_sql(node))
        name = node.name
        fact = self.facts.get(name)
        if fact is None:
            nearest = suggestion(name, list(self.facts))
            raise Refused("fact_unknown", field="condition", name=name, nearest=nearest)
        self.names.add(name)
        return fact.type

    def _logic(self, node: exp.Expression, depth: int) -> Type:
        sides = [node.this] if isinstance(node, exp.Not) else [node.this, node.expression]
        for side in sides:
            if self.visit(side, depth) not in (Type.BOOLEAN, None):
                raise _wrong(side, "AND, OR and NOT join conditions")
        return Type.BOOLEAN

    def _test(self, node: exp.Expression, depth: int) -> Type:
        if isinstance(node, exp.Is):
            if not isinstance(node.expression, (exp.Null, exp.Boolean)):
                raise Refused("condition_not_allowed", field="condition", part=_sql(node))
            kind = self.visit(node.this, depth)
            if isinstance(node.expression, exp.Boolean) and kind not in (Type.BOOLEAN, None):
                raise _wrong(node, "only a condition is TRUE or FALSE")
            if isinstance(node.expression, exp.Null):
                self._plain(node.this)
            return Type.BOOLEAN
        if isinstance(node, exp.In):
            if {k for k, v in node.args.items() if v} != {"this", "expressions"}:
                raise Refused("condition_not_allowed", field="condition", part=_sql(node))
            if not all(_constant(item) for item in node.expressions):
                raise Refused("condition_not_allowed", field="condition", part=_sql(node))
            parts = operands(node)
        elif isinstance(node, exp.Between):
            if node.args.get("symmetric"):
                raise Refused("condition_not_allowed", field="condition", part=_sql(node))
            parts = [node.this, node.args["low"], node.args["high"]]
        else:
            parts = [node.this, node.expression]
        self._same(node, parts, depth)
        return Type.BOOLEAN

    def _number(self, node: exp.Expression, depth: int) -> Type | None:
        parts = (
            [node.this] if isinstance(node, (exp.Neg, exp.Abs)) else [node.this, node.expression]
        )
        kinds = [self.visit(part, depth) for part in parts]
        for part, kind in zip(parts, kinds, strict=True):
            if kind not in (*_NUMBERS, None):
                raise _wrong(part, "arithmetic is done with numbers")
        if isinstance(node, exp.Div):
            return Type.DOUBLE
        return _joined(kinds)

    def _same(
        self, node: exp.Expression, parts: Sequence[exp.Expression], depth: int
    ) -> Type | None:
        kinds = [self.visit(part, depth) for part in parts]
        given = {kind for kind in kinds if kind is not None}
        if len(given) > 1 and not given <= set(_NUMBERS):
            raise _wrong(node, "these are not of one type: " + ", ".join(sorted(given)))
        for part in parts:
            self._plain(part)
        return _joined(kinds)

    def _plain(self, node: exp.Expression) -> None:
        """A condition inside a value would be evaluated twice; it can be written with AND, OR."""
        inner = unwrapped(node)
        logical = (exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, *COMPARISONS)
        if isinstance(inner, logical):
            raise Refused("condition_not_allowed", field="condition", part=_sql(inner))


def _literal(node: exp.Literal) -> Type:
    if node.is_string:
        return Type.TEXT
    if _INTEGER.fullmatch(node.name) and int(node.name) <= _SAFE:
        return Type.INTEGER
    if _POINTED.fullmatch(node.name):
        return Type.DOUBLE
    raise Refused("condition_not_allowed", field="condition", part=node.name[:200])


def _constant(node: exp.Expression) -> bool:
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, (exp.Literal, exp.Boolean, exp.Null))


def _joined(kinds: Sequence[Type | None]) -> Type | None:
    given = {kind for kind in kinds if kind is not None}
    if not given:
        return None
    return Type.DOUBLE if Type.DOUBLE in given else next(iter(given))
