"""A fraud model and an anomaly model out of one sample, with the figures of their cards.

Candidates are fitted on the first part, calibrated and chosen on the second (by average precision,
cutoffs by cost), and weighed on the third, which nothing was chosen on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.kernel.errors import BrokenInvariant
from anfu.lab.drift import Reference, make_reference
from anfu.lab.training import figures
from anfu.lab.training.candidates import FAITHFUL, FAMILIES, Asked, Candidate, fit, fit_anomaly
from anfu.lab.training.choosing import Costs, calibrate, choose_cutoffs, distribution
from anfu.lab.training.sample import Part, Parts
from anfu.risk.models.calibration import calibrated
from anfu.risk.models.comparison import average_precision
from anfu.risk.models.model import Calibration, Column, Declaration, Role

Floats = npt.NDArray[np.float64]
_SEEDS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train: the candidate `families`, all seeded with `seed`."""

    name: str = "fraud"
    seed: int = 0
    families: tuple[str, ...] = tuple(FAMILIES)
    costs: Costs = field(default_factory=Costs)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model ready to be registered: its declaration, bytes, figures and reference."""

    declaration: Declaration
    onnx: bytes
    figures: Mapping[str, Any]
    reference: Reference


def train_fraud(
    parts: Parts,
    plan: Plan,
    reasons: Mapping[str, int],
    note: Callable[[str], None] = lambda _: None,
) -> Trained:
    """The best of the candidates. `reasons`: how many rows of the first part each reason was given
    for. `note` is told what is being done. Raises BrokenInvariant when no candidate's ONNX says
    what its trainer says."""
    truths, matrix = parts.fit.truths, parts.fit.rows.matrix
    made = []
    for family in plan.families:
        note(f"fitting {family}")
        made.append(fit(family, matrix, truths, seed=plan.seed))
    faithful = [_Weighed(one, parts) for one in made if one.unfaithful <= FAITHFUL]
    if not faithful:
        raise BrokenInvariant("no candidate's ONNX says what its trainer says")
    best = max(faithful, key=lambda one: one.chosen_by)
    note(f"weighing {best.candidate.name}")
    choose, weigh = parts.choose, parts.weigh
    cutoffs = choose_cutoffs(best(choose), choose.truths, choose.rows.amount, plan.costs)
    declaration = Declaration(
        plan.name, Role.FRAUD, columns_of(parts.fit), best.candidate.output,
        sha256(best.candidate.onnx).hexdigest(), best.calibration, cutoffs,
    )  # fmt: skip
    scores = best(weigh)
    said = {
        **_about(parts, plan, best.candidate),
        "costs": asdict(plan.costs),
        "candidates": {one.candidate.name: one.document(weigh) for one in faithful},
        "unfaithful": {c.name: c.unfaithful for c in made if c.unfaithful > FAITHFUL},
        "ranking": figures.ranking(weigh.truths, scores),
        "reliability": figures.reliability(weigh.truths, scores),
        "grading": figures.grading(weigh, scores, cutoffs, plan.costs),
        "fairness": figures.fairness(weigh, scores, cutoffs.middle),
        "steadiness": figures.steadiness(parts.fit, weigh, (best(parts.fit), scores)),
        "seeds": _seeds(best.candidate.name, parts, plan.seed),
        "importance": figures.importance(weigh, best.raw, seed=plan.seed),
    }
    # The reference is the second part: what was fitted on scores better than what comes after.
    reference = make_reference(choose.rows.names, choose.rows.matrix, best(choose), reasons)
    return Trained(declaration, best.candidate.onnx, said, reference)


def train_anomaly(parts: Parts, plan: Plan) -> Trained:
    """An isolation forest on the first part, for payments unlike any before and for the time before
    there are labels; what labels there are only weigh it."""
    candidate = fit_anomaly(parts.fit.rows.matrix, seed=plan.seed)
    if candidate.unfaithful > FAITHFUL:
        raise BrokenInvariant("the ONNX of the anomaly model does not say what its trainer says")
    raw = Asked(candidate)
    calibration = distribution(raw(parts.fit.rows.matrix))
    declaration = Declaration(
        f"{plan.name}_anomaly", Role.ANOMALY, columns_of(parts.fit), candidate.output,
        sha256(candidate.onnx).hexdigest(), calibration,
    )  # fmt: skip

    def score(part: Part) -> Floats:
        return calibrated(calibration, raw(part.rows.matrix))

    scores = score(parts.weigh)
    said = {
        **_about(parts, plan, candidate),
        "ranking": figures.ranking(parts.weigh.truths, scores),
        "steadiness": figures.steadiness(parts.fit, parts.weigh, (score(parts.fit), scores)),
    }
    rows = parts.choose.rows
    reference = make_reference(rows.names, rows.matrix, score(parts.choose), {})
    return Trained(declaration, candidate.onnx, said, reference)


def columns_of(part: Part) -> tuple[Column, ...]:
    """The columns, each with the median of the honest rows as its typical value."""
    honest = part.rows.matrix[~part.truths]
    made = []
    for i, name in enumerate(part.rows.names):
        known = honest[:, i][np.isfinite(honest[:, i])]
        typical = float(np.median(known)) if 2 * len(known) > len(honest) else None
        made.append(Column(name, typical=typical))
    return tuple(made)


class _Weighed:
    """A candidate with its calibration; called with a part, it gives the part's scores."""

    def __init__(self, candidate: Candidate, parts: Parts) -> None:
        self.candidate = candidate
        self.raw = Asked(candidate)
        raw = self.raw(parts.choose.rows.matrix)
        self.calibration: Calibration = calibrate(raw, parts.choose.truths)
        self.chosen_by = average_precision(parts.choose.truths, raw)

    def __call__(self, part: Part) -> Floats:
        return calibrated(self.calibration, self.raw(part.rows.matrix))

    def document(self, weigh: Part) -> dict[str, Any]:
        """How it did where it was chosen, and where it was weighed."""
        found = figures.ranking(weigh.truths, self(weigh))
        return {
            "chosen_by": figures.rounded(self.chosen_by),
            "auc": found["auc"],
            "average_precision": found["average_precision"],
            "calibration": self.calibration.scale,
            "bytes": len(self.candidate.onnx),
            "onnx_differs_by": float(f"{self.candidate.unfaithful:.1e}"),
        }


def _about(parts: Parts, plan: Plan, candidate: Candidate) -> dict[str, Any]:
    return {
        "v": 1,
        "name": plan.name,
        "family": candidate.name,
        "seed": plan.seed,
        "columns": list(parts.fit.rows.names),
        "parts": {name: figures.part_document(part) for name, part in _named(parts)},
    }


def _named(parts: Parts) -> Sequence[tuple[str, Part]]:
    return ("fit", parts.fit), ("choose", parts.choose), ("weigh", parts.weigh)


def _seeds(family: str, parts: Parts, seed: int) -> list[float]:
    """Average precision of the same family fitted with other seeds: how much of it is luck."""
    found = []
    for other in range(seed + 1, seed + _SEEDS):
        again = fit(family, parts.fit.rows.matrix, parts.fit.truths, seed=other)
        raw = Asked(again)(parts.weigh.rows.matrix)
        found.append(figures.rounded(average_precision(parts.weigh.truths, raw)))
    return found
