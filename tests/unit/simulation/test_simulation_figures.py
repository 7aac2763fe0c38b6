"""Figures from a tally put together by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from anfu.simulation.client import Place, Reply
from anfu.simulation.figures import MEANINGS, figures, quantile_ms
from anfu.simulation.plan import FraudKind, Plan, Side
from anfu.simulation.tally import Tally

AT = datetime(2026, 11, 1, tzinfo=UTC)
LIMIT = {
    "code": "limit_exceeded",
    "rule": "CN-NP43-24-2",
    "law": "公告〔2015〕43号",
    "article": "24(2)",
    "title": {"en": "a day", "zh": "一天"},
    "limit": 500_000,
}


def test_rates_are_those_of_their_definitions() -> None:
    tally = Tally()
    made(tally, "a", "SUCCEEDED", 6_000)
    made(tally, "b", "CHALLENGED", 2_000, becomes="SUCCEEDED")
    made(tally, "c", "REFUSED", 600_000, refusal=LIMIT)
    made(tally, "d", "REFUSED", 100, refusal={"code": "insufficient_funds"})
    made(tally, "e", "SUCCEEDED", 2_000, fraud=FraudKind.STOLEN_CARD)
    made(tally, "f", "IN_REVIEW", 9_000, fraud=FraudKind.TAKEOVER, becomes="REJECTED")
    tally.today = AT + timedelta(days=1.5)
    found = figures(tally, 2.0)
    assert found["payments"] == 6
    assert found["succeeded"] == 3
    assert found["challenged"] == 1
    assert found["reviewed"] == 1
    assert found["refused"] == 2
    assert found["payments_per_s"] == 3.0
    assert found["fraud_value_rate"] == 0.2
    assert found["success_rate"] == 0.5
    assert found["days"] == 1.5
    assert found["states"] == {"REFUSED": 2, "REJECTED": 1, "SUCCEEDED": 3}
    assert found["honest"]["refused_by_limit"] == found["honest"]["refused_for_balance"] == 1
    assert found["honest"]["challenged_rate"] == 0.25
    assert found["frauds"]["stolen_card"]["value_let_through"] == 2_000
    assert found["frauds"]["takeover"]["let_through"] == 0
    assert [(row["article"], row["refused"], row["honest"]) for row in found["limits"]] == [
        ("24(2)", 1, 1)
    ]
    assert set(MEANINGS) <= set(found)


def test_what_was_turned_away_is_no_payment() -> None:
    tally = Tally()
    tally.answered(plan("a"), Reply(422, {"code": "party_not_found"}, 0.01, 1))
    tally.unanswered(plan("b"))
    found = figures(tally, 1.0)
    assert found["payments"] == 0
    assert found["turned_away"] == {"party_not_found": 1, "unanswered": 1}
    assert found["success_rate"] == found["fraud_value_rate"] == 0.0


def test_quantiles_are_nearest_ranks() -> None:
    times = [n / 1000 for n in range(1, 101)]
    assert quantile_ms(times, 0.50) == 50.0
    assert quantile_ms(times, 0.99) == 99.0
    assert quantile_ms([0.25], 0.99) == 250.0
    assert quantile_ms([], 0.5) == 0.0


def made(
    tally: Tally,
    key: str,
    state: str,
    amount: int,
    *,
    fraud: FraudKind | None = None,
    refusal: dict[str, Any] | None = None,
    becomes: str | None = None,
) -> None:
    document = {"id": f"pay_{key}", "state": state, "amount": amount, "refusal": refusal,
                "reasons": []}  # fmt: skip
    trace = tally.answered(plan(key, fraud), Reply(201, document, 0.01, 1))
    if becomes is not None:
        trace.read({**document, "state": becomes})


def plan(key: str, fraud: FraudKind | None = None) -> Plan:
    return Plan(key, AT, 0, (Side.MERCHANT, 0), 1, Place(), fraud=fraud)
