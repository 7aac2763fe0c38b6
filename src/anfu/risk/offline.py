"""The same condition as an engine must be given it: every type and every edge made explicit.

What runs offline is written once, in DuckDB's SQL; `translated` gives the same tree in the words of
Apache Spark, where these mean something else: division by zero, overflow, sums, 128-bit
integers, counts of different values in a window, backslashes in texts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import sqlglot
from sqlglot import exp

from anfu.risk.condition import LIST_HITS, Condition
from anfu.risk.facts import Type
from anfu.risk.syntax import list_of


class Dialect(StrEnum):
    """Whose SQL."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def duckdb_sql(condition: Condition) -> str:
    """SQL that DuckDB answers as the compiled condition does, over BIGINT, DOUBLE, VARCHAR and
    BOOLEAN columns named as the facts."""
    return _explicit(condition.tree, condition).sql(dialect="duckdb")


def translated(sql: str, dialect: Dialect) -> str:
    """One statement or expression of DuckDB's, as made here, in `dialect`; it means the same."""
    if dialect is Dialect.DUCKDB:
        return sql
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    # Children before parents: what is put in place of a parent holds its children as they became.
    for node in reversed(list(tree.walk())):
        made = _in_spark(node)
        if made is not node:
            tree = made if node is tree else tree
            node.replace(made)
    return tree.sql(dialect="spark")


# What DuckDB refuses to compute and a condition says NULL of.
_TRAPS = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Neg, exp.Abs)


def _explicit(node: exp.Expression, condition: Condition) -> exp.Expression:
    if (name := list_of(node)) is not None:
        return _met(node.this.name, name)
    kind = condition.types.get(id(node))
    made = node.copy() if not list(node.iter_expressions()) else _rebuilt(node, condition)
    if isinstance(node, exp.Column):
        made = exp.column(exp.to_identifier(node.name, quoted=True))
    if isinstance(node, exp.Literal) and not node.is_string:
        return exp.cast(made, "BIGINT" if kind is Type.INTEGER else "DOUBLE", dialect="duckdb")
    if isinstance(node, _TRAPS) and kind is Type.INTEGER:
        return exp.Anonymous(this="TRY", expressions=[made])
    return made


def _met(value: str, name: str) -> exp.Expression:
    """Whether the list was met by the value: an entry of `list_hits`."""
    given, hits = (exp.column(exp.to_identifier(n, quoted=True)) for n in (value, LIST_HITS))
    entries = exp.Split(this=hits, expression=exp.Literal.string(","))
    met = exp.ArrayContains(this=entries, expression=exp.Literal.string(f"{name}:{value}"))
    return exp.case().when(given.is_(exp.null()).not_(), met)


def _rebuilt(node: exp.Expression, condition: Condition) -> exp.Expression:
    made = node.copy()
    for key, value in node.args.items():
        if isinstance(value, exp.Expression):
            made.set(key, _explicit(value, condition))
        elif isinstance(value, list):
            made.set(key, [_explicit(item, condition) for item in value])
    return made


_TRIED: dict[type[Any], str] = {
    exp.Mod: "TRY_MOD",
    exp.Add: "TRY_ADD",
    exp.Sub: "TRY_SUBTRACT",
    exp.Mul: "TRY_MULTIPLY",
}
_WIDE = "DECIMAL(38, 0)"
_LOWEST = sqlglot.parse_one("(-9223372036854775807 - 1)", dialect="spark")


