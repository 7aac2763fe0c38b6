"""The same condition as DuckDB must be given it: every type and every edge made explicit."""

from __future__ import annotations

from sqlglot import exp

from anfu.risk.condition import LIST_HITS, Condition
from anfu.risk.facts import Type
from anfu.risk.syntax import list_of


def duckdb_sql(condition: Condition) -> str:
    """SQL that DuckDB answers as the compiled condition does, over BIGINT, DOUBLE, VARCHAR and
    BOOLEAN columns named as the facts."""
    return _explicit(condition.tree, condition).sql(dialect="duckdb")


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
