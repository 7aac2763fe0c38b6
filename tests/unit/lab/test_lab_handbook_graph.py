"""From facts to a probability in one ONNX graph: derived columns, parity with the trainer."""

from __future__ import annotations

import lightgbm
import numpy as np
import numpy.typing as npt
import onnxmltools
import pytest
from onnxmltools.convert.common.data_types import FloatTensorType

from anfu.lab.handbook.candidate import BOOK, Candidate, Learner, own
from anfu.lab.handbook.declared import CATALOGUE
from anfu.lab.handbook.fitting import fit
from anfu.lab.handbook.graph import Derived, Made, Part, front, joined
from anfu.risk.models.model import check_columns, check_declaration
from anfu.risk.models.serving import Scorer, open_session

Matrix = npt.NDArray[np.float32]


def matrix(seed: int, *, holes: bool) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    facts = rng.gamma(2.0, 3.0, (2_000, 3)).astype(np.float32)
    fraud = (facts[:, 0] > 9) & (rng.random(2_000) < 0.8)
    if holes:
        facts[rng.random(facts.shape) < 0.1] = np.nan
    return facts, fraud


def asked(onnx: bytes, facts: Matrix) -> npt.NDArray[np.float32]:
    session = open_session(onnx)
    made: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: facts})[0]
    return made


def test_the_front_gives_facts_as_they_are_and_flags_and_ratios_made_of_them() -> None:
    columns = (
        "b",
        Derived(Made.AT_LEAST, "a", 6),
        Derived(Made.AT_MOST, "b", 2),
        Derived(Made.RATIO, "a", "b"),
    )
    entry = front(("a", "b"), columns)
    facts = np.array([[6, 2], [5, 4], [np.nan, 8]], np.float32)
    made = asked(entry.SerializeToString(), facts)
    expected = np.array([[2, 1, 1, 3], [4, 0, 0, 1.25], [8, 0, 0, np.nan]], np.float32)
    np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize("learner", list(Learner))
def test_every_learner_gives_a_probability_a_row_and_the_same_bytes_again(learner: Learner) -> None:
    facts, fraud = matrix(1, holes=learner is Learner.BOOSTING)
    candidate = Candidate("made", ("a", "b", Derived(Made.AT_MOST, "c", 6)), learner, 7)
    declaration, onnx = fit(candidate, facts, fraud, seed=1)
    check_declaration(declaration)
    assert fit(candidate, facts, fraud, seed=1) == (declaration, onnx)
    scores = asked(onnx, facts)
    assert scores.shape == (2_000, 1)
    assert scores.min() >= 0 and scores.max() <= 1
    assert scores[fraud].mean() > 5 * scores[~fraud].mean()


def test_what_is_served_is_what_was_trained_row_for_row() -> None:
    facts, fraud = matrix(2, holes=True)
    models = [
        lightgbm.LGBMClassifier(n_estimators=20, random_state=seed, subsample=0.5, subsample_freq=1,
                                n_jobs=1, verbose=-1).fit(facts, fraud.astype(int))
        for seed in (1, 2)
    ]  # fmt: skip
    parts = []
    for model in models:
        given = [("input", FloatTensorType([None, 3]))]
        made = onnxmltools.convert_lightgbm(model, initial_types=given, zipmap=False,
                                            target_opset=15)  # fmt: skip
        parts.append(Part(made, made.graph.input[0].name, made.graph.output[1].name))
    served = asked(joined(front(("a", "b", "c"), ("a", "b", "c")), parts), facts)[:, 0]
    trained = np.mean([model.predict_proba(facts)[:, 1] for model in models], axis=0)
    np.testing.assert_allclose(served, trained, rtol=0, atol=1e-6)


def test_nothing_is_learned_where_there_is_nothing_to_tell_apart() -> None:
    facts, fraud = matrix(3, holes=False)
    for truth in (np.zeros_like(fraud), np.ones_like(fraud)):
        with pytest.raises(ValueError, match="to tell them apart"):
            fit(Candidate("made", ("a", "b", "c"), Learner.LOGISTIC, 7), facts, truth, seed=1)


@pytest.mark.parametrize("candidate", [*BOOK, own(28)], ids=lambda candidate: candidate.name)
def test_candidates_ask_for_facts_the_catalogue_has_and_a_model_may_be_given(
    candidate: Candidate,
) -> None:
    facts, fraud = matrix(4, holes=False)
    wide = np.repeat(facts[:, :1], len(candidate.facts), axis=1)
    declaration, onnx = fit(candidate, wide, fraud, seed=1)
    check_columns(declaration, CATALOGUE.facts)
    Scorer(declaration, onnx, CATALOGUE.facts)


def test_the_books_candidates_are_given_its_fifteen_columns() -> None:
    assert {len(candidate.columns) for candidate in BOOK} == {15}