def _in_spark(node: Any) -> Any:  # noqa: PLR0911 - one a kind
    if isinstance(node, exp.Try) or (isinstance(node, exp.Anonymous) and node.name == "TRY"):
        inner = node.this if isinstance(node, exp.Try) else node.expressions[0]
        return _tried(inner)
    if isinstance(node, (exp.Div, exp.Mod)) and not _harmless(node.expression):
        # What may overflow is tried, and made whole where it is.
        tried = isinstance(node.parent, exp.Try) or getattr(node.parent, "name", "") == "TRY"
        whole = _QUOTIENT if isinstance(node, exp.Div) else _REMAINDER
        return node if tried else _filled(whole, n=node.this, d=node.expression)
    if isinstance(node, (exp.Floor, exp.Ceil, exp.Round)):
        # A cast to a whole number is what Spark does anyway.
        made = _ROUNDED[type(node)] if node.args.get("decimals") is None else None
        is_cast = isinstance(node.parent, exp.Cast)
        return node if made is None or is_cast else _filled(made, x=node.this)
    if isinstance(node, exp.Null) and isinstance(node.parent, (exp.If, exp.Where)):
        # In place of a test; as a result it has the type of the other results.
        return node if node.arg_key != "this" else exp.cast(node, "BOOLEAN", dialect="spark")
    if isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.INT128:
        return exp.cast(node.this, _WIDE, dialect="spark")
    if isinstance(node, exp.Sum):
        return exp.Sum(this=exp.cast(node.this, _WIDE, dialect="spark"))
    counted = node.this if isinstance(node, exp.Window) else node
    if isinstance(counted, exp.Count) and isinstance(counted.this, exp.Distinct):
        # A window of Spark counts no different values; outside of one it does.
        return _different(node, counted.this.expressions) if node is not counted else node
    return node


def _different(window: exp.Expression, values: list[exp.Expression]) -> exp.Expression:
    gathered = window.copy()
    gathered.set("this", exp.Anonymous(this="COLLECT_SET", expressions=[v.copy() for v in values]))
    return exp.cast(exp.Anonymous(this="SIZE", expressions=[gathered]), "BIGINT", dialect="spark")


def _tried(inner: exp.Expression) -> exp.Expression:
    """NULL where 64 bits are not enough."""
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if type(inner) in _TRIED:
        parts = [inner.this.copy(), inner.expression.copy()]
        return exp.Anonymous(this=_TRIED[type(inner)], expressions=parts)
    # The lowest of 64 bits is the only one without an opposite.
    possible = exp.GT(this=inner.this.copy(), expression=_LOWEST.copy())
    return exp.Case(ifs=[exp.If(this=possible, true=inner.copy())])


def _harmless(divisor: exp.Expression) -> bool:
    """A constant other than zero."""
    while isinstance(divisor, (exp.Paren, exp.Cast)):
        divisor = divisor.this
    return isinstance(divisor, exp.Literal) and float(divisor.name) != 0


# IEEE 754: the sign of a zero counts.
_QUOTIENT = """
CASE WHEN d <> 0 THEN n / d
     WHEN n IS NULL OR d IS NULL THEN NULL
     WHEN n = 0 OR isnan(n) THEN CAST('NaN' AS DOUBLE)
     WHEN (n > 0) = (CAST(d AS STRING) = '0.0') THEN CAST('Infinity' AS DOUBLE)
     ELSE CAST('-Infinity' AS DOUBLE) END
"""

_REMAINDER = """
CASE WHEN d <> 0 THEN n % d WHEN n IS NULL OR d IS NULL THEN NULL ELSE CAST('NaN' AS DOUBLE) END
"""
# To whole DOUBLEs, zeros with their sign; Spark's own give 64-bit integers.
_ROUNDED: dict[type[Any], str] = {
    exp.Floor: "CASE WHEN x <> 0 AND ABS(x) < 9007199254740992"
    " THEN CAST(FLOOR(x) AS DOUBLE) ELSE x END",
    exp.Ceil: "CASE WHEN x <> 0 AND ABS(x) < 9007199254740992"
    " THEN -CAST(FLOOR(-x) AS DOUBLE) ELSE x END",
    exp.Round: "CASE WHEN x <> 0 AND ABS(x) < 9007199254740992"
    " THEN CASE WHEN x < 0 THEN -1D ELSE 1D END * (CAST(FLOOR(ABS(x)) AS DOUBLE)"
    " + CASE WHEN ABS(x) - FLOOR(ABS(x)) >= 0.5D THEN 1D ELSE 0D END) ELSE x END",
}


def _filled(template: str, **parts: exp.Expression) -> exp.Expression:
    """A template of Spark's SQL with DOUBLEs in place of its columns."""
    made = {name: exp.cast(part, "DOUBLE", dialect="spark") for name, part in parts.items()}
    return sqlglot.parse_one(template, dialect="spark").transform(
        lambda node: (
            made[node.name].copy() if isinstance(node, exp.Column) and node.name in made else node
        )
    )
