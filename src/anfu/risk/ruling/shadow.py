"""The shadow difference: what would have been said, had a watched rule acted, beside what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anfu.evidence.log import moment_text
from anfu.risk.decision import Judge, Verdict, bucket
from anfu.risk.facts import Facts, decode
from anfu.risk.features import Catalogue

NO_LABEL = "NONE"


@dataclass(frozen=True, slots=True)
class Watched:
    """A decision on which the rule fired without acting; `facts` as canonical bytes, `label` what
    the payment was last said to be."""

    id: str
    catalogue: str
    facts: bytes
    label: str | None


@dataclass(slots=True)
class Sum:
    """A count, and the value by currency, in minor units."""

    count: int = 0
    value: Counter[str] = field(default_factory=Counter)

    def add(self, currency: str, amount: int) -> None:
        self.count += 1
        self.value[currency] += amount

    def document(self) -> dict[str, Any]:
        return {"count": self.count, "value": dict(sorted(self.value.items()))}


class ShadowDifference:
    """Gathers watched decisions of one rule; both verdicts are made from the stored facts, by the
    set in force and by the set in which the rule acts on every payer."""

    def __init__(self, catalogue: Catalogue, rule: str, now: Judge, then: Judge) -> None:
        self._catalogue = catalogue
        self._rule = rule
        self._judges = now, then
        names = [fact.name for fact in catalogue.facts]
        self._places = tuple(names.index(name) for name in ("payer", "amount", "currency"))
        self._moved: dict[tuple[str, str], Sum] = {}
        self._labels: dict[str, Sum] = {}
        self._buckets: Counter[int] = Counter()
        self.other_catalogue = 0

    @property
    def fired(self) -> int:
        return sum(part.count for part in self._moved.values())

    def add(self, decisions: Sequence[Watched]) -> None:
        """Decisions of another catalogue are counted and not judged: a rule reads today's facts."""
        for decision in decisions:
            if decision.catalogue != self._catalogue.version:
                self.other_catalogue += 1
                continue
            facts = decode(self._catalogue.facts, decision.facts)
            now, then = (judge(facts) for judge in self._judges)
            self._count(facts, now, then, decision.label or NO_LABEL)

    def _count(self, facts: Facts, now: Verdict, then: Verdict, label: str) -> None:
        payer, amount, currency = (facts[place] for place in self._places)
        self._buckets[bucket(self._rule, payer)] += 1
        moved = self._moved.setdefault((now.outcome, then.outcome), Sum())
        moved.add(currency, amount)
        self._labels.setdefault(label, Sum()).add(currency, amount)

    def document(self, *, since: datetime, until: datetime, decided: int, rollout: int
                 ) -> dict[str, Any]:  # fmt: skip
        """The paper: canonical values. `decided`: all decisions in the time; `in_rollout`: of those
        it fired on, how many are of payers it would act on."""
        reached = sum(n for place, n in self._buckets.items() if place < rollout)
        return {
            "v": 1,
            "rule": self._rule,
            "since": moment_text(since),
            "until": moment_text(until),
            "decided": decided,
            "fired": self.fired,
            "in_rollout": reached,
            "rollout": rollout,
            "outcomes": [
                {"now": now, "then": then, **part.document()}
                for (now, then), part in sorted(self._moved.items())
            ],
            "labels": {label: part.document() for label, part in sorted(self._labels.items())},
            "other_catalogue": self.other_catalogue,
        }
