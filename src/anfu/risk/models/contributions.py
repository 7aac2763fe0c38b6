"""Why a model scored a payment so: each column's share of the way from an ordinary payment.

Shapley values by sampling (Strumbelj and Kononenko 2014), which ask the model alone and so hold for
any ONNX: along a random order of the columns, the ordinary payment's values are replaced by this
payment's, and each column is credited with the step it makes; the mean over many orders and their
reversals. The shares add up exactly to the difference of the two scores (in log-odds for a fraud
model), whatever the number of orders; that number sets how close each share is to its limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.risk.features import Catalogue
from anfu.risk.models.calibration import calibrated, log_odds
from anfu.risk.models.matrix import Matrix
from anfu.risk.models.model import Role
from anfu.risk.models.serving import Scorer

ORDERS = 32
REASONS = 5
Floats = npt.NDArray[np.float64]
_PLACES = 4


@dataclass(frozen=True, slots=True)
class Share:
    """What `fact`, at `value` where an ordinary payment has `typical`, adds to the score."""

    fact: str
    value: float | None
    typical: float | None
    adds: float


def shares(scorer: Scorer, row: Matrix, *, seed: str) -> list[Share]:
    """The share of every column, the largest first. `row`: one row of the model's matrix; `seed`:
    such as the decision's id: the same again for the same."""
    columns = scorer.declaration.columns
    ordinary = np.array(
        [np.nan if c.typical is None else c.typical for c in columns], dtype=np.float32
    )
    number = int.from_bytes(sha256(seed.encode()).digest()[:8], "big")
    steps = _sampled(_scale(scorer), row[0], ordinary, np.random.default_rng(number))
    made = [
        Share(c.fact, _plain(row[0, i]), _plain(ordinary[i]), round(float(steps[i]), _PLACES))
        for i, c in enumerate(columns)
    ]
    return sorted(made, key=lambda share: (-share.adds, share.fact))


def reasons_of(found: Sequence[Share], catalogue: Catalogue) -> list[dict[str, Any]]:
    """The columns that speak most against the payment, as reasons: `code` MODEL:<fact>, the texts
    of the catalogue, value and ordinary value, and what it adds."""
    texts = {i.name: (i.en, i.zh) for i in catalogue.inputs}
    texts |= {f.name: (f.en, f.zh) for f in catalogue.features}
    texts |= {f.name: (f.en, f.zh) for f in catalogue.findings}
    return [
        {
            "code": f"MODEL:{share.fact}",
            "en": texts[share.fact][0],
            "zh": texts[share.fact][1],
            "value": share.value,
            "typical": share.typical,
            "adds": share.adds,
        }
        for share in found[:REASONS]
        if share.adds > 0
    ]


def _scale(scorer: Scorer) -> Callable[[Matrix], Floats]:
    """Scores on the scale shares are told in."""
    if scorer.declaration.role is Role.ANOMALY:
        return lambda matrix: calibrated(scorer.declaration.calibration, scorer.raw(matrix))
    return lambda matrix: log_odds(calibrated(scorer.declaration.calibration, scorer.raw(matrix)))


def _sampled(
    score: Callable[[Matrix], Floats], row: Any, ordinary: Any, source: np.random.Generator
) -> Floats:
    width = len(row)
    total = np.zeros(width)
    for _ in range(ORDERS // 2):
        order = source.permutation(width)
        for way in (order, order[::-1]):
            path = np.repeat(ordinary[np.newaxis], width + 1, axis=0)
            for place, column in enumerate(way):
                path[place + 1 :, column] = row[column]
            total[way] += np.diff(score(path))
    mean: Floats = total / ORDERS
    return mean


def _plain(value: Any) -> float | None:
    return None if np.isnan(value) else round(float(value), _PLACES)
