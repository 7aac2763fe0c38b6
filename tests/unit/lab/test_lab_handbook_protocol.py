"""The published protocol, worked out by hand on small streams."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score
from tests.handbook_stream import DAY_S, FIRST_DAY, made_stream

from anfu.lab.handbook.protocol import (
    Fold,
    Quality,
    asked_rows,
    card_precision,
    ceiling,
    folds_of,
    mean_quality,
    quality,
)
from anfu.lab.handbook.stream import Stream, stream_of


def stream(*payments: tuple[int, int, bool]) -> Stream:
    """Of (day, payer, fraud), in order of time."""
    day, payer, fraud = (np.array(column) for column in zip(*payments, strict=True))
    local = ((FIRST_DAY + day) * DAY_S + np.arange(len(day))) * 1_000_000
    zero = np.zeros(len(day), np.int64)
    columns = {"number": np.arange(len(day)), "local": local, "payer": payer, "fraud": fraud}
    return stream_of(columns | {"terminal": zero, "amount": zero})


def test_a_fold_is_a_week_of_training_a_week_of_waiting_and_a_week_of_test() -> None:
    fold = Fold(100)
    assert (fold.taught, fold.test) == (107, range(114, 121))


def test_the_last_fold_ends_with_the_stream_and_the_others_lie_a_week_before_one_another() -> None:
    made = stream((0, 1, False), (60, 1, False))
    last = FIRST_DAY + 60
    assert folds_of(made, 2) == [Fold(last - 27), Fold(last - 20)]
    assert folds_of(made, 2)[-1].test.stop == last + 1
    assert folds_of(made, 2, skip=3) == [Fold(last - 48), Fold(last - 41)]


def test_customers_known_to_be_compromised_are_not_asked_about_from_the_day_it_was_known() -> None:
    made = stream(
        (0, 1, True),  # in the training week: never asked about
        (6, 2, True),  # too
        (7, 3, True),  # a week before the eve of day 15: not asked about from then on
        (12, 4, True),
        *((day, payer, payer == 5) for day in range(14, 21) for payer in range(1, 6)),
    )
    rows = asked_rows(made, Fold(FIRST_DAY))
    asked = {(int(made.day[row]) - FIRST_DAY, int(made.payer[row])) for row in rows}
    expected = {(14, 3)} | {(day, 4) for day in range(14, 20)}
    expected |= {(day, 5) for day in range(14, 21)}
    assert asked == expected


def test_a_card_found_is_not_asked_about_again_and_each_card_only_once_a_day() -> None:
    made = stream(
        (0, 1, True), (0, 1, True), (0, 2, False), (0, 3, True),
        (1, 1, True), (1, 3, True), (1, 4, False),
    )  # fmt: skip
    rows = np.arange(7)
    scores = np.array([0.9, 0.8, 0.7, 0.1, 0.99, 0.5, 0.6])
    # Of two cards a day: the first day 1 (found) and 2; the second 4 and 3 (found), never 1 again.
    assert card_precision(made, rows, scores, cards=2) == (1 / 2 + 1 / 2) / 2
    # Of one card a day: 1 (found), then 4.
    assert card_precision(made, rows, scores, cards=1) == (1 + 0) / 2
    # Who knows every fraud finds 1 and 3 the first day, and nothing is left for the second.
    assert card_precision(made, rows, made.fraud.astype(float), cards=2) == (2 / 2 + 0) / 2
    assert ceiling(made, rows) == (2 / 100 + 0) / 2


def test_a_card_counts_by_its_highest_score_and_by_any_fraud_of_the_day() -> None:
    made = stream((0, 1, False), (0, 1, True), (0, 2, False))
    # The payment of card 1 with the high score was honest; another one that day was not.
    assert card_precision(made, np.arange(3), np.array([0.9, 0.1, 0.5]), cards=1) == 1.0


def test_quality_is_what_can_be_worked_out_on_paper() -> None:
    made = stream((0, 1, True), (0, 2, False), (0, 3, True), (0, 4, False))
    found = quality(made, np.arange(4), np.array([0.9, 0.8, 0.7, 0.1]))
    # Precision is 1 at the first fraud and 2/3 at the second; of 4 pairs 3 are in order.
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert found.auc_roc == pytest.approx(3 / 4)
    assert found.card_precision == 2 / 100


def test_ties_are_one_threshold_and_share_their_precision() -> None:
    made = stream((0, 1, True), (0, 2, False), (0, 3, False), (0, 4, True))
    found = quality(made, np.arange(4), np.array([0.5, 0.5, 0.5, 0.1]))
    assert found.average_precision == pytest.approx((1 / 3) / 2 + (2 / 4) / 2)


def test_quality_agrees_with_the_library_on_a_whole_stream() -> None:
    made = made_stream(3)
    rows = np.arange(len(made))
    scores = np.random.default_rng(1).random(len(made)) + 0.3 * made.fraud
    found = quality(made, rows, scores)
    assert found.average_precision == average_precision_score(made.fraud, scores)
    assert found.auc_roc == roc_auc_score(made.fraud, scores)
    assert found.card_precision <= ceiling(made, rows)


def test_every_fold_weighs_the_same() -> None:
    parts = [Quality(0.8, 0.6, 0.3), Quality(0.9, 0.7, 0.1)]
    mean = mean_quality(parts)
    found = (mean.auc_roc, mean.average_precision, mean.card_precision)
    assert found == pytest.approx((0.85, 0.65, 0.2))
