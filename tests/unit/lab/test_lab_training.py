"""Training on a seeded history: no label before its time, the same bytes again, faithful ONNX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.histories import NAMES, START_US, history, sample_of, write_history

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.lab.training.candidates import FAITHFUL, FAMILIES, fit, fit_anomaly
from anfu.lab.training.choosing import NEVER as NO_CUTOFF
from anfu.lab.training.choosing import Costs, calibrate, cheapest, choose_cutoffs, cost_curve
from anfu.lab.training.files import read_sample
from anfu.lab.training.fitting import Plan, train_anomaly, train_fraud
from anfu.lab.training.sample import DAY_US, NEVER, Parts, Sample, divide
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.models.calibration import calibrated
from anfu.risk.models.model import check_columns, check_declaration

CUTOFF = START_US + 62 * DAY_US
QUICK = Plan(families=("logistic", "boosting"))


@pytest.fixture(scope="module")
def sample() -> Sample:
    return sample_of(history(1))


@pytest.fixture(scope="module")
def parts(sample: Sample) -> Parts:
    return divide(sample, cutoff=CUTOFF, delay_days=7)


def test_the_parts_follow_each_other_with_a_label_delay_between(parts: Parts) -> None:
    delay = 7 * DAY_US
    assert parts.fit.rows.at[-1] < parts.fit.known_by - delay
    assert parts.choose.rows.at[0] >= parts.fit.known_by
    assert parts.choose.rows.at[-1] < parts.choose.known_by - delay
    assert parts.weigh.rows.at[0] >= parts.choose.known_by
    assert parts.weigh.rows.at[-1] < CUTOFF - delay == parts.weigh.known_by - delay
    assert [len(p.rows) for p in (parts.fit, parts.choose, parts.weigh)] == [2404, 825, 801]


def test_a_label_counts_from_the_moment_it_was_told() -> None:
    at = np.array([0, 1, 2, 3])
    told = np.array([10, 20, NEVER, 10])
    cleared = np.array([NEVER, NEVER, 5, 15])
    made = Sample((), np.empty((4, 0), np.float32), at, np.ones(4), told, cleared, {})
    assert made.known_by(9).tolist() == [False, False, False, False]
    assert made.known_by(10).tolist() == [True, False, False, True]
    assert made.known_by(20).tolist() == [True, True, False, False]


def test_no_label_told_after_its_part_changes_anything(sample: Sample) -> None:
    """Poison: whatever was told too late for its part is turned round; not a byte may change."""
    parts = divide(sample, cutoff=CUTOFF, delay_days=7)
    poisoned = sample.fraud_at.copy()
    for part in (parts.fit, parts.choose, parts.weigh):
        within = np.isin(sample.at, part.rows.at)
        late = within & (sample.fraud_at > part.known_by)
        poisoned[late & (sample.fraud_at != NEVER)] = NEVER
        poisoned[within & (sample.fraud_at == NEVER)] = part.known_by + 1
    gap = ~np.isin(sample.at, np.concatenate([p.rows.at for p in _all(parts)]))
    poisoned[gap] = 0
    assert (poisoned != sample.fraud_at).sum() > 4_000
    again = divide(replace(sample, fraud_at=poisoned), cutoff=CUTOFF, delay_days=7)
    for before, after in zip(_all(parts), _all(again), strict=True):
        np.testing.assert_array_equal(before.truths, after.truths)
    told = [train_fraud(p, Plan(families=("logistic",)), {}) for p in (parts, again)]
    assert told[0] == told[1]


def test_one_label_that_leaks_is_seen(sample: Sample) -> None:
    """The test above would fail: a single label known too early changes what is fitted."""
    parts = divide(sample, cutoff=CUTOFF, delay_days=7)
    leaking = parts.fit.truths.copy()
    leaking[int(np.flatnonzero(~leaking)[0])] = True
    leaked = replace(parts, fit=replace(parts.fit, truths=leaking))
    plan = Plan(families=("logistic",))
    assert train_fraud(leaked, plan, {}).declaration != train_fraud(parts, plan, {}).declaration


def _all(parts: Parts) -> list:  # type: ignore[type-arg]
    return [parts.fit, parts.choose, parts.weigh]


@pytest.mark.parametrize("days", [5, 15, 22])
def test_too_short_a_history_is_refused(days: int) -> None:
    columns = history(2, rows=200, days=days)
    with pytest.raises(Refused) as refused:
        divide(sample_of(columns), cutoff=START_US + days * DAY_US, delay_days=7)
    assert refused.value.code == "history_short"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_onnx_of_a_candidate_says_what_its_trainer_says(family: str, parts: Parts) -> None:
    made = fit(family, parts.fit.rows.matrix, parts.fit.truths, seed=3)
    assert made.unfaithful <= FAITHFUL
    again = fit(family, parts.fit.rows.matrix, parts.fit.truths, seed=3)
    assert made == again


def test_an_anomaly_model_knows_no_labels_and_finds_what_is_strange(parts: Parts) -> None:
    made = fit_anomaly(parts.fit.rows.matrix, seed=3)
    assert made.unfaithful <= FAITHFUL
    trained = train_anomaly(parts, QUICK)
    blind = replace(parts, fit=replace(parts.fit, truths=~parts.fit.truths))
    assert train_anomaly(blind, QUICK).onnx == trained.onnx
    assert trained.figures["ranking"]["auc"] > 0.75
    check_declaration(trained.declaration)


def test_a_trained_model_is_good_calibrated_and_the_same_again(parts: Parts) -> None:
    trained = train_fraud(parts, QUICK, {"FAR": 3})
    check_declaration(trained.declaration)
    check_columns(trained.declaration, CATALOGUE.facts)
    said = trained.figures
    assert said["ranking"]["auc"] > 0.9
    assert said["reliability"]["calibration_error"] < 0.03
    grades = said["grading"]["grades"]
    assert 0 < grades["middle"]["cutoff"] <= grades["general"]["cutoff"]
    assert grades["middle"]["recall"] >= grades["general"]["recall"] > 0.1
    assert {name for name, _ in said["importance"][:3]} == {
        "amount", "payer_count_1h", "distance_km"
    }  # fmt: skip
    assert set(said["fairness"]["groups"]["age_band"]) == {"18-30", "31-60", "60+"}
    assert said["steadiness"]["score"] < 0.1
    assert trained.reference.reasons == {"FAR": 3}
    again = train_fraud(parts, QUICK, {"FAR": 3})
    assert canonical_bytes(again.figures) == canonical_bytes(said)
    assert (again.declaration, again.onnx) == (trained.declaration, trained.onnx)


def test_an_unfair_model_is_flagged(parts: Parts) -> None:
    """One group's honest payments are made to look like fraud."""
    rows = parts.weigh.rows
    old, matrix = rows.groups["age_band"] == "60+", rows.matrix.copy()
    matrix[old, NAMES.index("amount")] *= 8
    weigh = replace(parts.weigh, rows=replace(rows, matrix=matrix))
    said = train_fraud(replace(parts, weigh=weigh), QUICK, {}).figures["fairness"]["groups"]
    assert [value for value, row in said["age_band"].items() if row["flagged"]] == ["60+"]


