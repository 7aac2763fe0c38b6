"""Reasons in words: shares that add up, exact where the exact answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.onnx_models import declared, logistic

from anfu.risk.catalogue import CATALOGUE
from anfu.risk.models.calibration import log_odds
from anfu.risk.models.contributions import reasons_of, shares
from anfu.risk.models.model import Column
from anfu.risk.models.serving import Scorer

TYPICAL = {"amount": 100.0, "hour": 12.0, "payer_count_1h": 1.0, "payee_count_1h": 5.0}
COLUMNS = tuple(Column(name, typical=value) for name, value in TYPICAL.items())
WEIGHTS = [0.01, -0.1, 0.5, 0.0]


@pytest.fixture
def scorer() -> Scorer:
    onnx = logistic(WEIGHTS)
    return Scorer(declared(onnx, *COLUMNS), onnx, CATALOGUE.facts)


def test_of_a_linear_model_each_share_is_its_weight_times_the_distance(scorer: Scorer) -> None:
    row = np.array([[300, 3, 4, 9]], np.float32)
    found = {share.fact: share.adds for share in shares(scorer, row, seed="dec_1")}
    assert found == pytest.approx(
        {"amount": 2.0, "hour": 0.9, "payer_count_1h": 1.5, "payee_count_1h": 0.0}, abs=1e-3
    )


def test_shares_add_up_to_the_whole_difference(scorer: Scorer) -> None:
    row = np.array([[900, 23, 2, 1]], np.float32)
    ordinary = np.array([[c.typical for c in COLUMNS]], np.float32)
    whole = log_odds(scorer.scores(row)) - log_odds(scorer.scores(ordinary))
    assert sum(s.adds for s in shares(scorer, row, seed="x")) == pytest.approx(whole[0], abs=1e-3)


def test_reasons_are_what_speaks_against_the_payment_in_both_languages(scorer: Scorer) -> None:
    row = np.array([[300, 20, 4, 9]], np.float32)  # the hour speaks for it
    found = shares(scorer, row, seed="dec_1")
    assert found == shares(scorer, row, seed="dec_1")
    reasons = reasons_of(found, CATALOGUE)
    assert [r["code"] for r in reasons] == ["MODEL:amount", "MODEL:payer_count_1h"]
    assert (reasons[1]["en"], reasons[1]["zh"]) == (
        "payments of the payer in 1 hour", "付款人 1 小时内的支付笔数"
    )  # fmt: skip
    assert (reasons[1]["value"], reasons[1]["typical"]) == (4.0, 1.0)
