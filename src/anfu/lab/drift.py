"""Drift: how far a distribution is from the one a model was trained on.

The population stability index: over bins, (later - then) * ln(later / then). Half an observation is
added to each bin of either side, so that an empty bin gives a large number and not an infinite
one. From 0.1 on something moved, from 0.25 on it is another population.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.risk.features import Aggregate, Catalogue
from anfu.risk.models.matrix import Matrix

WATCH, ALERT = 0.1, 0.25
# Fewer than so many rows on either side, and chance alone moves the index.
ROWS_MIN = 500
_LIFELONG = frozenset({Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT})
_BINS = 10
Floats = npt.NDArray[np.float64]
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Bins:
    """`edges` between bins, rising; `counts` of the bins, and last of NULL. A value on an edge is
    below it."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a model saw when it was trained: `rows`, the bins of each column and of its `score`, and
    how many rows each reason was given for (empty where that is not known)."""

    rows: int
    columns: Mapping[str, Bins]
    score: Bins
    reasons: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "v": 1,
            "rows": self.rows,
            "columns": {name: _document(bins) for name, bins in self.columns.items()},
            "score": _document(self.score),
            "reasons": dict(self.reasons),
        }


def read_reference(document: Mapping[str, Any]) -> Reference:
    """The reference whose document this is. Raises KeyError, TypeError for anything else."""
    columns = {name: _bins(bins) for name, bins in document["columns"].items()}
    return Reference(document["rows"], columns, _bins(document["score"]), document["reasons"])


def make_bins(values: Floats) -> Bins:
    """Ten bins of about equal counts, fewer where values repeat, and one on either side for what
    was never seen: a column that always was 1 has moved when it is 2."""
    known = values[np.isfinite(values)]
    edges = np.empty(0)
    if len(known):
        quantiles = np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:])
        edges = np.unique([np.nextafter(known.min(), -np.inf), *quantiles])
    given = tuple(edges.astype(np.float64).tolist())
    return Bins(given, tuple(counted(given, values).tolist()))


def counted(edges: Sequence[float], values: Floats) -> npt.NDArray[np.int64]:
    """How many of `values` fall into each bin, and last how many are NULL."""
    known = values[np.isfinite(values)]
    places = np.searchsorted(np.asarray(edges), known, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)
    return np.append(counts, len(values) - len(known)).astype(np.int64)


def stability(then: Sequence[float], later: Sequence[float]) -> float:
    """The index between two sequences of counts over the same bins."""
    a, b = np.asarray(then, np.float64) + 0.5, np.asarray(later, np.float64) + 0.5
    a, b = a / a.sum(), b / b.sum()
    return round(float(((b - a) * np.log(b / a)).sum()), _PLACES)


def make_reference(
    names: Sequence[str], matrix: Matrix, scores: Floats, reasons: Mapping[str, int]
) -> Reference:
    """What the rows of `matrix` and their `scores` look like."""
    columns = {n: make_bins(matrix[:, i].astype(np.float64)) for i, n in enumerate(names)}
    return Reference(len(matrix), columns, make_bins(scores), dict(reasons))


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows as they come now: a column of `matrix` a name, the scores (NaN where there is none), and
    how many rows each reason was given for."""

    names: Sequence[str]
    matrix: Matrix
    scores: Floats
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drift:
    """The index of each column, of the score, and of each reason given or not; over `rows`. Nobody
    is told of `restless` columns, which move as time passes."""

    rows: int
    columns: Mapping[str, float]
    score: float
    reasons: Mapping[str, float]
    restless: frozenset[str] = frozenset()

    @property
    def alerts(self) -> list[str]:
        """What is another population now: `score`, `column:<name>`, `reason:<code>`; the furthest
        first."""
        calm = self.columns.keys() - self.restless
        found = {f"column:{name}": self.columns[name] for name in calm}
        found |= {f"reason:{name}": index for name, index in self.reasons.items()}
        found["score"] = self.score
        far = {name: index for name, index in found.items() if index >= ALERT}
        return sorted(far, key=lambda name: (-far[name], name))

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "rows": self.rows,
            "score": self.score,
            "columns": dict(self.columns),
            "reasons": dict(self.reasons),
            "alerts": self.alerts,
            "thresholds": {"watch": WATCH, "alert": ALERT},
        }


def restless(catalogue: Catalogue) -> frozenset[str]:
    """The features that are others tomorrow in a world that stays as it is: ages and counts of a
    whole life, and the day of the week."""
    growing = {Aggregate.AGE, Aggregate.PAIR_AGE, Aggregate.WEEKDAY}
    return frozenset(
        f.name
        for f in catalogue.features
        if f.aggregate in growing or (f.window_s is None and f.aggregate in _LIFELONG)
    )


def drifted(reference: Reference, seen: Seen, moving: frozenset[str] = frozenset()) -> Drift | None:
    """How far rows are from `reference`; None where there are too few rows to tell. Columns the
    reference lacks are not measured; of those `moving` by themselves nobody is told."""
    rows = len(seen.matrix)
    if min(rows, reference.rows) < ROWS_MIN:
        return None
    columns = {
        name: _moved(reference.columns[name], seen.matrix[:, i].astype(np.float64))
        for i, name in enumerate(seen.names)
        if name in reference.columns
    }
    score = _moved(reference.score, seen.scores)
    return Drift(rows, columns, score, _reasons(reference, seen.reasons, rows), moving)


def _moved(bins: Bins, values: Floats) -> float:
    return stability(bins.counts, counted(bins.edges, values).tolist())


def _reasons(reference: Reference, given: Mapping[str, int], rows: int) -> dict[str, float]:
    """Of each reason, given or not is a distribution of two bins."""
    if not reference.reasons:
        return {}
    made = {}
    for code in sorted(set(reference.reasons) | set(given)):
        then, again = reference.reasons.get(code, 0), given.get(code, 0)
        made[code] = stability((then, reference.rows - then), (again, rows - again))
    return made


def _document(bins: Bins) -> dict[str, Any]:
    return {"edges": list(bins.edges), "counts": list(bins.counts)}


def _bins(document: Mapping[str, Any]) -> Bins:
    return Bins(tuple(document["edges"]), tuple(document["counts"]))
