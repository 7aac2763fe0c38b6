"""Static checks: what is wrong with a rule, or odd about it, before anything runs.

Numbered as they are tried: 1 the form of the rule, 2 its condition, names, types, lists and
purpose, 3 units, 4 whether it can fire, and whether it cannot but fire, 5 parts that add nothing,
6 rules beside it that say the same or more. After 1 or 2 failed nothing more is said of a rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlglot import exp

from anfu.kernel.errors import Refused
from anfu.risk.condition import Condition
from anfu.risk.decision import condition_of
from anfu.risk.features import Catalogue
from anfu.risk.rules import SEVERITY, Grade, Outcome, Rule, RuleSet, RuleState, check_rule
from anfu.risk.ruling.bounds import bounds
from anfu.risk.ruling.domain import VALUE, Domain
from anfu.risk.ruling.states import Part, always, excluded, implies, never
from anfu.risk.ruling.units import Mixed, find_mixed, kinds_of
from anfu.risk.syntax import position, sql, unwrapped

# Beyond so many parts the comparison of each with all others is not worth its time.
_PARTS_MOST = 24
# Rules that lists make are named so.
MADE = "listed_"


class Severity(StrEnum):
    """A rule with an ERROR is not kept; a WARNING and a NOTE are for whoever decides."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of `rule`: `code` has its texts in the table of problems; `place` is the
    field of the rule and `position` [start, end) in its condition, None for all of it."""

    code: str
    severity: Severity
    rule: str
    place: str = "condition"
    position: tuple[int, int] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def inspect(
    rules: Sequence[Rule],
    beside: RuleSet,
    catalogue: Catalogue,
    *,
    lists: Mapping[str, Collection[str]] | None,
) -> list[Remark]:
    """Everything there is to say of `rules`, which stand, or would stand, beside the others."""
    remarks: list[Remark] = []
    for rule in rules:
        try:
            _check_id(rule)  # 1
            check_rule(rule)
            condition = condition_of(rule, catalogue, lists=lists)  # 2
        except Refused as refusal:
            remarks.append(_refused(rule, refusal))
            continue
        checked = _Checked(rule, condition, bounds(catalogue), _part(rule, catalogue))
        found = list(checked.units(kinds_of(catalogue)))  # 3
        dead = list(checked.dead())  # 4
        found += dead or checked.idle()  # 5
        if not dead:
            found += checked.beside(_live(beside, catalogue), beside.outcomes)  # 6
        remarks += sorted(found, key=_weight)
    return remarks


def refuse_errors(remarks: Sequence[Remark]) -> None:
    """Raises Refused with the first error among the remarks."""
    for remark in remarks:
        if remark.severity is Severity.ERROR:
            details = {**remark.details, "rule": remark.rule, "position": remark.position}
            raise Refused(remark.code, field=remark.place, **details)


def remark_form(remark: Remark) -> dict[str, Any]:
    """The remark as canonical values."""
    return {
        "code": remark.code,
        "severity": remark.severity,
        "rule": remark.rule,
        "field": remark.place,
        "position": remark.position,
        "details": dict(remark.details),
    }


def read_remark(form: Mapping[str, Any]) -> Remark:
    """The remark whose `remark_form` this is."""
    return Remark(
        code=form["code"],
        severity=Severity(form["severity"]),
        rule=form["rule"],
        place=form["field"],
        position=form["position"] and tuple(form["position"]),
        details=form["details"],
    )


def _weight(remark: Remark) -> tuple[int, tuple[int, int]]:
    """The gravest first, then in the order of the text."""
    return list(Severity).index(remark.severity), remark.position or (0, 0)


def _check_id(rule: Rule) -> None:
    if rule.id.startswith(MADE):
        raise Refused("rule_id_reserved", field="id", rule=rule.id)


def _refused(rule: Rule, refusal: Refused) -> Remark:
    details = dict(refusal.details)
    place = details.pop("position", None)
    details.pop("rule", None)
    where = None if place is None else (place[0], place[1])
    return Remark(refusal.code, Severity.ERROR, rule.id, refusal.field or "", where, details)


@lru_cache(maxsize=1024)
def _part(rule: Rule, catalogue: Catalogue) -> Part:
    return Part(condition_of(rule, catalogue), bounds(catalogue))


def _live(rule_set: RuleSet, catalogue: Catalogue) -> list[tuple[Rule, Part]]:
    """The rules of the set that act on every payer."""
    return [
        (rule, _part(rule, catalogue))
        for rule in rule_set.rules
        if rule.state is RuleState.LIVE and rule.rollout == 100
    ]


@dataclass(frozen=True, slots=True)
class _Checked:
    rule: Rule
    condition: Condition
    domains: Mapping[str, Domain]
    whole: Part

    def units(self, kinds: Mapping[str, str]) -> Iterator[Remark]:
        for found in find_mixed(self.condition, kinds):
            if isinstance(found, Mixed):
                details = {"part": sql(found.node), "units": list(found.kinds)}
                yield self._remark("units_differ", Severity.ERROR, found.node, **details)
            elif "." in found.node.name:
                yield self._remark("money_pointed", Severity.WARNING, found.node,
                                   part=found.node.name)  # fmt: skip
            else:
                minor = int(found.node.name)
                yield self._remark("money_number", Severity.NOTE, found.node, minor=minor,
                                   major=f"{minor // 100}.{minor % 100:02}")  # fmt: skip

    def dead(self) -> Iterator[Remark]:
        if never(self.whole):
            yield Remark("never_true", Severity.ERROR, self.rule.id)
        elif always(self.whole):
            yield Remark("always_true", Severity.WARNING, self.rule.id)
        elif excluded(self.whole.not_true, [dict.fromkeys(self.condition.names, VALUE)]):
            yield Remark("true_where_known", Severity.WARNING, self.rule.id)

    def idle(self) -> Iterator[Remark]:
        """Alternatives that can never be met; conditions that are met wherever the others are."""
        parts = self._parts(exp.Or)
        for part in parts if len(parts) > 1 else ():
            if never(part):
                yield self._remark("part_never_true", Severity.WARNING, part.node,
                                   part=sql(part.node))  # fmt: skip
        parts = self._parts(exp.And)
        if not 1 < len(parts) <= _PARTS_MOST:
            return
        for part in list(parts):
            others = [other for other in parts if other is not part]
            if excluded(*(other.true for other in others), part.not_true):
                parts = others
                yield self._remark("part_adds_nothing", Severity.WARNING, part.node,
                                   part=sql(part.node))  # fmt: skip

    def beside(
        self, rules: Sequence[tuple[Rule, Part]], outcomes: Mapping[Grade, Outcome]
    ) -> Iterator[Remark]:
        for other, part in rules:
            if other.id == self.rule.id or not implies(self.whole, part):
                continue
            if implies(part, self.whole):
                yield Remark("rule_repeats", Severity.WARNING, self.rule.id,
                             details={"other": other.id})  # fmt: skip
            elif _at_least(other, self.rule, outcomes):
                yield Remark("rule_shadowed", Severity.WARNING, self.rule.id,
                             details={"other": other.id, "grade": other.grade})  # fmt: skip

    def _parts(self, kind: type[exp.Expression]) -> list[Part]:
        waiting, found = [self.condition.tree], []
        while waiting:
            node = unwrapped(waiting.pop())
            if isinstance(node, kind):
                waiting += [node.expression, node.this]
            else:
                found.append(Part(self.condition, self.domains, node))
        return found

    def _remark(
        self, code: str, severity: Severity, node: exp.Expression, **details: Any
    ) -> Remark:
        place = position(node)
        where = None if place is None else (place[0], place[1])
        return Remark(code, severity, self.rule.id, position=where, details=details)


def _at_least(other: Rule, rule: Rule, outcomes: Mapping[Grade, Outcome]) -> bool:
    """Whether the other rule gives as high a grade and asks for as much."""
    grades = list(Grade)
    asked = [
        max(SEVERITY[outcome] for outcome in (outcomes[r.grade], r.outcome) if outcome is not None)
        for r in (other, rule)
    ]
    return grades.index(other.grade) >= grades.index(rule.grade) and asked[0] >= asked[1]
