"""Candidates: what is fitted, seeded and on one thread, and the ONNX each is served as.

The ONNX is asked, not the trainer: every figure of a card is one of what would be in force. A
candidate whose ONNX does not say what its trainer says is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import xgboost
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from anfu.lab.training.isolation import isolation_onnx
from anfu.lab.training.sample import Truths
from anfu.risk.models.matrix import Matrix
from anfu.risk.models.serving import as_column, open_session

Floats = npt.NDArray[np.float64]
_OPSETS = {"": 15, "ai.onnx.ml": 3}
FAITHFUL = 1e-5
_BATCH = 4_096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fitted model. `unfaithful`: the largest difference between ONNX and trainer."""

    name: str
    onnx: bytes
    output: str
    unfaithful: float


class Asked:
    """A model's ONNX, asked for raw scores as it will be online."""

    def __init__(self, candidate: Candidate) -> None:
        self._output = candidate.output
        session = open_session(candidate.onnx)
        self._run, self._input = session.run, session.get_inputs()[0].name

    def __call__(self, matrix: Matrix) -> Floats:
        made = [
            as_column(self._run([self._output], {self._input: some})[0], len(some))
            for some in (matrix[i : i + _BATCH] for i in range(0, len(matrix), _BATCH))
        ]
        return np.concatenate(made) if made else np.empty(0)


def fit(name: str, matrix: Matrix, truths: Truths, *, seed: int) -> Candidate:
    """One of FAMILIES, fitted. Raises KeyError for another name."""
    made, output, predict = FAMILIES[name](matrix, truths.astype(np.int64), seed)
    return _candidate(name, made, output, predict, matrix)


def fit_anomaly(matrix: Matrix, *, seed: int) -> Candidate:
    """An isolation forest (Liu, Ting and Zhou 2008): higher is stranger. It knows no labels."""
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=seed, n_jobs=1)
    made = make_pipeline(imputer, forest).fit(matrix)
    model = isolation_onnx(forest, imputer.statistics_.astype(np.float32))
    return _candidate("isolation", model, "anomaly", lambda m: -made.score_samples(m), matrix)


def _candidate(
    name: str, model: Any, output: str, predict: Callable[[Matrix], Any], matrix: Matrix
) -> Candidate:
    model.graph.name = name  # the converters name it by chance
    candidate = Candidate(name, model.SerializeToString(deterministic=True), output, 0.0)
    seen = matrix[:: max(1, len(matrix) // _BATCH)]
    apart = np.abs(Asked(candidate)(seen) - np.asarray(predict(seen), dtype=np.float64))
    return Candidate(name, candidate.onnx, output, float(apart.max(initial=0.0)))


def _logistic(matrix: Matrix, truths: Any, seed: int) -> Any:
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    last = LogisticRegression(C=0.1, max_iter=2_000, random_state=seed)
    made = make_pipeline(imputer, StandardScaler(), last).fit(matrix, truths)
    return _from_sklearn(made, last, matrix)


def _forest(matrix: Matrix, truths: Any, seed: int) -> Any:
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    last = RandomForestClassifier(
        n_estimators=150, max_depth=10, min_samples_leaf=5, n_jobs=1, random_state=seed
    )
    made = make_pipeline(imputer, last).fit(matrix, truths)
    return _from_sklearn(made, last, matrix)


def _from_sklearn(made: Any, last: Any, matrix: Matrix) -> Any:
    options = {id(last): {"zipmap": False}}
    model = to_onnx(made, matrix[:1], options=options, target_opset=_OPSETS)
    return model, "probabilities", lambda m: made.predict_proba(m)[:, 1]


def _boosting(matrix: Matrix, truths: Any, seed: int) -> Any:
    made = lightgbm.LGBMClassifier(
        n_estimators=300, num_leaves=15, learning_rate=0.05, min_child_samples=20,
        subsample=0.8, subsample_freq=1, colsample_bytree=0.5, reg_lambda=5.0, n_jobs=1,
        random_state=seed, deterministic=True, force_row_wise=True, verbose=-1,
    ).fit(matrix, truths)  # fmt: skip
    given = [("x", FloatTensorType([None, matrix.shape[1]]))]
    model = convert_lightgbm(made, initial_types=given, zipmap=False, target_opset=15)
    return model, "probabilities", made.booster_.predict


def _exact(matrix: Matrix, truths: Any, seed: int) -> Any:
    made = xgboost.XGBClassifier(
        n_estimators=300, max_depth=4, learning_rate=0.05, tree_method="exact", subsample=0.8,
        colsample_bytree=0.5, reg_lambda=5.0, n_jobs=1, random_state=seed, base_score=0.5,
    ).fit(matrix, truths)  # fmt: skip
    given = [("x", FloatTensorType([None, matrix.shape[1]]))]
    model = convert_xgboost(made, initial_types=given, target_opset=15)
    return model, "probabilities", lambda m: made.predict_proba(m)[:, 1]


FAMILIES: Mapping[str, Callable[[Matrix, Any, int], Any]] = {
    "logistic": _logistic,
    "forest": _forest,
    "boosting": _boosting,
    "exact_boosting": _exact,
}
