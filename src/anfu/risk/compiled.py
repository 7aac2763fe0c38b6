"""Many conditions as one Python function over the facts.

Each condition becomes two Python expressions in terms of each other: one that is truthy when the
condition is TRUE and one when it is FALSE; NULL is neither. Names, numbers and texts of a
condition enter the syntax tree as nodes of that kind, never as program text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from anfu.risk.arithmetic import WORDS
from anfu.risk.condition import ARITHMETIC, LIST_HITS, ROUNDING, Condition
from anfu.risk.facts import Fact, Facts, Type
from anfu.risk.syntax import list_of, operands, unwrapped

_BINARY: dict[type[exp.Expression], ast.operator] = {
    exp.Add: ast.Add(),
    exp.Sub: ast.Sub(),
    exp.Mul: ast.Mult(),
}
_CHECKED: dict[type[exp.Expression], str] = {
    exp.Add: "plus",
    exp.Sub: "minus",
    exp.Mul: "times",
    exp.Mod: "modulo",
}
_ORDER: dict[type[exp.Expression], tuple[ast.cmpop, bool]] = {
    exp.GT: (ast.Gt(), False),
    exp.GTE: (ast.GtE(), False),
    exp.LT: (ast.Gt(), True),
    exp.LTE: (ast.GtE(), True),
}


@dataclass(frozen=True, slots=True)
class _Value:
    """`expression` may be evaluated once every guard, in order, was truthy; else it is NULL."""

    guards: tuple[ast.expr, ...]
    expression: ast.expr
    wild: bool = False  # may be NaN


def compile_conditions(
    conditions: Sequence[Condition], facts: Sequence[Fact]
) -> Callable[[Facts], int]:
    """A function of the facts that has bit i set when condition i is TRUE."""
    writer = _Writer(facts)
    body: list[ast.stmt] = []
    for i, condition in enumerate(conditions):
        test = writer.truth(condition, condition.tree, wanted=True)
        fire = ast.AugAssign(_store("fired"), ast.BitOr(), ast.Constant(1 << i))
        body.append(ast.If(test, [fire], []))
    head: list[ast.stmt] = [ast.Assign([_store("fired")], ast.Constant(0))]
    for i in sorted(writer.used):
        cell = ast.Subscript(_load("facts"), ast.Constant(i), ast.Load())
        head.append(ast.Assign([_store(f"fact_{i}")], cell))
    arguments = ast.arguments([], [ast.arg("facts")], None, [], [], None, [])
    function = ast.FunctionDef(
        "fire", arguments, [*head, *body, ast.Return(_load("fired"))], [], None
    )
    module = ast.fix_missing_locations(ast.Module([function], []))
    space: dict[str, Any] = dict(WORDS)
    exec(compile(module, "<conditions>", "exec"), space)  # noqa: S102 - a tree made here
    fire_function: Callable[[Facts], int] = space["fire"]
    return fire_function


class _Writer:
    def __init__(self, facts: Sequence[Fact]) -> None:
        self.places = {fact.name: (i, fact) for i, fact in enumerate(facts)}
        self.used: set[int] = set()
        self.temporaries = 0

    def truth(self, condition: Condition, node: exp.Expression, *, wanted: bool) -> ast.expr:  # noqa: PLR0911
        """Truthy exactly when `node` is TRUE (or FALSE, as `wanted`)."""
        node = unwrapped(node)
        if isinstance(node, exp.Not):
            return self.truth(condition, node.this, wanted=not wanted)
        if isinstance(node, (exp.And, exp.Or)):
            both = isinstance(node, exp.And) == wanted
            sides = [self.truth(condition, n, wanted=wanted) for n in (node.this, node.expression)]
            return ast.BoolOp(ast.And() if both else ast.Or(), sides)
        if isinstance(node, exp.Is):
            return self._is(condition, node, wanted)
        if isinstance(node, exp.Between):
            low, high = node.args["low"], node.args["high"]
            whole = [
                self._compared(condition, exp.GTE, (node.this, low), wanted),
                self._compared(condition, exp.LTE, (node.this, high), wanted),
            ]
            return ast.BoolOp(ast.And() if wanted else ast.Or(), whole)
        if list_of(node) is not None:
            return self._listed(condition, node, wanted)
        if isinstance(node, exp.In):
            return self._in(condition, node, wanted)
        if isinstance(node, (exp.EQ, exp.NEQ, *_ORDER)):
            return self._compared(condition, type(node), (node.this, node.expression), wanted)
        value = self.value(condition, node)
        return _all([*value.guards, _held(value.expression, wanted)])

    def _is(self, condition: Condition, node: exp.Is, wanted: bool) -> ast.expr:
        if isinstance(node.expression, exp.Boolean):
            test = self.truth(condition, node.this, wanted=bool(node.expression.this))
            return _held(test, wanted)
        value = self.value(condition, node.this)
        return _held(_all(list(value.guards)), not wanted)

    def _listed(self, condition: Condition, node: exp.Expression, wanted: bool) -> ast.expr:
        value, hits = self.value(condition, node.this), self._fact(LIST_HITS)
        entry = ast.Constant(f"{list_of(node)}:{node.this.name}")
        met = _call("listed", hits.expression, entry)
        return _all([*value.guards, *hits.guards, _held(met, wanted)])

    def _in(self, condition: Condition, node: exp.In, wanted: bool) -> ast.expr:
        value = self.value(condition, node.this)
        items = [self.value(condition, item) for item in node.expressions]
        if Type.DOUBLE in map(condition.type_of, node.expressions) and not _never(value):
            value = _Value(value.guards, _exactly(value.expression), value.wild)
        known = [item.expression for item in items if not _never(item)]
        if len(known) < len(items) and not wanted:
            return ast.Constant(False)
        members = ast.Set(known) if known else ast.Tuple([], ast.Load())
        test = ast.Compare(value.expression, [ast.In() if wanted else ast.NotIn()], [members])
        return _all([*value.guards, test])

    def _compared(
        self,
        condition: Condition,
        kind: type[exp.Expression],
        sides: tuple[exp.Expression, exp.Expression],
        wanted: bool,
    ) -> ast.expr:
        values = [self.value(condition, side) for side in sides]
        kinds = [condition.type_of(side) for side in sides]
        if Type.DOUBLE in kinds:
            for i, value in enumerate(values):
                if kinds[i] is Type.INTEGER and not _small(value.expression):
                    values[i] = _Value(value.guards, _exactly(value.expression), value.wild)
        left, right = values
        guards = [*left.guards, *right.guards]
        if left.wild or right.wild:
            name = "above" if kind in _ORDER else "same"
            arguments = [left.expression, right.expression]
            if kind in (exp.LT, exp.LTE):
                arguments.reverse()
            if kind in (exp.GTE, exp.LTE):
                name = "not_below"
            test: ast.expr = _call(name, *arguments)
            return _all([*guards, _held(test, wanted != (kind is exp.NEQ))])
        if kind in _ORDER:
            sign, swapped = _ORDER[kind]
            first, second = (right, left) if swapped else (left, right)
            test = ast.Compare(first.expression, [sign], [second.expression])
            return _all([*guards, _held(test, wanted)])
        equal: ast.cmpop = ast.Eq() if wanted == (kind is exp.EQ) else ast.NotEq()
        return _all([*guards, ast.Compare(left.expression, [equal], [right.expression])])

    def value(self, condition: Condition, node: exp.Expression) -> _Value:  # noqa: PLR0911
        node = unwrapped(node)
        if isinstance(node, exp.Column):
            return self._fact(node.name)
        if isinstance(node, exp.Null):
            return _Value((ast.Constant(False),), ast.Constant(None))
        if isinstance(node, exp.Boolean):
            return _Value((), ast.Constant(bool(node.this)))
        if isinstance(node, exp.Literal):
            return _Value((), ast.Constant(_number(node)))
        if isinstance(node, (exp.Neg, exp.Abs)):
            return self._signed(condition, node)
        if isinstance(node, ARITHMETIC):
            return self._arithmetic(condition, node)
        if isinstance(node, exp.Case):
            return self._case(condition, node)
        if isinstance(node, (exp.Length, exp.Like, exp.StartsWith, *ROUNDING)):
            return self._function(condition, node)
        return self._chosen(condition, node)

    def _fact(self, name: str) -> _Value:
        place, fact = self.places[name]
        self.used.add(place)
        read = _load(f"fact_{place}")
        return _Value((_present(read),) if fact.nullable else (), read)

    def _signed(self, condition: Condition, node: exp.Expression) -> _Value:
        inner = self.value(condition, node.this)
        negated = isinstance(node, exp.Neg)
        if condition.type_of(node) is Type.INTEGER and not _small(inner.expression):
            made = _call("negative" if negated else "magnitude", inner.expression)
            return self._kept(inner.guards, made, wild=False)
        if negated:
            return _Value(inner.guards, ast.UnaryOp(ast.USub(), inner.expression), inner.wild)
        return _Value(inner.guards, _call("abs", inner.expression), inner.wild)

    def _arithmetic(self, condition: Condition, node: exp.Expression) -> _Value:
        left = self.value(condition, node.this)
        right = self.value(condition, node.expression)
        guards = (*left.guards, *right.guards)
        if _never(left) or _never(right):
            return _Value((ast.Constant(False),), ast.Constant(None))
        if isinstance(node, exp.Div):
            return _Value(guards, _call("divide", left.expression, right.expression), True)
        if condition.type_of(node) is Type.INTEGER:
            made = _call(_CHECKED[type(node)], left.expression, right.expression)
            return self._kept(guards, made, wild=False)
        first, second = _exactly(left.expression), right.expression
        if isinstance(node, exp.Mod):
            return _Value(guards, _call("remainder", first, _exactly(second)), True)
        return _Value(guards, ast.BinOp(first, _BINARY[type(node)], second), True)

    def _function(self, condition: Condition, node: exp.Expression) -> _Value:
        """NULL when an argument is."""
        parts = [node.this, *([node.expression] if node.args.get("expression") else [])]
        values = [self.value(condition, part) for part in parts]
        guards = tuple(guard for value in values for guard in value.guards)
        if any(map(_never, values)):
            return _Value((ast.Constant(False),), ast.Constant(None))
        if isinstance(node, ROUNDING):
            inner = values[0]
            if condition.type_of(node) is Type.INTEGER:
                return inner
            made = _call(_NAMES[type(node)], _exactly(inner.expression))
            return _Value(guards, made, inner.wild)
        return _Value(guards, _call(_NAMES[type(node)], *(value.expression for value in values)))

    def _case(self, condition: Condition, node: exp.Expression) -> _Value:
        double = condition.type_of(node) is Type.DOUBLE
        default = node.args.get("default")
        values = [] if default is None else [self.value(condition, default)]
        made = _whole(values[0], double=double) if values else ast.Constant(None)
        for branch in reversed(node.args["ifs"]):
            values.append(self.value(condition, branch.args["true"]))
            asked = self.truth(condition, branch.this, wanted=True)
            made = ast.IfExp(asked, _whole(values[-1], double=double), made)
        return self._kept((), made, wild=any(value.wild for value in values))

    def _chosen(self, condition: Condition, node: exp.Expression) -> _Value:
        """COALESCE, LEAST, GREATEST and NULLIF: what becomes of NULL they say themselves."""
        nullif = isinstance(node, exp.Nullif)
        parts = [node.this, node.expression] if nullif else operands(node)
        values = [self.value(condition, part) for part in parts]
        double = condition.type_of(node) is Type.DOUBLE and not nullif
        whole = [_whole(value, double=double) for value in values]
        name = type(node).__name__.lower()
        return self._kept((), _call(name, *whole), wild=any(v.wild for v in values))

    def _kept(self, guards: tuple[ast.expr, ...], made: ast.expr, *, wild: bool) -> _Value:
        self.temporaries += 1
        name = f"kept_{self.temporaries}"
        bound = _present(ast.NamedExpr(_store(name), made))
        return _Value((*guards, bound), _load(name), wild)


_NAMES: dict[type[exp.Expression], str] = {
    exp.Length: "length",
    exp.Like: "like",
    exp.StartsWith: "starts_with",
    exp.Floor: "floor",
    exp.Ceil: "ceil",
    exp.Round: "round",
}


def _whole(value: _Value, *, double: bool) -> ast.expr:
    """The value with its NULL, in one expression."""
    made = _exactly(value.expression) if double else value.expression
    if not value.guards:
        return made
    return ast.IfExp(_all(list(value.guards)), made, ast.Constant(None))


def _number(node: exp.Literal) -> str | int | float:
    if node.is_string:
        return str(node.this)
    return float(node.this) if "." in node.this else int(node.this)


def _small(expression: ast.expr) -> bool:
    """A constant or a fact: within 2^53, so Python compares it to a double as a double would."""
    if isinstance(expression, ast.Name):
        return expression.id.startswith("fact_")
    return isinstance(expression, ast.Constant)


def _never(value: _Value) -> bool:
    return isinstance(value.expression, ast.Constant) and value.expression.value is None


def _exactly(expression: ast.expr) -> ast.expr:
    """As a double: an integer that met a double is one from there on."""
    if isinstance(expression, ast.Constant) and type(expression.value) is int:
        return ast.Constant(float(expression.value))
    if isinstance(expression, ast.Constant) and expression.value is None:
        return expression
    return _call("float", expression)


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_load(name), list(arguments), [])


def _present(expression: ast.expr) -> ast.expr:
    return ast.Compare(expression, [ast.IsNot()], [ast.Constant(None)])


def _held(test: ast.expr, wanted: bool) -> ast.expr:
    return test if wanted else ast.UnaryOp(ast.Not(), test)


def _all(parts: list[ast.expr]) -> ast.expr:
    if not parts:
        return ast.Constant(True)
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)
