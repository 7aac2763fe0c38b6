"""Models in force: one ONNX Runtime session each, on one thread, asked for a batch at a time.

A model that fails, or gives something that is not a number, leaves its row without a score; the
engine marks the decision. Nothing a model does becomes an error of the payment.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import isnan
from typing import Any

import numpy as np
import onnxruntime

from anfu.kernel.canonical import canonical_bytes
from anfu.risk.engine import InForce, Scores
from anfu.risk.facts import Fact, Facts
from anfu.risk.features import Catalogue
from anfu.risk.models.calibration import Scores as Probabilities
from anfu.risk.models.calibration import calibrated, grade
from anfu.risk.models.matrix import Matrix, make_matrix
from anfu.risk.models.model import Declaration, check_columns

log = logging.getLogger(__name__)

_ERRORS = 3  # of ONNX Runtime's log: what it says below that is of no use here


def open_session(onnx: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread, from bytes alone. Raises what ONNX Runtime raises."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])


class Scorer:
    """One model, ready to be asked. Raises Refused as `check_columns`, and what ONNX Runtime raises
    for bytes it cannot run: examine a model before it is kept."""

    def __init__(self, declaration: Declaration, onnx: bytes, facts: Sequence[Fact]) -> None:
        check_columns(declaration, facts)
        self.declaration = declaration
        self.id = declaration.id
        self.matrix = make_matrix(declaration.columns, facts)
        # Models that are asked with the same columns share a matrix.
        self.asked = sha256(canonical_bytes([asdict(c) for c in declaration.columns])).digest()
        session = open_session(onnx)
        self._run, self._input = session.run, session.get_inputs()[0].name
        self._failing = False

    def raw(self, matrix: Matrix) -> Probabilities:
        """What the model gives for each row, before calibration. Raises what ONNX Runtime does."""
        given: Any = self._run([self.declaration.output], {self._input: matrix})[0]
        return as_column(given, len(matrix))

    def scores(self, matrix: Matrix) -> Probabilities:
        """A calibrated score for each row; NaN where there is none."""
        try:
            made = calibrated(self.declaration.calibration, self.raw(matrix))
        except Exception as error:  # of whatever kind: the payment goes on without a score
            if not self._failing:
                log.error("model %s gives no scores: %s", self.id, type(error).__name__)
            self._failing = True
            return np.full(len(matrix), np.nan)
        self._failing = False
        return made


def as_column(given: Any, rows: int) -> Probabilities:
    """The output of a model as one number a row; of two columns the second. Raises ValueError for
    any other shape."""
    array = np.asarray(given)
    if array.shape in ((rows, 1), (rows, 2)):
        array = array[:, -1]
    if array.shape != (rows,) or array.dtype.kind != "f":
        raise ValueError(f"not a number a row: {array.dtype} {array.shape}")
    return array.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Force:
    """The models in force since the registry's move number `seq`."""

    champion: Scorer | None = None
    anomaly: Scorer | None = None
    challengers: tuple[Scorer, ...] = ()
    seq: int = 0

    @property
    def scorers(self) -> list[Scorer]:
        return [s for s in (self.champion, self.anomaly, *self.challengers) if s is not None]


class Serving:
    """The `Models` port of the engine over the models in force. Not shared between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._matrices = _Matrices([])
        self.use(Force())

    def use(self, force: Force) -> None:
        """Score with these from the next batch on."""
        self.force = force
        self.in_force: InForce = (_id(force.champion), _id(force.anomaly))

    def score(self, rows: Sequence[Facts]) -> list[Scores]:
        """As `Models.score`."""
        champion, anomaly = self.force.champion, self.force.anomaly
        self._matrices = matrices = _Matrices(rows)
        scored: list[float | None] = [None] * len(rows)
        graded: list[int | None] = [None] * len(rows)
        strange = list(scored)
        if champion is not None and champion.declaration.cutoffs is not None:
            cutoffs = champion.declaration.cutoffs
            scored = _listed(champion.scores(matrices.of(champion)))
            graded = [None if s is None else grade(cutoffs, s) for s in scored]
        if anomaly is not None:
            strange = _listed(anomaly.scores(matrices.of(anomaly)))
        return list(zip(scored, graded, strange, strict=True))

    def challenge(self, rows: Sequence[Facts]) -> list[tuple[tuple[str, float], ...]]:
        """As `Models.challenge`; a challenger without a score for a row is left out of it."""
        challengers = self.force.challengers
        if not challengers:
            return [()] * len(rows)
        matrices = self._matrices if self._matrices.rows is rows else _Matrices(rows)
        made = [(c.id, _listed(c.scores(matrices.of(c)))) for c in challengers]
        return [
            tuple((name, s) for name, scores in made if (s := scores[i]) is not None)
            for i in range(len(rows))
        ]


class _Matrices:
    """The matrices of one batch."""

    def __init__(self, rows: Sequence[Facts]) -> None:
        self.rows = rows
        self._made: dict[bytes, Matrix] = {}

    def of(self, scorer: Scorer) -> Matrix:
        matrix = self._made.get(scorer.asked)
        if matrix is None:
            matrix = self._made[scorer.asked] = scorer.matrix(self.rows)
        return matrix


def _id(scorer: Scorer | None) -> str | None:
    return None if scorer is None else scorer.id


def _listed(scores: Probabilities) -> list[float | None]:
    return [None if isnan(score) else score for score in scores.tolist()]
