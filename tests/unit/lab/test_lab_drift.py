"""Stability indices by hand, with empty bins and few rows, and what is told of them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anfu.kernel.canonical import canonical_bytes
from anfu.lab.drift import (
    ROWS_MIN,
    Reference,
    Seen,
    counted,
    drifted,
    make_bins,
    make_reference,
    read_reference,
    restless,
    stability,
)
from anfu.risk.catalogue import CATALOGUE

SOURCE = np.random.default_rng(8)
THEN = SOURCE.normal(size=(4_000, 2)).astype(np.float32)
SCORES = SOURCE.random(4_000)


def reference() -> Reference:
    return make_reference(("b", "a"), THEN, SCORES, {"FAR": 400})


def test_by_hand() -> None:
    # half an observation more in each bin: (1.5, 3.5) of 5 and (3.5, 1.5) of 5
    assert stability((1, 3), (3, 1)) == pytest.approx(2 * (2 / 5) * math.log(3.5 / 1.5), abs=1e-6)
    assert stability((10, 20), (10, 20)) == 0


def test_a_value_on_an_edge_is_below_it_and_null_has_a_bin_of_its_own() -> None:
    assert counted((1.0, 2.0), np.array([0.5, 1.0, 1.5, 9.0, np.nan])).tolist() == [2, 1, 1, 1]


def test_what_was_always_the_same_has_moved_when_it_is_another() -> None:
    bins = make_bins(np.ones(1_000))
    assert bins.counts == (0, 1_000, 0, 0)
    for other in (0.0, 2.0, np.nan):
        assert stability(bins.counts, counted(bins.edges, np.full(500, other)).tolist()) > 1


@given(st.lists(st.one_of(st.just(math.nan), st.floats(-9, 9)), max_size=50))
def test_bins_hold_every_value_whatever_they_are(values: list[float]) -> None:
    bins = make_bins(np.array(values, dtype=np.float64))
    assert sum(bins.counts) == len(values)
    assert len(bins.counts) == len(bins.edges) + 2
    assert list(bins.edges) == sorted(set(bins.edges))
    assert stability(bins.counts, bins.counts) == 0
    assert math.isfinite(stability(bins.counts, [0] * len(bins.counts)))


def test_a_world_that_stays_is_quiet_and_one_that_moves_is_told_by_name() -> None:
    kept = read_reference(json.loads(canonical_bytes(reference().document())))
    same = np.random.default_rng(9).normal(size=(2_000, 2)).astype(np.float32)
    scores = np.random.default_rng(9).random(2_000)
    quiet = drifted(kept, Seen(("b", "a"), same, scores, {"FAR": 190}))
    assert quiet is not None
    assert (quiet.alerts, max(quiet.columns.values()) < 0.02) == ([], True)
    moved = same + np.array([0, 1.5], np.float32)
    told = drifted(kept, Seen(("b", "a"), moved, scores * 0.3, {"FAR": 1_500, "NEW": 900}))
    assert told is not None
    assert set(told.alerts) == {"column:a", "score", "reason:FAR", "reason:NEW"}
    assert told.columns["b"] < 0.02


def test_rows_without_scores_are_a_drift_of_the_score() -> None:
    silent = np.full(2_000, np.nan)
    told = drifted(reference(), Seen(("b", "a"), THEN[:2_000], silent, {"FAR": 200}))
    assert told is not None
    assert told.alerts == ["score"]


def test_too_few_rows_tell_nothing() -> None:
    few = ROWS_MIN - 1
    assert drifted(reference(), Seen(("b", "a"), THEN[:few], SCORES[:few], {})) is None


def test_what_moves_as_time_passes_is_measured_and_not_told() -> None:
    kept, moved = reference(), THEN[:2_000] + np.array([1.5, 1.5], np.float32)
    told = drifted(kept, Seen(("b", "a"), moved, SCORES[:2_000], {}), frozenset({"a"}))
    assert told is not None
    assert min(told.columns.values()) > 0.25
    assert [name for name in told.alerts if name.startswith("column:")] == ["column:b"]
    ages = restless(CATALOGUE)
    assert {"payer_age_s", "payer_device_age_s", "payer_count", "weekday"} <= ages
    assert not {"hour", "payer_count_1h", "payer_since_last_s", "amount_to_mean"} & ages
