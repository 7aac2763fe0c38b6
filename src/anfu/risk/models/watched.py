"""What champion and challenger said of the same decisions that have since been told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from anfu.risk.label import Truth
from anfu.risk.models.comparison import Comparison, compare
from anfu.risk.models.queries import Told
from anfu.risk.rules import Outcome

# What was stopped has no truth of its own unless somebody said it: left unsaid it is not honest.
_PASSED = frozenset({Outcome.ALLOW, Outcome.CHALLENGE})


@dataclass(slots=True)
class Watched:
    """Gathers pages of decisions for one challenger and one champion. A passed decision nobody
    spoke of in time counts as honest; a stopped one nobody spoke of does not count."""

    champion: str
    challenger: str
    truths: list[bool] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    unsaid: int = 0

    def add(self, page: Iterable[Told]) -> None:
        for told in page:
            stored = told.stored
            score = stored.watched.get(self.challenger)
            if score is None or self.champion not in stored.models:
                continue
            places = {fact.name: i for i, fact in enumerate(told.catalogue.facts)}
            known = told.facts[places["model_score"]]
            if known is None:
                continue
            if told.truth is None and stored.verdict.outcome not in _PASSED:
                self.unsaid += 1
                continue
            self.truths.append(told.truth is Truth.FRAUD)
            self.ours.append(known)
            self.theirs.append(score)

    def compared(self, *, seed: int) -> Comparison | None:
        """None where there is nothing to compare yet."""
        truths = np.array(self.truths, dtype=bool)
        return compare(truths, np.array(self.ours), np.array(self.theirs), seed=seed)
