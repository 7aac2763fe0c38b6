"""Training: from a matrix of facts and the labels told by then to a model of the registry's form.

Settings were chosen on the weeks before the book's test folds; `docs/performance.md` says how.
Gradient boosting on this stream wants exact splits and a base score of 0.5: with histogram bins
and an automatic base score it loses a tenth of its average precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import onnxmltools
import skl2onnx
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from anfu.lab.handbook.candidate import Candidate, Learner
from anfu.lab.handbook.graph import ML_OPSET, OPSET, OUTPUT, Matrix, Part, front, joined
from anfu.risk.models.model import Column, Cutoffs, Declaration, Role
from anfu.risk.models.serving import open_session

Truth = npt.NDArray[np.bool_]
_Classes = npt.NDArray[np.int64]
_CUTOFFS = Cutoffs(0.1, 0.3, 0.7)
_SEEDS = 3
_HONEST_SHARE = 0.1


def fit(
    candidate: Candidate, facts: Matrix, truth: Truth, *, seed: int
) -> tuple[Declaration, bytes]:
    """Train on the columns `candidate.facts`; the same input gives the same bytes. Raises
    ValueError when no payment was fraud, or all were."""
    if truth.all() or not truth.any():
        raise ValueError("frauds and honest payments are needed to learn to tell them apart")
    entry = front(candidate.facts, candidate.columns)
    session = open_session(entry.SerializeToString())
    columns: Matrix = session.run(None, {session.get_inputs()[0].name: facts})[0]
    onnx = joined(entry, _LEARNERS[candidate.learner](columns, truth.astype(np.int64), seed))
    named = tuple(Column(fact) for fact in candidate.facts)
    digest = sha256(onnx).hexdigest()
    declaration = Declaration(candidate.name, Role.FRAUD, named, OUTPUT, digest, cutoffs=_CUTOFFS)
    return declaration, onnx


def _scikit(model: Any) -> Callable[[Matrix, _Classes, int], list[Part]]:
    def learn(columns: Matrix, truth: _Classes, seed: int) -> list[Part]:
        model_ = model(seed).fit(columns, truth)
        made = skl2onnx.to_onnx(
            model_, columns[:1], options={"zipmap": False},
            target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET},
        )  # fmt: skip
        return [Part(made, made.graph.input[0].name, made.graph.output[1].name)]

    return learn


def _exact(columns: Matrix, truth: _Classes, seed: int) -> list[Part]:
    model = xgboost.XGBClassifier(
        n_estimators=100, max_depth=4, learning_rate=0.1, tree_method="exact", base_score=0.5,
        n_jobs=1, random_state=seed,
    )  # fmt: skip
    model.fit(columns, truth)
    return [_part(onnxmltools.convert_xgboost, model, columns.shape[1])]


def _boosting(columns: Matrix, truth: _Classes, seed: int) -> list[Part]:
    """Each of several models sees every fraud and another tenth of the honest payments."""
    parts = []
    for i in range(_SEEDS):
        drawn = np.random.default_rng(seed + i).random(len(truth)) < _HONEST_SHARE
        rows = drawn | (truth == 1)
        weights = np.where(truth[rows] == 1, 1.0, 1 / _HONEST_SHARE)
        model = lightgbm.LGBMClassifier(**_BOOSTING, random_state=seed + i)
        model.fit(columns[rows], truth[rows], sample_weight=weights)
        parts.append(_part(onnxmltools.convert_lightgbm, model, columns.shape[1]))
    return parts


_BOOSTING: Mapping[str, Any] = {
    "n_estimators": 300, "num_leaves": 15, "learning_rate": 0.03, "max_bin": 1023,
    "min_child_samples": 20, "colsample_bytree": 0.5, "subsample": 0.8, "subsample_freq": 1,
    "reg_lambda": 5.0, "n_jobs": 1, "verbose": -1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip


def _part(convert: Callable[..., Any], model: Any, width: int) -> Part:
    options = {} if convert is onnxmltools.convert_xgboost else {"zipmap": False}
    made = convert(
        model, initial_types=[("input", FloatTensorType([None, width]))],
        target_opset=OPSET, **options,
    )  # fmt: skip
    return Part(made, made.graph.input[0].name, made.graph.output[1].name)


_LEARNERS: Mapping[Learner, Callable[[Matrix, _Classes, int], list[Part]]] = {
    Learner.LOGISTIC: _scikit(
        lambda _seed: make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=500))
    ),
    Learner.TREE: _scikit(lambda seed: DecisionTreeClassifier(max_depth=2, random_state=seed)),
    Learner.FOREST: _scikit(
        lambda seed: RandomForestClassifier(100, max_depth=10, random_state=seed, n_jobs=1)
    ),
    Learner.EXACT_BOOSTING: _exact,
    Learner.BOOSTING: _boosting,
}
