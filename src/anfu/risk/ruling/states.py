"""What can be said of a condition without any fact: whether it can be TRUE, or anything else.

A condition is taken apart into states of affairs, each a domain for every term it speaks of; terms
that are computed are followed by their text. Two values are compared as a term of its own, below
(-1), equal (0), above (1). Where a condition has too many states nothing is claimed. Every claim
is sound: the domains hold all that facts can be, and more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cached_property
from itertools import product
from typing import Any

from sqlglot import exp

from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import ARITHMETIC, COMPARISONS, LIST_HITS, ROUNDING, Condition
from anfu.risk.facts import Type
from anfu.risk.ruling.domain import ANY, NULL, VALUE, Domain
from anfu.risk.syntax import list_of, unwrapped

State = dict[str, Domain]
_MOST = 512
_EXACT = float(1 << 53) - 1
_STRICT = (*ARITHMETIC, *ROUNDING, exp.Neg, exp.Abs, exp.Length, exp.Like, exp.StartsWith)
_FLIPPED: Mapping[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_TRUE, _FALSE = Domain(allowed=frozenset({True})), Domain(allowed=frozenset({False}))


class Wanted(Enum):
    """How a condition shall come out."""

    TRUE = "TRUE"
    FALSE = "FALSE"
    NOT_TRUE = "NOT_TRUE"
    NOT_FALSE = "NOT_FALSE"


_NEGATED = {
    Wanted.TRUE: Wanted.FALSE,
    Wanted.FALSE: Wanted.TRUE,
    Wanted.NOT_TRUE: Wanted.NOT_FALSE,
    Wanted.NOT_FALSE: Wanted.NOT_TRUE,
}
_KNOWN = (Wanted.TRUE, Wanted.FALSE)


class TooManyError(Exception):
    """The condition has more states than are worth looking at."""


Domains = Mapping[str, Domain]


class Part:
    """A condition, or the part of it at `node`, over facts within `domains`."""

    def __init__(
        self, condition: Condition, domains: Domains, node: exp.Expression | None = None
    ) -> None:
        self.node = condition.tree if node is None else node
        self._reader = _States(condition, domains)

    @cached_property
    def true(self) -> list[State] | None:
        """The states in which it is TRUE; None when there are too many."""
        return self._states(Wanted.TRUE)

    @cached_property
    def not_true(self) -> list[State] | None:
        """The states in which it is FALSE or NULL; None when there are too many."""
        return self._states(Wanted.NOT_TRUE)

    def _states(self, wanted: Wanted) -> list[State] | None:
        try:
            return self._reader.of(self.node, wanted)
        except TooManyError:
            return None


def excluded(*sides: list[State] | None) -> bool:
    """Whether no facts are in a state of each side at once; True only when none are."""
    states: list[State] = [{}]
    try:
        for side in sides:
            if side is None:
                return False
            states = _joined(states, side)
    except TooManyError:
        return False
    return not states


def never(part: Part) -> bool:
    """It is TRUE for no facts."""
    return excluded(part.true)


def always(part: Part) -> bool:
    """It is TRUE for all facts."""
    return excluded(part.not_true)


def implies(first: Part, second: Part) -> bool:
    """Wherever the first is TRUE the second is."""
    return excluded(first.true, second.not_true)


def _joined(left: list[State], right: list[State]) -> list[State]:
    if len(left) * len(right) > _MOST:
        raise TooManyError
    return [state for pair in product(left, right) if (state := _both(*pair)) is not None]


def _both(left: State, right: State) -> State | None:
    made = dict(left)
    for term, domain in right.items():
        made[term] = made[term] & domain if term in made else domain
        if made[term].empty:
            return None
    return made


class _States:
    def __init__(self, condition: Condition, domains: Domains) -> None:
        self._condition = condition
        self._domains = domains

    def of(self, node: exp.Expression, wanted: Wanted) -> list[State]:  # noqa: PLR0911 - one a kind
        node = unwrapped(node)
        if node.find(exp.Column) is None:
            return [{}] if self._constant(node, wanted) else []
        if isinstance(node, exp.Not):
            return self.of(node.this, _NEGATED[wanted])
        if isinstance(node, (exp.And, exp.Or)):
            return self._logic(node, wanted)
        if isinstance(node, exp.Is):
            return self._is(node, wanted)
        if isinstance(node, exp.Between):
            low = self._compared(node, exp.GTE, (node.this, node.args["low"]), wanted)
            high = self._compared(node, exp.LTE, (node.this, node.args["high"]), wanted)
            return _joined(low, high) if _is_all(exp.And, wanted) else low + high
        if isinstance(node, exp.In) and list_of(node) is None:
            return self._in(node, wanted)
        if isinstance(node, COMPARISONS):
            return self._compared(node, type(node), (node.this, node.expression), wanted)
        return self._term(node, _TRUE, _FALSE, wanted)

    def _constant(self, node: exp.Expression, wanted: Wanted) -> bool:
        """A part without facts is what it is."""
        part = Condition("", node, frozenset(), self._condition.types, {})
        other = Condition("", exp.Not(this=node), frozenset(), self._condition.types, {})
        fired = compile_conditions([part, other], [])(())
        true, false = bool(fired & 1), bool(fired & 2)
        return {
            Wanted.TRUE: true,
            Wanted.FALSE: false,
            Wanted.NOT_TRUE: not true,
            Wanted.NOT_FALSE: not false,
        }[wanted]

    def _logic(self, node: exp.Expression, wanted: Wanted) -> list[State]:
        left, right = (self.of(side, wanted) for side in (node.this, node.expression))
        if _is_all(type(node), wanted):
            return _joined(left, right)
        if len(left) + len(right) > _MOST:
            raise TooManyError
        return left + right

    def _is(self, node: exp.Is, wanted: Wanted) -> list[State]:
        held = wanted in (Wanted.TRUE, Wanted.NOT_FALSE)
        if isinstance(node.expression, exp.Boolean):
            true = bool(node.expression.this)
            if held:
                return self.of(node.this, Wanted.TRUE if true else Wanted.FALSE)
            return self.of(node.this, Wanted.NOT_TRUE if true else Wanted.NOT_FALSE)
        return self._state(node.this, NULL if held else VALUE)

    def _in(self, node: exp.In, wanted: Wanted) -> list[State]:
        values = [_value(item) for item in node.expressions]
        known = frozenset(value for value in values if value is not None)
        if len(known) < len(set(values)) and wanted in (Wanted.FALSE, Wanted.NOT_FALSE):
            # With a NULL in the list it is never FALSE.
            return [] if wanted is Wanted.FALSE else [{}]
        if any(self._rounds(node.this, value) for value in known):
            return self._term(node, _TRUE, _FALSE, wanted)
        return self._term(node.this, Domain(allowed=known), Domain(excluded=known), wanted)

    def _compared(
        self,
        node: exp.Expression,
        kind: type[exp.Expression],
        sides: tuple[exp.Expression, exp.Expression],
        wanted: Wanted,
    ) -> list[State]:
        left, right = map(unwrapped, sides)
        if _is_constant(left):
            left, right, kind = right, left, _FLIPPED.get(kind, kind)
        if _is_constant(right):
            value = _value(right)
            if value is None:
                return [] if wanted in _KNOWN else [{}]
            if self._rounds(left, value):
                name = f"{_text(left)} {kind.key} {value!r}"
                return [{name: _chosen(_TRUE, _FALSE, wanted)}]
            return self._term(left, *_sides(kind, value), wanted)
        first, second = _text(left), _text(right)
        if first > second:
            first, second, kind = second, first, _FLIPPED.get(kind, kind)
        inside, outside = (side & _SIGN for side in _sides(kind, 0))
        domain = _chosen(inside, outside, wanted)
        state: State | None = {f"{first} <=> {second}": domain}
        if wanted in _KNOWN:
            for name in {*_strict(left), *_strict(right)}:
                state = state and _both(state, {name: self._base(name) & VALUE})
        return [] if state is None else [state]

    def _rounds(self, node: exp.Expression, value: Any) -> bool:
        """Whether the comparison rounds: a computed integer beside a double beyond 2^53."""
        whole = self._condition.types.get(id(node)) is Type.INTEGER
        return whole and isinstance(value, float) and abs(value) >= _EXACT

    def _term(
        self, node: exp.Expression, inside: Domain, outside: Domain, wanted: Wanted
    ) -> list[State]:
        return self._state(node, _chosen(inside, outside, wanted))

    def _state(self, node: exp.Expression, domain: Domain) -> list[State]:
        node = unwrapped(node)
        name = node.name if isinstance(node, exp.Column) else _text(node)
        base = self._base(name)
        if self._condition.types.get(id(node)) is Type.INTEGER:
            base = base & Domain(whole=True, null=True)
        made: State | None = _both({}, {name: base & domain})
        if not domain.null:
            for other in _strict(node):
                made = made and _both(made, {other: self._base(other) & VALUE})
        return [] if made is None else [made]

    def _base(self, name: str) -> Domain:
        return self._domains.get(name, ANY)


_SIGN = Domain(-1, 1, whole=True)


def _is_all(kind: type[exp.Expression], wanted: Wanted) -> bool:
    """Whether both sides have to come out so: AND to be TRUE, OR to be FALSE."""
    return (kind is exp.And) == (wanted in (Wanted.TRUE, Wanted.NOT_FALSE))


def _chosen(inside: Domain, outside: Domain, wanted: Wanted) -> Domain:
    """TRUE is a value inside, FALSE one outside, and NULL neither."""
    made = inside if wanted in (Wanted.TRUE, Wanted.NOT_FALSE) else outside
    if wanted in _KNOWN:
        return made
    return Domain(made.low, made.high, made.low_open, made.high_open, made.allowed, made.excluded,
                  made.whole, null=True)  # fmt: skip


def _sides(kind: type[exp.Expression], value: Any) -> tuple[Domain, Domain]:
    """The values that compare so with `value`, and those that do not."""
    above, below = Domain(low=value, low_open=True), Domain(high=value, high_open=True)
    from_, to = Domain(low=value), Domain(high=value)
    one, others = Domain(allowed=frozenset({value})), Domain(excluded=frozenset({value}))
    sides: Mapping[type[exp.Expression], tuple[Domain, Domain]] = {
        exp.GT: (above, to), exp.GTE: (from_, below), exp.LT: (below, from_),
        exp.LTE: (to, above), exp.EQ: (one, others), exp.NEQ: (others, one),
    }  # fmt: skip
    return sides[kind]


def _is_constant(node: exp.Expression) -> bool:
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, (exp.Literal, exp.Boolean, exp.Null))


def _value(node: exp.Expression) -> Any:
    node = unwrapped(node)
    if isinstance(node, exp.Neg):
        value = _value(node.this)
        return None if value is None else -value
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if node.args.get("is_string"):
        return str(node.this)
    return float(node.this) if "." in node.this else int(node.this)


def _text(node: exp.Expression) -> str:
    """The name of a computed term; the space keeps it from being a fact's."""
    return f" {unwrapped(node).sql(dialect='duckdb')}"


def _strict(node: exp.Expression) -> Iterator[str]:
    """Facts that are not NULL where the term is not."""
    node = unwrapped(node)
    if isinstance(node, exp.Column):
        yield node.name
    elif list_of(node) is not None:
        yield from (node.this.name, LIST_HITS)
    elif isinstance(node, _STRICT):
        for child in node.iter_expressions():
            yield from _strict(child)
    elif isinstance(node, (exp.Nullif, exp.In)):
        yield from _strict(node.this)
    elif isinstance(node, COMPARISONS):
        yield from _strict(node.this)
        yield from _strict(node.expression)
