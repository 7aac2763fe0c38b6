"""The figures of a model: how it ranks, what its grades catch and cost, for whom, how steadily.

All on the last part of time, by the labels known at the cut-off, and by the ONNX that would serve.
Rounded, so that the same data give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.lab.drift import counted, make_bins, stability
from anfu.lab.training.choosing import NEVER, Costs, cost_curve
from anfu.lab.training.sample import DAY_US, Part, Truths
from anfu.risk.models.comparison import auc, average_precision
from anfu.risk.models.matrix import Matrix
from anfu.risk.models.model import Cutoffs

Floats = npt.NDArray[np.float64]
_PLACES = 6
_POINTS = 60
_SLICES = 4
_GROUPS_MOST = 12
_IMPORTANT_ROWS, _IMPORTANT = 4_000, 20
# A group is flagged when its honest payers are stopped so much more often than all are.
UNFAIR = 1.25


def rounded(value: float) -> float:
    """To six places."""
    return round(float(value), _PLACES)


def ranking(truths: Truths, scores: Floats) -> dict[str, Any]:
    """Areas and curves."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truths[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    seen = last + 1
    caught, precision = hits[last] / truths.sum(), hits[last] / seen
    alarms = (seen - hits[last]) / max(1, int((~truths).sum()))
    some = np.unique(np.linspace(0, len(last) - 1, _POINTS).astype(int))
    return {
        "auc": rounded(auc(truths, scores)),
        "average_precision": rounded(average_precision(truths, scores)),
        "roc": [[rounded(alarms[i]), rounded(caught[i])] for i in some],
        "precision_recall": [[rounded(caught[i]), rounded(precision[i])] for i in some],
    }


def reliability(truths: Truths, scores: Floats) -> dict[str, Any]:
    """Brier score, and in ten bins of equal counts the mean score beside the share of fraud."""
    order = np.argsort(scores, kind="stable")
    bins = [b for b in np.array_split(order, 10) if len(b)]
    points = [[rounded(scores[b].mean()), rounded(truths[b].mean()), len(b)] for b in bins]
    error = sum(abs(p - q) * n for p, q, n in points) / len(scores)
    return {
        "brier": rounded(((scores - truths) ** 2).mean()),
        "calibration_error": rounded(error),
        "bins": points,
    }


def grading(part: Part, scores: Floats, cutoffs: Cutoffs, costs: Costs) -> dict[str, Any]:
    """What each grade, and those above it, would catch and stop; and the curve of cost."""
    truths, amounts = part.truths, part.rows.amount
    lost = truths * amounts * costs.share_lost
    table = {}
    for name, cutoff in zip(("middle", "general", "high"), _limits(cutoffs), strict=True):
        table[name] = {"cutoff": rounded(cutoff), **caught(truths, amounts, scores >= cutoff)}
    limits, totals = cost_curve(scores, lost, (~truths).astype(np.float64) * costs.challenged)
    some = np.unique(np.linspace(0, len(limits) - 1, _POINTS).astype(int))
    curve = [[rounded(min(limits[i], 1.0)), rounded(totals[i])] for i in some]
    return {"grades": table, "cost_of_nothing": rounded(lost.sum()), "cost_curve": curve}


def caught(truths: Truths, amounts: Floats, stopped: Truths) -> dict[str, Any]:
    """What stopping these would do."""
    alerts, hits = int(stopped.sum()), int((stopped & truths).sum())
    frauds, value = int(truths.sum()), float(amounts[truths].sum())
    return {
        "alerts": alerts,
        "alert_rate": rounded(alerts / max(1, len(truths))),
        "precision": rounded(hits / alerts) if alerts else None,
        "recall": rounded(hits / frauds) if frauds else None,
        "value_caught": rounded(amounts[stopped & truths].sum() / value) if value else None,
        "false_alarm_rate": rounded((alerts - hits) / max(1, len(truths) - frauds)),
    }


