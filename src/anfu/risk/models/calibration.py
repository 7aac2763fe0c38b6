"""From what a model gives to a probability, and from that to a grade."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import numpy.typing as npt

from anfu.risk.models.model import Calibration, Cutoffs, Scale

Scores = npt.NDArray[np.float64]
# What lies beyond is noise, and differs between machines.
PLACES = 6
_EDGE = 1e-9


def calibrated(calibration: Calibration, raw: Scores) -> Scores:
    """Scores from 0 to 1, rounded to PLACES; what is not finite becomes NaN."""
    scores = np.where(np.isfinite(raw), raw, np.nan)
    if calibration.scale is Scale.LOGIT:
        odds = log_odds(scores)
        scores = 1 / (1 + np.exp(-(calibration.x[0] * odds + calibration.y[0])))
    elif calibration.scale is Scale.KNOTS:
        known = np.interp(scores, calibration.x, calibration.y)
        scores = np.where(np.isnan(scores), np.nan, known)
    return np.minimum(np.maximum(scores, 0.0), 1.0).round(PLACES)


def log_odds(scores: Scores) -> Scores:
    """The log-odds of probabilities, kept away from 0 and 1."""
    inside = np.clip(scores, _EDGE, 1 - _EDGE)
    odds: Scores = np.log(inside / (1 - inside))
    return odds


def grade(cutoffs: Cutoffs, score: float) -> int:
    """0 low to 3 high."""
    return bisect_right((cutoffs.middle, cutoffs.general, cutoffs.high), score)
