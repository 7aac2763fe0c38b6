"""A model card: one file, the same bytes for the same figures, nothing from data as markup."""

from __future__ import annotations

import re

import pytest
from tests.histories import START_US, history, sample_of

from anfu.lab.training.card import anomaly_card, fraud_card
from anfu.lab.training.fitting import Plan, train_anomaly, train_fraud
from anfu.lab.training.sample import DAY_US, divide

PLAN = Plan(name="fraud", families=("logistic",))


@pytest.fixture(scope="module")
def cards() -> list[str]:
    columns = history(1)
    columns["age_band"][:] = "<script>alert(1)</script>"
    parts = divide(sample_of(columns), cutoff=START_US + 62 * DAY_US, delay_days=7)
    fraud, anomaly = train_fraud(parts, PLAN, {}), train_anomaly(parts, PLAN)
    made = [fraud_card(fraud.figures), anomaly_card(anomaly.figures)]
    assert made == [fraud_card(fraud.figures), anomaly_card(anomaly.figures)]
    return made


def test_a_card_stands_alone_and_speaks_both_languages(cards: list[str]) -> None:
    for card, plots in zip(cards, (7, 4), strict=True):
        assert card.count("<svg") == plots
        assert not re.search(r"<(?:img|link|iframe)|(?:src|href)=\"(?!#)", card)
        assert "Model card · 模型说明" in card
        assert "<script" not in card
    assert "&lt;script&gt;" in cards[0]
    assert "2026-06-01" in cards[0]