def test_cutoffs_are_where_mistakes_cost_least() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.9])
    truths = np.array([False, True, False, True])
    passed = truths * np.array([0.0, 100.0, 0.0, 1_000.0])
    limits, totals = cost_curve(scores, passed, ~truths * 150.0)
    assert limits.tolist() == [0.1, 0.2, 0.3, 0.9, NO_CUTOFF]
    assert totals.tolist() == [300.0, 150.0, 250.0, 100.0, 1_100.0]
    assert cheapest(scores, passed, ~truths * 150.0) == 0.9
    assert cheapest(scores, passed, np.full(4, 9_999.0)) == NO_CUTOFF
    costs = Costs(challenged=10, blocked=150, reviewed=500)
    cutoffs = choose_cutoffs(scores, truths, np.array([0, 100.0, 0, 1_000.0]), costs)
    assert (cutoffs.middle, cutoffs.general, cutoffs.high) == (0.2, 0.9, 0.9)


@pytest.mark.parametrize("rows", [1_000, 40_000])
def test_calibration_brings_scores_to_the_shares_that_were_seen(rows: int) -> None:
    source = np.random.default_rng(4)
    odds = source.normal(-3, 1.5, rows)
    truths = source.random(rows) < 1 / (1 + np.exp(-odds))
    raw = 1 / (1 + np.exp(-(2 * odds + 3)))  # twice too sure, and too high
    scores = calibrated(calibrate(raw, truths), raw)
    assert abs(scores.mean() - truths.mean()) < 0.002
    high = scores > 0.3
    assert abs(scores[high].mean() - truths[high].mean()) < 0.06


def test_files_are_read_as_they_are_and_labels_no_further_than_the_cutoff(tmp_path: Path) -> None:
    columns = history(1, rows=500)
    write_history(columns, tmp_path / "h.parquet")
    file = str(tmp_path / "*.parquet")
    read = read_sample(file, None, CATALOGUE.facts, groups=["age_band"], cutoff=NEVER - 1)
    wanted = sample_of(columns)
    order = [read.names.index(name) for name in NAMES]
    np.testing.assert_array_equal(read.matrix[:, order], wanted.matrix)
    np.testing.assert_array_equal(read.fraud_at, wanted.fraud_at)
    np.testing.assert_array_equal(read.at, wanted.at)
    half = START_US + 30 * DAY_US
    cut = read_sample(file, None, CATALOGUE.facts, groups=[], cutoff=half)
    assert int((cut.fraud_at != NEVER).sum()) == int((wanted.fraud_at <= half).sum())


def test_a_file_without_what_is_needed_is_refused_with_its_name(tmp_path: Path) -> None:
    columns = history(1, rows=50)
    del columns["labelled_at"]
    write_history(columns, tmp_path / "h.parquet")
    with pytest.raises(Refused) as refused:
        read_sample(str(tmp_path / "h.parquet"), None, CATALOGUE.facts, groups=["city"], cutoff=0)
    assert (refused.value.code, refused.value.details["missing"]) == (
        "history_columns", ["city", "labelled_at"]
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        read_sample(str(tmp_path / "no.parquet"), None, CATALOGUE.facts, groups=[], cutoff=0)
    assert refused.value.code == "history_unreadable"
