"""Calibration, and cutoffs by what mistakes cost; both on time that was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from anfu.lab.training.sample import Truths
from anfu.risk.models.calibration import PLACES, log_odds
from anfu.risk.models.model import Calibration, Cutoffs, Scale

Floats = npt.NDArray[np.float64]
# Isotonic regression follows noise where there are few frauds; a line in log-odds does not.
_ISOTONIC_FRAUDS = 300
_KNOTS = 200
_QUANTILES = 101
# A cutoff nothing reaches.
NEVER = 1.5


@dataclass(frozen=True, slots=True)
class Costs:
    """In minor units. Fraud that passes costs `share_lost` of its amount. An honest payer who is
    challenged costs `challenged`, one who is blocked `blocked`; a payment held for a person costs
    `reviewed`, be it honest or not."""

    share_lost: float = 1.0
    challenged: float = 200.0
    blocked: float = 2_000.0
    reviewed: float = 5_000.0


def calibrate(raw: Floats, truths: Truths) -> Calibration:
    """From raw probabilities to the shares of fraud seen among them."""
    if int(truths.sum()) >= _ISOTONIC_FRAUDS:
        fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, truths)
        x = np.unique(np.asarray(fitted.X_thresholds_, dtype=np.float64))
        if len(x) >= 2:
            if len(x) > _KNOTS:
                x = x[np.unique(np.linspace(0, len(x) - 1, _KNOTS).astype(int))]
            y = np.maximum.accumulate(np.clip(fitted.predict(x), 0.0, 1.0))
            return Calibration(Scale.KNOTS, tuple(x.tolist()), tuple(y.tolist()))
    line = LogisticRegression(C=1e6, max_iter=1_000).fit(log_odds(raw).reshape(-1, 1), truths)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    return Calibration(Scale.LOGIT, (round(max(slope, 1e-3), 9),), (round(intercept, 9),))


def distribution(raw: Floats) -> Calibration:
    """From an anomaly model's raw score to the share of payments that are less strange."""
    shares = np.linspace(0.0, 1.0, _QUANTILES)
    x, first = np.unique(np.quantile(raw, shares), return_index=True)
    if len(x) < 2:
        x, first = np.array([x[0] - 1.0, x[0]]), np.array([0, _QUANTILES - 1])
    return Calibration(Scale.KNOTS, tuple(x.tolist()), tuple(shares[first].tolist()))


def choose_cutoffs(scores: Floats, truths: Truths, amounts: Floats, costs: Costs) -> Cutoffs:
    """For each grade the cutoff that costs least, were it the only one; rising."""
    lost, honest = truths * amounts * costs.share_lost, (~truths).astype(np.float64)
    middle = cheapest(scores, lost, honest * costs.challenged)
    general = max(middle, cheapest(scores, lost, honest * costs.blocked))
    held = cheapest(scores, lost, np.full(len(scores), costs.reviewed))
    return Cutoffs(middle, general, max(general, held))


def cheapest(scores: Floats, passed: Floats, stopped: Floats) -> float:
    """The lowest cutoff of least cost: what scores below it costs `passed`, the rest `stopped`;
    NEVER where stopping nothing is cheapest."""
    cutoffs, totals = cost_curve(scores, passed, stopped)
    best = int(np.argmin(totals))
    return NEVER if best == len(cutoffs) - 1 else round(float(cutoffs[best]), PLACES)


def cost_curve(scores: Floats, passed: Floats, stopped: Floats) -> tuple[Floats, Floats]:
    """Each distinct score as a cutoff, rising, then NEVER; and the whole cost of it."""
    order = np.argsort(scores, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(passed[order])])
    above = stopped.sum() - np.concatenate([[0.0], np.cumsum(stopped[order])])
    cutoffs, first = np.unique(scores[order], return_index=True)
    places = np.append(first, len(scores))
    return np.append(cutoffs, NEVER), (below + above)[places]