def fairness(part: Part, scores: Floats, cutoff: float) -> dict[str, Any]:
    """By each declared group: how often its honest payers are stopped, beside all honest payers;
    flagged beyond UNFAIR times when the group's Wilson interval lies above what all see."""
    stopped = scores >= cutoff
    overall = caught(part.truths, part.rows.amount, stopped)["false_alarm_rate"]
    tables: dict[str, Any] = {}
    for name, values in part.rows.groups.items():
        known, counts = np.unique(values.astype(str), return_counts=True)
        largest = sorted(zip(known, counts, strict=True), key=lambda g: (-g[1], g[0]))
        table = {}
        for value, _ in largest[:_GROUPS_MOST]:
            of = values.astype(str) == value
            found = caught(part.truths[of], part.rows.amount[of], stopped[of])
            honest = int((~part.truths[of]).sum())
            low = wilson(found["false_alarm_rate"], honest)[0]
            unfair = low > overall and found["false_alarm_rate"] > UNFAIR * overall
            table[str(value)] = {"rows": int(of.sum()), **found, "flagged": bool(unfair)}
        tables[name] = table
    return {"cutoff": rounded(cutoff), "false_alarm_rate": overall, "groups": tables}


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    z = 1.959963984540054
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    wide = z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count**2)) ** 0.5
    return middle - wide, middle + wide


def steadiness(fit: Part, weigh: Part, scores: tuple[Floats, Floats]) -> dict[str, Any]:
    """Stability indices from the first part to the last, and precision along the last."""
    then, now = scores
    bins = make_bins(then)
    columns = {}
    for i, name in enumerate(fit.rows.names):
        old = make_bins(fit.rows.matrix[:, i].astype(np.float64))
        new = counted(old.edges, weigh.rows.matrix[:, i].astype(np.float64))
        columns[name] = stability(old.counts, new.tolist())
    worst = dict(sorted(columns.items(), key=lambda c: (-c[1], c[0]))[:10])
    along = []
    for rows in np.array_split(np.arange(len(now)), _SLICES):
        truths = weigh.truths[rows]
        known = bool(truths.any() and not truths.all())
        along.append(
            {
                "day": int((weigh.rows.at[rows[0]] - weigh.rows.at[0]) // DAY_US),
                "frauds": int(truths.sum()),
                "average_precision": rounded(average_precision(truths, now[rows]))
                if known
                else None,
            }
        )
    score = stability(bins.counts, counted(bins.edges, now).tolist())
    return {"score": score, "columns": worst, "along": along}


def importance(
    part: Part, score: Callable[[Matrix], Floats], *, seed: int
) -> list[tuple[str, float]]:
    """How much average precision is lost when a column is shuffled (Breiman 2001), the most first;
    on all frauds and a sample of the rest."""
    source = np.random.default_rng(seed)
    honest = np.flatnonzero(~part.truths)
    most = max(1, _IMPORTANT_ROWS - part.frauds)
    some = source.choice(honest, size=min(most, len(honest)), replace=False)
    rows = np.sort(np.concatenate([np.flatnonzero(part.truths), some]))
    matrix, truths = part.rows.matrix[rows], part.truths[rows]
    whole = average_precision(truths, score(matrix))
    lost = {}
    for i, name in enumerate(part.rows.names):
        shuffled = matrix.copy()
        shuffled[:, i] = source.permutation(shuffled[:, i])
        lost[name] = rounded(whole - average_precision(truths, score(shuffled)))
    return sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:_IMPORTANT]


def part_document(part: Part) -> Mapping[str, Any]:
    """When a part was, and what was known of it."""
    at = part.rows.at
    return {
        "rows": len(at),
        "frauds": part.frauds,
        "since_us": int(at[0]) if len(at) else None,
        "until_us": int(at[-1]) if len(at) else None,
        "labels_known_by_us": part.known_by,
    }


def _limits(cutoffs: Cutoffs) -> tuple[float, float, float]:
    return cutoffs.middle, cutoffs.general, min(cutoffs.high, NEVER)
