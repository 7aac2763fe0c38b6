"""Areas, precisions and their differences, against hand-worked values and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from anfu.risk.models.comparison import auc, average_precision, compare, delong, midranks

TRUTHS = np.array([True, False, True, False])
SCORES = np.array([0.9, 0.8, 0.4, 0.1])


def test_by_hand() -> None:
    assert auc(TRUTHS, SCORES) == 0.75  # of four pairs one is the wrong way round
    assert average_precision(TRUTHS, SCORES) == pytest.approx((1 + 2 / 3) / 2)
    assert midranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.9])), min_size=2))
def test_as_scikit_learn_says_with_ties(rows: list[tuple[bool, float]]) -> None:
    truths, scores = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    if truths.any() and not truths.all():
        assert auc(truths, scores) == pytest.approx(roc_auc_score(truths, scores))
        wanted = average_precision_score(truths, scores)
        assert average_precision(truths, scores) == pytest.approx(wanted)


def test_the_interval_covers_the_true_difference_as_often_as_it_says() -> None:
    source, held = np.random.default_rng(5), 0
    for _ in range(200):  # equally good: noise of the same size around the truth
        truths = source.random(300) < 0.2
        a, b = (truths + source.normal(size=300) for _ in range(2))
        held += (difference := delong(truths, a, b)[1]).low <= 0 <= difference.high
    assert 180 <= held <= 199


def test_a_better_challenger_is_told_from_an_equal_one() -> None:
    source = np.random.default_rng(6)
    truths = source.random(4_000) < 0.05
    noise = source.normal(size=(3, 4_000))
    worse, equal, better = truths + noise[0], truths + noise[1], 2 * truths + noise[2]
    found = compare(truths, worse, better, seed=1)
    assert found is not None
    assert found.better
    assert (found.rows, found.frauds) == (4_000, int(truths.sum()))
    same = compare(truths, worse, equal, seed=1)
    assert same is not None
    assert not same.better
    back = compare(truths, better, worse, seed=1)
    assert back is not None
    assert not back.better
    assert compare(truths, worse, better, seed=1) == found


def test_nothing_is_compared_without_both_kinds() -> None:
    assert compare(np.zeros(3, bool), SCORES[:3], SCORES[:3], seed=1) is None
    assert compare(np.ones(3, bool), SCORES[:3], SCORES[:3], seed=1) is None
