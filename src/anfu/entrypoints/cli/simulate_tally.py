"""What came of a trial, by kind of fraud and by what honest payments look like."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from anfu.risk.rules import Outcome
from anfu.simulation.plan import THEFTS, Alike, FraudKind

FRAUD_VALUE_TARGET, SUCCESS_TARGET = 0.00001, 0.98
"""The institution's: at most 0.001 % of the value paid is fraud; at least 98 % of what honest
payers attempt succeeds."""
_Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Tried:
    """One payment. `kind` None is honest; `by_rules` and `by_model` are the outcomes each alone
    would have given; `paid` is whether the money moved after challenge and review."""

    kind: FraudKind | None
    alike: Alike | None
    run: str
    amount: int
    outcome: Outcome
    reasons: tuple[str, ...]
    paid: bool
    by_rules: Outcome
    by_model: Outcome | None


@dataclass(slots=True)
class Line:
    """Of one kind: counts and values in fen."""

    tried: int = 0
    value: int = 0
    paid: int = 0
    value_paid: int = 0
    met: int = 0
    by_rules: int = 0
    by_model: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    runs: set[str] = field(default_factory=set)

    def add(self, one: Tried) -> None:
        self.tried += 1
        self.value += one.amount
        self.paid += one.paid
        self.value_paid += one.amount * one.paid
        self.met += one.outcome is not Outcome.ALLOW
        self.by_rules += one.by_rules is not Outcome.ALLOW
        self.by_model += one.by_model not in (None, Outcome.ALLOW)
        self.outcomes[one.outcome] += 1
        if one.kind is not None:
            self.runs.add(one.run)
        if one.outcome is not Outcome.ALLOW:
            self.reasons.update(one.reasons[:1])

    def document(self, *, modelled: bool) -> dict[str, Any]:
        """As JSON values. `met`: not simply allowed. The interval is Wilson's, 95 %."""
        return {
            "tried": self.tried,
            "runs": len(self.runs) or None,
            "value": self.value,
            "let_through": self.paid,
            "value_let_through": self.value_paid,
            "outcomes": {outcome: self.outcomes[outcome] for outcome in Outcome},
            "met_by_rules_alone": self.by_rules,
            "met_by_model_alone": self.by_model if modelled else None,
            "met_by_both": self.met,
            "met_rate": share(self.met, self.tried),
            "met_rate_interval": wilson(self.met, self.tried),
            "reasons": dict(self.reasons.most_common(5)),
        }


@dataclass(slots=True)
class Tally:
    """Everything that counted."""

    frauds: dict[FraudKind, Line] = field(default_factory=lambda: defaultdict(Line))
    honest: dict[Alike | None, Line] = field(default_factory=lambda: defaultdict(Line))
    payments: int = 0
    days: int = 0
    modelled: bool = False

    def add(self, one: Tried) -> None:
        self.payments += 1
        self.modelled = self.modelled or one.by_model is not None
        (self.honest[one.alike] if one.kind is None else self.frauds[one.kind]).add(one)

    def document(self) -> dict[str, Any]:
        """The figures, with the targets beside what was found."""
        honest, frauds = whole(self.honest.values()), whole(self.frauds.values())
        value_paid = honest.value_paid + frauds.value_paid
        asked = {name: line.document(modelled=self.modelled) for name, line in self._lines()}
        refused = honest.tried - honest.paid
        return {
            "payments": self.payments,
            "days": self.days,
            "attack_rate": share(frauds.tried, self.payments),
            "fraud_value_rate": share(frauds.value_paid, value_paid),
            "fraud_value_target": FRAUD_VALUE_TARGET,
            "fraud_value_met": share(frauds.value_paid, value_paid) <= FRAUD_VALUE_TARGET,
            "success_rate": share(honest.paid, honest.tried),
            "success_target": SUCCESS_TARGET,
            "success_met": share(honest.paid, honest.tried) >= SUCCESS_TARGET,
            "honest_challenged": honest.outcomes[Outcome.CHALLENGE],
            "honest_challenged_rate": share(honest.outcomes[Outcome.CHALLENGE], honest.tried),
            "honest_refused": refused,
            "honest_refused_rate": share(refused, honest.tried),
            "false_alarms_by_rules_alone": share(honest.by_rules, honest.tried),
            "false_alarms_by_model_alone": share(honest.by_model, honest.tried)
            if self.modelled
            else None,
            "false_alarms_by_both": share(honest.met, honest.tried),
            "frauds": {k: d for k, d in asked.items() if k in set(FraudKind)},
            "honest": {k: d for k, d in asked.items() if k not in set(FraudKind)},
            "between": self.between(),
        }

    def between(self) -> list[dict[str, Any]]:
        """What stands between the found and the target: the kinds whose money got through, the
        largest first, and whether their payers answer challenges themselves."""
        rows = [
            {
                "kind": kind,
                "value_let_through": line.value_paid,
                "share_of_losses": share(line.value_paid, whole(self.frauds.values()).value_paid),
                "allowed": line.outcomes[Outcome.ALLOW],
                "passed_a_challenge_or_review": line.paid - line.outcomes[Outcome.ALLOW],
                "payer_is_in_it": kind not in THEFTS,
            }
            for kind, line in self.frauds.items()
            if line.value_paid
        ]
        return sorted(rows, key=lambda row: -row["value_let_through"])

    def _lines(self) -> Iterable[tuple[str, Line]]:
        yield from sorted(self.frauds.items(), key=lambda pair: list(FraudKind).index(pair[0]))
        for alike, line in sorted(self.honest.items(), key=lambda pair: str(pair[0] or "")):
            yield alike or "everyday", line


def whole(lines: Iterable[Line]) -> Line:
    """All of them as one."""
    total = Line()
    for line in lines:
        for name in ("tried", "value", "paid", "value_paid", "met", "by_rules", "by_model"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
        total.outcomes.update(line.outcomes)
        total.reasons.update(line.reasons)
        total.runs |= line.runs
    return total


def share(part: int, of: int) -> float:
    """A rate between 0 and 1; 0 of none."""
    return round(part / of, 7) if of else 0.0


def wilson(part: int, of: int) -> tuple[float, float] | None:
    """The 95 % score interval of a rate (Wilson 1927); None of none."""
    if not of:
        return None
    rate, z2 = part / of, _Z * _Z
    centre = (rate + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * sqrt(rate * (1 - rate) / of + z2 / (4 * of * of))
    return round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)
