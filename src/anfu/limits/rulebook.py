"""Reads rules from TOML, strictly: what is unknown, contradictory or uncountable is not loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from importlib import resources
from itertools import combinations
from typing import Any, TypeVar

from anfu.kernel.errors import Refused
from anfu.kernel.money import parse_money
from anfu.limits.counter import CODES, COUNTED, KEPT, LIFETIME_CLASS, Metric, Window
from anfu.limits.rule import Law, Operator, Provenance, Rule, Scope, Step, quote_sha256
from anfu.limits.use import Code, Debit, UseKind

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_ZONE = "Asia/Shanghai"
_HINTS = frozenset({"reject", "offer_step_up", "offer_upgrade"})
_CLASSES = frozenset({1, 2, 3})


def shipped_rules() -> tuple[Rule, ...]:
    """The rules that come with the package, of every instrument."""
    folder = resources.files("anfu.limits") / "rules"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(rule for f in files for rule in load_rules(f.read_text("utf-8"), source=f.name))


def load_rules(text: str, *, source: str) -> tuple[Rule, ...]:
    """The rules of one TOML document. `source` names it in errors.

    Raises ValueError naming source, rule and field.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{source}: {error}") from error
    top = _Table(source, document)
    tables = top.take("rule", _list)
    top.done()
    rules = tuple(_rule(_Table(_name(source, i, table), table)) for i, table in enumerate(tables))
    for one, other in combinations(rules, 2):
        if one.id == other.id and _overlap(one, other):
            raise ValueError(f"{source}: {one.id}: two versions are in force on the same day")
    return rules


class _Table:
    """A TOML table that is read to the end: a key nobody asked for is an error."""

    def __init__(self, name: str, table: Any) -> None:
        if not isinstance(table, dict):
            raise ValueError(f"{name}: not a table")
        self.name = name
        self._left = dict(table)

    def take(self, key: str, read: Callable[[Any], T], default: Any = ...) -> T:
        """`read` of the value; `default`, as a TOML value, where the key is missing."""
        value = self._left.pop(key, default)
        if value is ...:
            raise self.wrong(key, "missing")
        try:
            return read(value)
        except Refused as refusal:
            raise self.wrong(key, str(refusal)) from refusal
        except (ValueError, TypeError) as error:
            raise self.wrong(key, str(error)) from error

    def table(self, key: str) -> _Table:
        return self.take(key, lambda value: _Table(f"{self.name}.{key}", value))

    def done(self) -> None:
        if self._left:
            raise self.wrong(sorted(self._left)[0], "unknown")

    def wrong(self, key: str, reason: str) -> ValueError:
        return ValueError(f"{self.name}: {key}: {reason}")


def _rule(table: _Table) -> Rule:
    currency = table.take("currency", _text)
    rule = Rule(
        id=table.take("id", _text),
        title_en=table.take("title_en", _text),
        title_zh=table.take("title_zh", _text),
        law=_law(table.table("law")),
        metric=table.take("metric", _one_of(Metric)),
        window=table.take("window", _one_of(Window)),
        scope=_scope(table.table("applies_to")),
        maximum=table.take("max", lambda value: parse_money(_text(value), currency).minor),
        currency=currency,
        operator=table.take("operator", _one_of(Operator)),
        effective_from=table.take("effective_from", _date),
        effective_to=table.take("effective_to", lambda v: None if v is None else _date(v), None),
        provenance=table.take("provenance", _one_of(Provenance)),
        on_breach=table.take("on_breach", lambda v: tuple(_each(_hint, v))),
        raise_by=table.take("raise_by", lambda v: tuple(_each(_one_of(Step), v)), []),
        liable=table.take("liability", _liability, "none"),
        raisable=table.take("raisable", _flag, False),
    )
    table.take("zone", _zone)
    table.take("tests", lambda v: _some(_each(_text, v)))
    _check_kinds(table, rule)
    _check_sense(table, rule)
    table.done()
    return rule


def _law(table: _Table) -> Law:
    law = Law(*[table.take(key, _text) for key in ("name", "number", "article", "quote")])
    if table.take("quote_sha256", _text) != quote_sha256(law.quote):
        raise table.wrong("quote_sha256", "is not the hash of the quote")
    table.done()
    return law


