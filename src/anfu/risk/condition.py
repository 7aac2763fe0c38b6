"""Conditions: SQL over facts, read and checked before anything runs.

A number with a point is a DOUBLE, one without an INTEGER of 64 bits; INTEGER mixed with DOUBLE is
DOUBLE; `/` is always DOUBLE division (IEEE 754: x / 0 is infinite or not a number, and NaN is
equal to itself and above all other numbers). INTEGER `+ - *` beyond 64 bits is NULL. NULL is as
in SQL: a rule fires only when its condition is TRUE. Texts compare by code point.

`%` and MOD take the sign of the dividend; of INTEGER by 0 it is NULL, of DOUBLE by 0 it is NaN.
FLOOR, CEIL and ROUND (half away from zero) give a DOUBLE, ROUND of an INTEGER is itself. LENGTH
counts code points. LIKE takes a constant pattern, `%` any text and `_` one code point, and has no
escape. `x IN LIST name` is NULL where x is, else whether the list was met by x.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from anfu.kernel.errors import Refused
from anfu.risk.facts import Fact, Type
from anfu.risk.syntax import foreign, list_of, operands, parse, position, sql, unwrapped

LIST_HITS = "list_hits"
_LENGTH_MAX = 4_000
_DEPTH_MAX = 60
_CASES_MAX = 4
_SAFE = (1 << 53) - 1
_INTEGER = re.compile(r"[0-9]{1,16}")
_POINTED = re.compile(r"[0-9]{1,16}\.[0-9]{1,16}")
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
FUNCTIONS = (exp.Coalesce, exp.Abs, exp.Least, exp.Greatest)
ROUNDING = (exp.Floor, exp.Ceil, exp.Round)
TEXTS = (exp.Like, exp.StartsWith)
LOGIC = (exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, *TEXTS, *COMPARISONS)
_NUMBERS = (Type.INTEGER, Type.DOUBLE)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A checked condition. `names`: the facts it reads; `lists`: the inputs it looks up, by list;
    `types`: of each node, None for NULL."""

    text: str
    tree: exp.Expression
    names: frozenset[str]
    types: Mapping[int, Type | None]
    lists: Mapping[str, frozenset[str]]

    def type_of(self, node: exp.Expression) -> Type | None:
        return self.types[id(node)]


def read_condition(
    text: str,
    facts: Sequence[Fact],
    *,
    lists: Mapping[str, Collection[str]] | None = None,
) -> Condition:
    """The condition `text` says, over `facts`. `lists`: the inputs each list is matched with,
    None where it is not known which lists there are.

    Raises Refused: condition_too_long, condition_syntax, condition_not_allowed (a kind of
    expression that is not part of the language), fact_unknown (with the nearest name),
    condition_too_deep, condition_type, list_unknown (with the nearest name), list_input_unknown.
    """
    if len(text) > _LENGTH_MAX:
        raise Refused("condition_too_long", field="condition", most=_LENGTH_MAX)
    checker = _Checker({fact.name: fact for fact in facts}, lists)
    tree = parse(text)
    if checker.visit(tree, 0) not in (Type.BOOLEAN, None):
        raise _wrong(tree, "a condition is true or false")
    asked = {name: frozenset(inputs) for name, inputs in checker.asked.items()}
    return Condition(text, tree, frozenset(checker.names), checker.types, asked)


