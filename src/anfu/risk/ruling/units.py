"""Units: what kind of quantity a term is, and where kinds are mixed.

A number written in a condition fits every unit. Counts of whatever kind compare with each other;
what is multiplied or divided by more than a number is of no known kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from anfu.risk.condition import COMPARISONS, Condition
from anfu.risk.facts import Type
from anfu.risk.features import Catalogue, Feature, Finding, Input
from anfu.risk.syntax import list_of, operands, unwrapped

MONEY, COUNT = "minor", "count"
# Units that are kinds of their own; any other unit of whole numbers counts something.
_KINDS = {"minor": MONEY, "s": "s", "us": "us", "km": "km", "km/h": "km/h", "deg": "deg",
          "h": "h", "ratio": "ratio", "probability": "ratio", "share": "ratio",
          "score": "ratio"}  # fmt: skip
# Codes that happen to be numbers.
_NO_KIND = frozenset({"grade", "code", "codes", "id", "token", "weekday", ""})
_JOINS = (exp.Add, exp.Sub, exp.Mod, exp.Coalesce, exp.Least, exp.Greatest, exp.Nullif)
_KEEPS = (exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Round)


@dataclass(frozen=True, slots=True)
class Mixed:
    """Terms of two kinds meet at `node`."""

    node: exp.Expression
    kinds: tuple[str, str]


@dataclass(frozen=True, slots=True)
class MoneyNumber:
    """An amount is compared with a number: minor units."""

    node: exp.Literal


def kinds_of(catalogue: Catalogue) -> dict[str, str]:
    """The kind of each fact that has one."""
    found = {}
    types = {fact.name: fact.type for fact in catalogue.facts}
    facts: list[Input | Feature | Finding] = [
        *catalogue.inputs, *catalogue.features, *catalogue.findings,
    ]  # fmt: skip
    for fact in facts:
        kind = _KINDS.get(fact.unit)
        if kind is None and fact.unit not in _NO_KIND and types[fact.name] is Type.INTEGER:
            kind = COUNT
        if kind is not None:
            found[fact.name] = kind
    return found


def find_mixed(condition: Condition, kinds: Mapping[str, str]) -> list[Mixed | MoneyNumber]:
    """Where kinds are mixed, and the numbers that amounts are compared with, in no order."""
    reader = _Reader(kinds)
    for node in condition.tree.walk():
        if isinstance(node, (*COMPARISONS, exp.Between, exp.In)) and list_of(node) is None:
            reader.meet(node, _sides(node))
    return reader.found


def _sides(node: exp.Expression) -> list[exp.Expression]:
    if isinstance(node, exp.Between):
        return [node.this, node.args["low"], node.args["high"]]
    return operands(node) if isinstance(node, exp.In) else [node.this, node.expression]


class _Reader:
    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds
        self.found: list[Mixed | MoneyNumber] = []

    def meet(self, node: exp.Expression, parts: list[exp.Expression]) -> str | None:
        """The kind of terms that are compared or added up; notes where they differ."""
        kinds = [self._kind(part) for part in parts]
        known = list(dict.fromkeys(kind for kind in kinds if kind is not None))
        if len(known) > 1:
            self.found.append(Mixed(node, (known[0], known[1])))
            return None
        if known == [MONEY]:
            self.found += [MoneyNumber(number) for part in parts for number in _numbers(part)]
        return known[0] if known else None

    def _kind(self, node: exp.Expression) -> str | None:  # noqa: PLR0911 - one a kind of node
        node = unwrapped(node)
        if isinstance(node, exp.Column):
            return self._kinds.get(node.name)
        if isinstance(node, _KEEPS):
            return self._kind(node.this)
        if isinstance(node, _JOINS):
            binary = isinstance(node, (exp.Add, exp.Sub, exp.Mod, exp.Nullif))
            return self.meet(node, [node.this, node.expression] if binary else operands(node))
        if isinstance(node, exp.Case):
            last = node.args.get("default")
            results = [branch.args["true"] for branch in node.args["ifs"]]
            return self.meet(node, [*results, *([last] if last else [])])
        if isinstance(node, (exp.Mul, exp.Div)):
            left, right = self._kind(node.this), self._kind(node.expression)
            if isinstance(unwrapped(node.expression), exp.Literal):
                return left
            return right if _is_scaled(node) else None
        return None


def _is_scaled(node: exp.Expression) -> bool:
    return isinstance(node, exp.Mul) and isinstance(unwrapped(node.this), exp.Literal)


def _numbers(node: exp.Expression) -> Iterator[exp.Literal]:
    node = unwrapped(node)
    if isinstance(node, exp.Literal) and not node.is_string and node.name.strip("0.") != "":
        yield node
