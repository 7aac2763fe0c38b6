"""From cells to figures: payments already counted by all that matters of them, added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from anfu.lab.backtests.figures import (
    Change,
    Day,
    Ended,
    Judged,
    Overlap,
    RuleFigures,
    Sum,
    Turn,
)
from anfu.lab.backtests.interval import share_of
from anfu.lab.backtests.question import bits_of
from anfu.risk.rules import SEVERITY, Outcome, Rule

_BY_SEVERITY = {severity: outcome for outcome, severity in SEVERITY.items()}


@dataclass(frozen=True, slots=True)
class Cell:
    """Payments alike. `day` counts from 1970 and is None in the cells by `mask`, the bits of the
    rules that held; `truth` FRAUD, HONEST or OPEN."""

    day: int | None
    mask: int
    verdict: int
    outcome: str
    state: str | None
    truth: str
    disputed: bool
    refunded: bool
    sum: Sum
    refunded_value: int

    @property
    def acted(self) -> bool:
        return self.verdict > 0

    @property
    def passed(self) -> bool:
        allowed = self.state is None and self.outcome == Outcome.ALLOW
        return self.state == "SUCCEEDED" or allowed


def cell_of(row: Sequence[Any]) -> Cell:
    """A row of the question `cells`."""
    day, *words, verdict, outcome, state, truth, disputed, refunded, count, value, back = row
    return Cell(
        day, bits_of(words), verdict, outcome, state, truth, disputed, refunded,
        Sum(count, int(value)), int(back),
    )  # fmt: skip


def total(cells: Iterable[Cell], chosen: Callable[[Cell], bool] = lambda _: True) -> Sum:
    """The sum of the cells that are `chosen`."""
    return sum((cell.sum for cell in cells if chosen(cell)), Sum())


def ended(cells: Sequence[Cell]) -> Ended:
    """How the payments ended."""
    given_back = [cell for cell in cells if cell.refunded]
    return Ended(
        all=total(cells),
        disputed=total(cells, lambda c: c.disputed),
        refunded=Sum(
            sum(cell.sum.count for cell in given_back),
            sum(cell.refunded_value for cell in given_back),
        ),
        blocked=total(cells, lambda c: c.outcome == Outcome.BLOCK),
        challenged=total(cells, lambda c: c.outcome == Outcome.CHALLENGE),
        reviewed=total(cells, lambda c: c.outcome == Outcome.REVIEW),
        succeeded=total(cells, lambda c: c.passed),
    )


def judged(cells: Sequence[Cell]) -> Judged:
    """Right and wrong, of those that can be judged."""
    frauds = [cell for cell in cells if cell.truth == "FRAUD"]
    honest = [cell for cell in cells if cell.truth == "HONEST"]
    caught, fraud = total(frauds, lambda c: c.acted), total(frauds)
    alarms, innocent = total(honest, lambda c: c.acted), total(honest)
    return Judged(
        caught=caught,
        missed=Sum(fraud.count - caught.count, fraud.value - caught.value),
        alarms=alarms,
        honest=innocent,
        precision=share_of(caught.count, caught.count + alarms.count),
        recall=share_of(caught.count, fraud.count),
        false_alarm_rate=share_of(alarms.count, innocent.count),
        recall_value=caught.value / fraud.value if fraud.value else None,
    )


def change(cells: Sequence[Cell], *, whole: bool) -> Change:
    """What would have gone another way; rules on their own free nothing."""
    stopped = [cell for cell in cells if cell.acted and cell.passed]
    freed = [c for c in cells if whole and not c.acted and c.outcome != Outcome.ALLOW]
    return Change(
        fraud_stopped=total(stopped, lambda c: c.truth == "FRAUD"),
        honest_stopped=total(stopped, lambda c: c.truth == "HONEST"),
        fraud_freed=total(freed, lambda c: c.truth == "FRAUD"),
        honest_freed=total(freed, lambda c: c.truth == "HONEST"),
    )


def by_day(cells: Sequence[Cell]) -> list[Day]:
    """Every day there is anything of."""
    days: dict[int, list[Cell]] = {}
    for cell in cells:
        days.setdefault(cell.day or 0, []).append(cell)
    return [
        Day(
            day=(date(1970, 1, 1) + timedelta(days=number)).isoformat(),
            all=total(ours),
            acted=total(ours, lambda c: c.acted),
            disputed=total(ours, lambda c: c.disputed),
            caught=total(ours, lambda c: c.acted and c.truth == "FRAUD"),
            alarms=total(ours, lambda c: c.acted and c.truth == "HONEST"),
        )
        for number, ours in sorted(days.items())
    ]


def by_rule(cells: Sequence[Cell], rules: Sequence[Rule]) -> list[RuleFigures]:
    """Each tested rule by itself; its bit is its place."""
    return [
        _held(rule.id, rule.reason, rule.typology, [c for c in cells if c.mask >> i & 1])
        for i, rule in enumerate(rules)
    ]


def by_typology(cells: Sequence[Cell], rules: Sequence[Rule]) -> list[RuleFigures]:
    """The rules of one typology together."""
    bits: dict[str, int] = {}
    for i, rule in enumerate(rules):
        if rule.typology is not None:
            bits[rule.typology] = bits.get(rule.typology, 0) | 1 << i
    return [
        _held("", "", typology, [c for c in cells if c.mask & mask])
        for typology, mask in sorted(bits.items())
    ]


def _held(rule: str, reason: str, typology: str | None, cells: Sequence[Cell]) -> RuleFigures:
    caught = total(cells, lambda c: c.truth == "FRAUD")
    alarms = total(cells, lambda c: c.truth == "HONEST")
    precision = share_of(caught.count, caught.count + alarms.count)
    return RuleFigures(rule, reason, typology, total(cells), caught, alarms, precision)


def overlaps(cells: Sequence[Cell], rules: Sequence[Rule], *, first: int) -> list[Overlap]:
    """What is tested beside each rule in force, whose bits begin at `first`."""
    found = []
    for i, rule in enumerate(rules):
        live = [c for c in cells if c.mask >> (first + i) & 1]
        other = [c for c in cells if not c.mask >> (first + i) & 1 and c.acted]
        both = total(live, lambda c: c.acted)
        alone, rest = total(other), total(live, lambda c: not c.acted)
        either = both.count + alone.count + rest.count
        found.append(
            Overlap(
                rule=rule.id,
                both=both,
                tested_only=alone,
                live_only=rest,
                fraud_both=_frauds(live, acted=True),
                fraud_tested_only=_frauds(other, acted=True),
                fraud_live_only=_frauds(live, acted=False),
                shared=both.count / either if either else None,
            )
        )
    return found


def _frauds(cells: Sequence[Cell], *, acted: bool) -> int:
    return total(cells, lambda c: c.acted is acted and c.truth == "FRAUD").count


def turns(cells: Sequence[Cell]) -> list[Turn]:
    """What was decided then beside what would be now."""
    pairs: dict[tuple[str, int], list[Cell]] = {}
    for cell in cells:
        pairs.setdefault((cell.outcome, cell.verdict), []).append(cell)
    order = sorted(pairs, key=lambda pair: (SEVERITY[Outcome(pair[0])], pair[1]))
    return [
        Turn(then, _BY_SEVERITY[now], total(pairs[then, now]),
             total(pairs[then, now], lambda c: c.truth == "FRAUD").count)
        for then, now in order
    ]  # fmt: skip