def suggestion(name: str, known: Collection[str]) -> str | None:
    """The nearest known name, None when nothing is near."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def _wrong(node: exp.Expression, problem: str) -> Refused:
    told = {"part": sql(node), "problem": problem, "position": position(node)}
    return Refused("condition_type", field="condition", **told)


class _Checker:
    def __init__(
        self, facts: Mapping[str, Fact], lists: Mapping[str, Collection[str]] | None
    ) -> None:
        self.facts = facts
        self.lists = lists
        self.asked: dict[str, set[str]] = {}
        self.cases = 0
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
        if isinstance(node, (exp.Length, *TEXTS, *ROUNDING)):
            return self._function(node, depth)
        if isinstance(node, exp.Nullif):
            self._same(node, [node.this, node.expression], depth)
            return self.types[id(node.this)]
        if isinstance(node, exp.Case):
            return self._case(node, depth)
        raise foreign(node)

    def _column(self, node: exp.Column) -> Type:
        if {key for key, value in node.args.items() if value} != {"this"}:
            raise foreign(node)
        name = node.name
        fact = self.facts.get(name)
        if fact is None:
            told = {"name": name, "nearest": suggestion(name, self.facts)}
            raise Refused("fact_unknown", field="condition", **told, position=position(node))
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
                raise foreign(node)
            kind = self.visit(node.this, depth)
            if isinstance(node.expression, exp.Boolean) and kind not in (Type.BOOLEAN, None):
                raise _wrong(node, "only a condition is TRUE or FALSE")
            if isinstance(node.expression, exp.Null):
                self._plain(node.this)
            return Type.BOOLEAN
        if list_of(node) is not None:
            return self._listed(node, depth)
        if isinstance(node, exp.In):
            if {k for k, v in node.args.items() if v} != {"this", "expressions"}:
                raise foreign(node)
            if not all(_constant(item) for item in node.expressions):
                raise foreign(node)
            parts = operands(node)
        elif isinstance(node, exp.Between):
            if node.args.get("symmetric"):
                raise foreign(node)
            parts = [node.this, node.args["low"], node.args["high"]]
        else:
            parts = [node.this, node.expression]
        self._same(node, parts, depth)
        return Type.BOOLEAN

    def _listed(self, node: exp.Expression, depth: int) -> Type:
        if LIST_HITS not in self.facts or not isinstance(node.this, exp.Column):
            raise foreign(node)
        if self.visit(node.this, depth) is not Type.TEXT:
            raise _wrong(node.this, "lists hold texts")
        name, value = str(list_of(node)), node.this.name
        place = position(node.args["field"])
        if self.lists is not None and name not in self.lists:
            told = {"name": name, "nearest": suggestion(name, self.lists), "position": place}
            raise Refused("list_unknown", field="condition", **told)
        if self.lists is not None and value not in self.lists[name]:
            known = sorted(self.lists[name])
            raise Refused(
                "list_input_unknown", field="condition", name=name, input=value, known=known,
                position=place,
            )  # fmt: skip
        self.names.add(LIST_HITS)
        self.asked.setdefault(name, set()).add(value)
        return Type.BOOLEAN

    def _function(self, node: exp.Expression, depth: int) -> Type | None:
        """LENGTH, LIKE, STARTS_WITH, and what rounds."""
        parts = [part for key, part in node.args.items() if part and key != "this"]
        if isinstance(node, ROUNDING):
            kind = self.visit(node.this, depth)
            if parts:
                raise foreign(node)
            if kind not in (*_NUMBERS, None):
                raise _wrong(node.this, "only numbers are rounded")
            whole = isinstance(node, exp.Round) and kind is Type.INTEGER
            return Type.INTEGER if whole else Type.DOUBLE
        odd = parts if isinstance(node, exp.Length) else parts[1:]
        if odd or (isinstance(node, exp.Like) and not _is_pattern(node.expression)):
            raise foreign(node)
        for part in (node.this, *parts):
            if self.visit(part, depth) not in (Type.TEXT, None):
                raise _wrong(part, "this is done with texts")
        return Type.INTEGER if isinstance(node, exp.Length) else Type.BOOLEAN

    def _case(self, node: exp.Case, depth: int) -> Type | None:
        """CASE WHEN ... THEN ... ELSE ... END, nested a few times: it may be written out twice."""
        if node.this is not None or self.cases >= _CASES_MAX:
            raise foreign(node)
        self.cases += 1
        branches = node.args["ifs"]
        for branch in branches:
            if self.visit(branch.this, depth) not in (Type.BOOLEAN, None):
                raise _wrong(branch.this, "WHEN asks a condition")
        default = node.args.get("default")
        results = [branch.args["true"] for branch in branches] + ([default] if default else [])
        kind = self._same(node, results, depth)
        self.cases -= 1
        return kind

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
        if isinstance(inner, LOGIC):
            raise foreign(inner)


def _literal(node: exp.Literal) -> Type:
    if node.is_string:
        return Type.TEXT
    if _INTEGER.fullmatch(node.name) and int(node.name) <= _SAFE:
        return Type.INTEGER
    if _POINTED.fullmatch(node.name):
        return Type.DOUBLE
    raise foreign(node)


def _is_pattern(node: exp.Expression) -> bool:
    """Others take a backslash for an escape."""
    return isinstance(node, exp.Literal) and node.is_string and "\\" not in node.name


def _constant(node: exp.Expression) -> bool:
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, (exp.Literal, exp.Boolean, exp.Null))


def _joined(kinds: Sequence[Type | None]) -> Type | None:
    given = {kind for kind in kinds if kind is not None}
    if not given:
        return None
    return Type.DOUBLE if Type.DOUBLE in given else next(iter(given))
