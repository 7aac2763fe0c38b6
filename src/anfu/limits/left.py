"""What the law leaves a customer in the windows that run: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from anfu.limits.counter import CODES, Window
from anfu.limits.queries import Used
from anfu.limits.rule import Rule

_POCKETS = ("balance", "banks")


@dataclass(frozen=True, slots=True)
class Left:
    """A rule, and what has been `used` under it (minor units; None: it bounds each payment alone).
    `pocket`, of payments with a code: what they are paid from."""

    rule: Rule
    pocket: str | None
    used: int | None

    @property
    def amount(self) -> int:
        """What is left, in minor units."""
        return max(0, self.rule.most - (self.used or 0))


def left_of(
    rules: Sequence[Rule], used: Sequence[Used], *, account_class: int | None, day: date
) -> list[Left]:
    """Every rule of the law that holds on `day` (civil) for accounts of the class, None being a
    firm's. Which of two rules bounds a payment depends on its factors and code, known only then."""
    sums = {(one.metric, one.window, one.currency, one.pocket): one.amount for one in used}
    return [
        Left(rule, pocket, _sum(rule, pocket, sums))
        for rule in rules
        if rule.blocks and rule.in_force(day) and _covers(rule, account_class)
        for pocket in _pockets(rule)
    ]


def _sum(
    rule: Rule, pocket: str | None, sums: dict[tuple[str, Window, str, str | None], int]
) -> int | None:
    if rule.window is Window.PAYMENT:
        return None
    return sums.get((rule.metric, rule.window, rule.currency, pocket), 0)


def _covers(rule: Rule, account_class: int | None) -> bool:
    classes = rule.scope.account_classes
    return classes is None or account_class in classes


def _pockets(rule: Rule) -> Iterator[str | None]:
    yield from _POCKETS if rule.metric in CODES and rule.window is not Window.PAYMENT else (None,)
