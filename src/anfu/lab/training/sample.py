"""A training sample: what was known at each decision, and what was said of it, and when.

Labels come late. What a part of the sample may know is decided by one function, `known_by`: a
payment was fraud if somebody had said so by then. Who reads labels any other way leaks the future.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.kernel.errors import Refused
from anfu.risk.models.matrix import Matrix

DAY_US = 86_400_000_000
NEVER = np.iinfo(np.int64).max
Moments = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows in the order of `at` (microseconds since 1970). `matrix` has a column a name. Of each
    payment the first time it was called fraud (`fraud_at`) and the last word of honesty
    (`cleared_at`), NEVER where it was not said; who was cleared and called fraud again counts as
    cleared. `groups`: the values fairness is looked at by."""

    names: tuple[str, ...]
    matrix: Matrix
    at: Moments
    amount: npt.NDArray[np.float64]
    fraud_at: Moments
    cleared_at: Moments
    groups: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.at)

    def known_by(self, moment: int) -> Truths:
        """Which were known to be fraud at `moment`: called so by then, and not cleared by then
        afterwards. What nobody has spoken of counts as honest."""
        said = self.fraud_at <= moment
        cleared = (self.cleared_at <= moment) & (self.cleared_at >= self.fraud_at)
        return said & ~cleared

    def between(self, since: int, until: int) -> Sample:
        """The rows of [since, until)."""
        first, last = np.searchsorted(self.at, [since, until], side="left")
        rows = slice(int(first), int(last))
        return Sample(
            self.names,
            self.matrix[rows],
            self.at[rows],
            self.amount[rows],
            self.fraud_at[rows],
            self.cleared_at[rows],
            {name: values[rows] for name, values in self.groups.items()},
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to fit or to weigh, with the truths known when that was done."""

    rows: Sample
    truths: Truths
    known_by: int

    @property
    def frauds(self) -> int:
        return int(self.truths.sum())


@dataclass(frozen=True, slots=True)
class Parts:
    """In time order, a label delay between each: fit, calibrate and choose, weigh."""

    fit: Part
    choose: Part
    weigh: Part


# Of the time that is left once both gaps are taken out.
_FIT, _CHOOSE = 0.6, 0.2
_FRAUDS_MIN = 10


def divide(sample: Sample, *, cutoff: int, delay_days: int) -> Parts:
    """The three parts. Each ends a label delay before the next begins, and its labels are those
    said by then; the last ends a delay before `cutoff`.

    Raises Refused("history_short") where a part has fewer than ten frauds, or too little time.
    """
    delay = delay_days * DAY_US
    start, end = int(sample.at[0]) if len(sample) else 0, cutoff - delay
    span = end - start - 2 * delay
    if span <= 0:
        raise Refused("history_short", field="from", days=max(0, (end - start) // DAY_US))
    fitted = start + int(span * _FIT)
    chosen = fitted + delay + int(span * _CHOOSE)
    edges = ((start, fitted, fitted + delay), (fitted + delay, chosen, chosen + delay),
             (chosen + delay, end, cutoff))  # fmt: skip
    parts = []
    for since, until, known in edges:
        rows = sample.between(since, until)
        parts.append(Part(rows, rows.known_by(known), known))
    if min(part.frauds for part in parts) < _FRAUDS_MIN:
        raise Refused("history_short", field="from", days=(end - start) // DAY_US)
    return Parts(*parts)
