"""A multiplier of limits (限额倍数): by its rating an institution may raise the day's limits of
43号 art. 24 for accounts of class II and III, to 1.5 or 2 times (art. 36). Shipped at 1.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.limits.rule import Rule

LAW, ARTICLE = "公告〔2015〕43号", "36"
ONE = 100
ALLOWED = frozenset({100, 150, 200})
_RAISED = frozenset({2, 3})


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A change of the multiplier of `rule` to `hundredths` (150 is 1.5), proposed by one person
    and decided by another. `approved` None: not decided yet."""

    id: str
    rule: str
    hundredths: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    approved: bool | None = None


def check_multiplier(rules: Sequence[Rule], rule: str, hundredths: int) -> None:
    """Raises Refused(multiplier_rule_unknown | multiplier_invalid)."""
    known = sorted(r.id for r in rules if r.raisable)
    if rule not in known:
        raise Refused("multiplier_rule_unknown", field="rule", known=known)
    if hundredths not in ALLOWED:
        raise Refused("multiplier_invalid", field="hundredths", allowed=sorted(ALLOWED))


def raised(rules: Sequence[Rule], multipliers: Mapping[str, int]) -> Sequence[Rule]:
    """`rules` as multipliers (hundredths per rule) raise them: for classes II and III only."""
    if not multipliers:
        return rules
    return [part for rule in rules for part in _raised(rule, multipliers.get(rule.id, ONE))]


def _raised(rule: Rule, hundredths: int) -> list[Rule]:
    if hundredths == ONE or not rule.raisable:
        return [rule]
    classes = rule.scope.account_classes or frozenset()
    low = replace(rule, scope=replace(rule.scope, account_classes=classes - _RAISED))
    high = replace(
        rule,
        scope=replace(rule.scope, account_classes=classes & _RAISED),
        maximum=rule.maximum * hundredths // ONE,
    )
    return [low, high]
