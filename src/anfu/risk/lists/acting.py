"""How a hit acts: rules made from the declarations, part of the rule set a decision is made by.

So a verdict follows from its facts and its rule set and from nothing else (decision record 9): a
replay needs no list as it was. A black or grey list becomes a rule of its own; a white list is
taken off the conditions of the rules it excuses from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from anfu.risk.lists.declaration import Declaration, Kind
from anfu.risk.rules import Rule, RuleSet, make_rule_set

# Rules made from lists begin so; no other rule may.
MARK = "listed_"


def joined(rule_set: RuleSet, declared: Iterable[Declaration]) -> RuleSet:
    """`rule_set` with the rules that `declared` lists make. Raises Refused as `make_rule_set`."""
    lists = sorted(declared, key=lambda d: d.name)
    rules = [_excused(rule, lists) for rule in rule_set.rules]
    rules += [_acting(d) for d in lists if d.kind is not Kind.WHITE]
    return make_rule_set(rules, rule_set.thresholds, rule_set.outcomes)


def on_list(declaration: Declaration) -> str:
    """The condition that an event is on the list."""
    name = declaration.name
    tests = [f"({i} IS NOT NULL AND {i} IN LIST {name})" for i in declaration.inputs]
    return " OR ".join(tests)


def _acting(d: Declaration) -> Rule:
    return Rule(
        id=f"{MARK}{d.name}",
        condition=on_list(d),
        grade=d.grade,
        points=d.points,
        reason=d.reason,
        en=d.en,
        zh=d.zh,
    )


def _excused(rule: Rule, lists: list[Declaration]) -> Rule:
    """What law commands (`outcome`) nobody is excused from."""
    white = [d for d in lists if d.kind is Kind.WHITE and rule.id in d.excuses]
    if not white or rule.outcome is not None:
        return rule
    excuses = " OR ".join(map(on_list, white))
    return replace(rule, condition=f"({rule.condition}) AND NOT ({excuses})")
