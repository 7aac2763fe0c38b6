"""How well scores rank fraud above honesty, and whether one model does it better than another."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
# Two-sided 95 % of the normal distribution.
_Z95 = 1.959963984540054
_RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A challenger beside the champion, on the same `rows` decisions, `frauds` of them fraud.

    `auc` areas under the ROC curve, their difference by DeLong; `precision` average precision, its
    difference by a bootstrap over decisions. `better` only when an interval is above zero and the
    other not below.
    """

    rows: int
    frauds: int
    auc_champion: float
    auc_challenger: float
    auc_difference: Interval
    precision_champion: float
    precision_challenger: float
    precision_difference: Interval

    @property
    def better(self) -> bool:
        auc, precision = self.auc_difference, self.precision_difference
        above = auc.low > 0 or precision.low > 0
        return above and auc.high >= 0 and precision.high >= 0

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "better": self.better}


def compare(
    truths: Truths, champion: Floats, challenger: Floats, *, seed: int
) -> Comparison | None:
    """None where there is no fraud, or nothing else. The bootstrap is repeatable by `seed`."""
    frauds = int(truths.sum())
    if frauds == 0 or frauds == len(truths):
        return None
    auc, difference = delong(truths, champion, challenger)
    return Comparison(
        len(truths),
        frauds,
        auc[0],
        auc[1],
        difference,
        average_precision(truths, champion),
        average_precision(truths, challenger),
        _bootstrap(truths, champion, challenger, seed),
    )


def delong(truths: Truths, a: Floats, b: Floats) -> tuple[tuple[float, float], Interval]:
    """The two areas, and their difference b - a with its interval for correlated scores.

    DeLong, DeLong and Clarke-Pearson 1988, with midranks as Sun and Xu 2014.
    """
    m, n = int(truths.sum()), int((~truths).sum())
    areas, above, below = [], [], []
    for scores in (a, b):
        both = midranks(scores)
        of_fraud, of_honest = midranks(scores[truths]), midranks(scores[~truths])
        areas.append(float(both[truths].sum() / m - (m + 1) / 2) / n)
        above.append((both[truths] - of_fraud) / n)
        below.append(1 - (both[~truths] - of_honest) / m)
    spread_m = np.cov(np.array(above)) / m if m > 1 else np.zeros((2, 2))
    spread_n = np.cov(np.array(below)) / n if n > 1 else np.zeros((2, 2))
    spread = spread_m + spread_n
    variance = spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]
    wide, gain = _Z95 * sqrt(max(0.0, float(variance))), areas[1] - areas[0]
    return (areas[0], areas[1]), Interval(gain, gain - wide, gain + wide)


def auc(truths: Truths, scores: Floats) -> float:
    """The chance that a fraud scores above an honest payment, half of it for equal scores."""
    m, n = int(truths.sum()), int((~truths).sum())
    return float(midranks(scores)[truths].sum() / m - (m + 1) / 2) / n


def average_precision(truths: Truths, scores: Floats) -> float:
    """Precision at each threshold, weighted by the recall it adds; equal scores are one
    threshold."""
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], truths[order]
    last = np.append(np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1)
    found = np.cumsum(hits)[last]
    gained = np.diff(np.append(0, found))
    return float((gained * found / (last + 1)).sum() / truths.sum())


def midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Floats = (ends - (counts - 1) / 2)[place]
    return ranks


def _bootstrap(truths: Truths, a: Floats, b: Floats, seed: int) -> Interval:
    source, count = np.random.default_rng(seed), len(truths)
    gains: list[float] = []
    while len(gains) < _RESAMPLES:
        drawn = source.integers(0, count, count)
        if truths[drawn].any():
            some = truths[drawn]
            gains.append(average_precision(some, b[drawn]) - average_precision(some, a[drawn]))
    low, high = np.quantile(gains, [0.025, 0.975])
    value = average_precision(truths, b) - average_precision(truths, a)
    return Interval(value, float(low), float(high))