def _scope(table: _Table) -> Scope:
    classes = frozenset(table.take("account_classes", lambda v: _some(_each(_whole, v))))
    if not classes <= _CLASSES:
        raise table.wrong("account_classes", "only classes 1, 2 and 3 exist")
    scope = Scope(
        account_classes=classes,
        factors_min=table.take("factors_min", _whole, 0),
        factors_max=table.take("factors_max", lambda v: None if v is None else _whole(v), None),
        strong=table.take("strong", lambda v: None if v is None else _flag(v), None),
        codes=table.take("codes", _codes, None),
        debit=table.take("debit", lambda v: None if v is None else _one_of(Debit)(v), None),
        bank_verified=table.take("bank_verified", lambda v: None if v is None else _flag(v), None),
    )
    if scope.factors_max is not None and scope.factors_max < scope.factors_min:
        raise table.wrong("factors_max", "is less than factors_min")
    table.done()
    return scope


def _check_kinds(table: _Table, rule: Rule) -> None:
    """The kinds are written in the rule for its reader; what is counted is fixed per metric."""
    kinds = frozenset(table.take("counts", lambda v: _each(_one_of(UseKind), v)))
    excluded = frozenset(table.take("excludes", lambda v: _each(_one_of(UseKind), v), []))
    if kinds != COUNTED[rule.metric]:
        raise table.wrong("counts", f"{rule.metric} counts {sorted(COUNTED[rule.metric])}")
    if kinds & excluded:
        raise table.wrong("excludes", "what is counted cannot be excluded")


def _check_sense(table: _Table, rule: Rule) -> None:
    classes = rule.scope.account_classes or frozenset()
    if rule.maximum <= 0:
        raise table.wrong("max", "is not positive")
    if rule.effective_to is not None and rule.effective_to <= rule.effective_from:
        raise table.wrong("effective_to", "is not after effective_from")
    if not (rule.scope.codes or frozenset()) <= CODES.get(rule.metric, frozenset()):
        raise table.wrong("codes", f"{rule.metric} does not count them")
    if rule.window is not Window.PAYMENT and (rule.metric, rule.window) not in KEPT:
        raise table.wrong("window", f"no {rule.window} sum of {rule.metric} is kept")
    if rule.window is Window.LIFETIME and classes != {LIFETIME_CLASS}:
        raise table.wrong("window", "a lifetime sum is kept for class 1 only")
    withdrawals = UseKind.WITHDRAW_TO_OWN_BANK in COUNTED[rule.metric]
    if withdrawals and not classes <= {LIFETIME_CLASS}:
        raise table.wrong("counts", "43号 art. 12 forbids a limit on withdrawals of class 2 or 3")


def _name(source: str, index: int, table: Any) -> str:
    known = table.get("id") if isinstance(table, dict) else None
    return f"{source}: {known if isinstance(known, str) else f'rule {index + 1}'}"


def _overlap(one: Rule, other: Rule) -> bool:
    first, second = sorted((one, other), key=lambda rule: rule.effective_from)
    return first.effective_to is None or second.effective_from < first.effective_to


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not a text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("is not a whole number")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _date(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("is not a date")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("is not a list")
    return value


def _each(read: Callable[[Any], T], value: Any) -> list[T]:
    return [read(item) for item in _list(value)]


def _some(values: list[T]) -> list[T]:
    if not values:
        raise ValueError("is empty")
    return values


def _one_of(kind: type[E]) -> Callable[[Any], E]:
    known: Mapping[str, E] = {member.value: member for member in kind}

    def read(value: Any) -> E:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"is not one of {', '.join(known)}")
        return known[value]

    return read


def _codes(value: Any) -> frozenset[Code] | None:
    return None if value is None else frozenset(_some(_each(_one_of(Code), value)))


def _hint(value: Any) -> str:
    if value not in _HINTS:
        raise ValueError(f"is not one of {', '.join(sorted(_HINTS))}")
    return str(value)


def _liability(value: Any) -> bool:
    if value not in ("none", "institution"):
        raise ValueError("is not one of none, institution")
    return bool(value == "institution")


def _zone(value: Any) -> str:
    if value != _ZONE:
        raise ValueError(f"sums are kept in {_ZONE} only")
    return _ZONE
