"""The published protocol: which days teach, which are asked about, and what is measured.

A fold starts on a day: 7 days of training, 7 days of waiting for labels, 7 days of test. Folds lie
a week apart; the last ends with the stream. The book's single split is the first of its four.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from anfu.lab.handbook.stream import Numbers, Stream, Values

WEEK = 7
CARDS = 100


@dataclass(frozen=True, slots=True)
class Fold:
    """`start` is a day since 1970."""

    start: int

    @property
    def taught(self) -> int:
        """The first day whose payments teach nothing."""
        return self.start + WEEK

    @property
    def test(self) -> range:
        """The days asked about."""
        return range(self.start + 2 * WEEK, self.start + 3 * WEEK)


@dataclass(frozen=True, slots=True)
class Quality:
    """`card_precision`: of the CARDS cards with the highest score of a day, the share that was
    used in fraud that day, a card found being asked about no more; mean of the test days."""

    auc_roc: float
    average_precision: float
    card_precision: float


def folds_of(stream: Stream, count: int, *, skip: int = 0) -> list[Fold]:
    """The last `count` folds but the `skip` last, the earliest first."""
    last = int(stream.day[-1]) + 1 - 3 * WEEK
    return [Fold(last - WEEK * i) for i in range(skip, skip + count)][::-1]


def asked_rows(stream: Stream, fold: Fold) -> Numbers:
    """Rows of the test days without the customers known by the day before to be compromised:
    through frauds of the training week, and those a label's delay before each test day."""
    known = _defrauded(stream, fold.start, fold.taught)
    kept = []
    for day in fold.test:
        known |= _defrauded(stream, day - WEEK - 1, day - WEEK)
        rows = np.arange(*np.searchsorted(stream.day, [day, day + 1]))
        kept.append(rows[~np.isin(stream.payer[rows], list(known))])
    return np.concatenate(kept)


def quality(stream: Stream, rows: Numbers, scores: Values) -> Quality:
    """Of `scores` for `rows`, the higher the more suspect."""
    truth = stream.fraud[rows]
    return Quality(
        float(roc_auc_score(truth, scores)),
        float(average_precision_score(truth, scores)),
        card_precision(stream, rows, scores),
    )


def ceiling(stream: Stream, rows: Numbers) -> float:
    """The card precision of who knows every fraud: there are fewer than CARDS a day."""
    return card_precision(stream, rows, stream.fraud[rows].astype(np.float64))


def card_precision(stream: Stream, rows: Numbers, scores: Values, cards: int = CARDS) -> float:
    """As `Quality.card_precision`, for `cards` cards a day."""
    found: set[int] = set()
    shares = []
    for place in _days(stream.day[rows]):
        highest: dict[int, float] = {}
        payers = stream.payer[rows[place]].tolist()
        for payer, score in zip(payers, scores[place].tolist(), strict=True):
            if payer not in found and score > highest.get(payer, -np.inf):
                highest[payer] = score
        asked = set(nlargest(cards, highest, key=lambda payer: (highest[payer], -payer)))
        guilty = asked & set(stream.payer[rows[place]][stream.fraud[rows[place]]].tolist())
        found |= guilty
        shares.append(len(guilty) / cards)
    return float(np.mean(shares))


def mean_quality(parts: list[Quality]) -> Quality:
    """Of several folds, each of the same weight."""
    return Quality(
        float(np.mean([part.auc_roc for part in parts])),
        float(np.mean([part.average_precision for part in parts])),
        float(np.mean([part.card_precision for part in parts])),
    )


def _days(days: Numbers) -> Iterator[slice]:
    edges = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
    return (slice(a, b) for a, b in pairwise(edges))


def _defrauded(stream: Stream, first: int, end: int) -> set[int]:
    rows = slice(*np.searchsorted(stream.day, [first, end]))
    return set(stream.payer[rows][stream.fraud[rows]].tolist())
