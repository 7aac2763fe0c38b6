"""Candidates: what a model is given, how long it is taught, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from anfu.lab.handbook.declared import OWN_FACTS
from anfu.lab.handbook.graph import Derived, Made
from anfu.lab.handbook.protocol import WEEK


class Learner(StrEnum):
    """What learns; each with the settings `fitting` gives it."""

    LOGISTIC = "LOGISTIC"
    TREE = "TREE"
    FOREST = "FOREST"
    EXACT_BOOSTING = "EXACT_BOOSTING"
    BOOSTING = "BOOSTING"


@dataclass(frozen=True, slots=True)
class Candidate:
    """`columns` are facts by name, and what is derived from facts; taught with the payments of the
    `days` days before `Fold.taught`."""

    name: str
    columns: tuple[str | Derived, ...]
    learner: Learner
    days: int

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts needed, each once."""
        needed = []
        for column in self.columns:
            sides = (column.left, column.right) if isinstance(column, Derived) else (column,)
            needed += [side for side in sides if isinstance(side, str)]
        return tuple(dict.fromkeys(needed))


_BOOK_COLUMNS: tuple[str | Derived, ...] = (
    "amount",
    Derived(Made.AT_LEAST, "weekday", 6),
    Derived(Made.AT_MOST, "hour", 6),
    *(f"payer_{what}_{days}d" for days in (1, 7, 30) for what in ("count", "mean")),
    *(f"terminal_{what}_{days}d" for days in (1, 7, 30) for what in ("known", "share")),
)
BOOK = tuple(
    Candidate(f"book_{learner.lower()}", _BOOK_COLUMNS, learner, WEEK)
    for learner in (Learner.EXACT_BOOSTING, Learner.LOGISTIC, Learner.TREE, Learner.FOREST)
)


def own(days: int) -> Candidate:
    """The candidate with features of our own, taught for `days` days."""
    recent = tuple(
        Derived(Made.RATIO, f"payer_max_{window}d", "payer_usual_mean_60d") for window in (7, 14)
    )
    return Candidate("own_boosting", (*OWN_FACTS, *recent), Learner.BOOSTING, days)
