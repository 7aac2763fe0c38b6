"""The figures of a trial, on numbers that can be followed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anfu.entrypoints.cli.simulate_tally import Tally, Tried, share, wilson
from anfu.risk.rules import Outcome
from anfu.simulation.plan import Alike, FraudKind

HONEST = Tried(None, None, "r", 1_000, Outcome.ALLOW, (), True, Outcome.ALLOW, Outcome.ALLOW)


def fraud(kind: FraudKind, amount: int, outcome: Outcome, *, paid: bool, run: str = "r") -> Tried:
    return replace(HONEST, kind=kind, amount=amount, outcome=outcome, paid=paid, run=run,
                   by_rules=outcome, by_model=None)  # fmt: skip


def test_what_got_through_is_measured_in_value_and_honest_losses_in_count() -> None:
    tally = Tally()
    for _ in range(96):
        tally.add(HONEST)
    tally.add(replace(HONEST, alike=Alike.TRIP, outcome=Outcome.CHALLENGE, reasons=("FAR",)))
    tally.add(replace(HONEST, outcome=Outcome.BLOCK, paid=False, by_rules=Outcome.BLOCK))
    tally.add(fraud(FraudKind.MULE, 2_000, Outcome.CHALLENGE, paid=True, run="a"))
    tally.add(fraud(FraudKind.MULE, 8_000, Outcome.REVIEW, paid=False, run="b"))
    found = tally.document()
    assert found["payments"] == 100
    assert found["attack_rate"] == 0.02
    assert found["fraud_value_rate"] == share(2_000, 97 * 1_000 + 2_000)
    assert (found["fraud_value_met"], found["success_met"]) == (False, True)
    assert found["success_rate"] == share(97, 98)
    assert (found["honest_challenged"], found["honest_refused"]) == (1, 1)
    assert found["false_alarms_by_both"] == share(2, 98)
    assert found["false_alarms_by_rules_alone"] == share(1, 98)
    mule = found["frauds"]["mule"]
    assert (mule["tried"], mule["runs"], mule["value"], mule["value_let_through"]) == (
        2, 2, 10_000, 2_000,
    )  # fmt: skip
    assert found["honest"]["trip"]["reasons"] == {"FAR": 1}
    assert found["between"] == [
        {"kind": "mule", "value_let_through": 2_000, "share_of_losses": 1.0, "allowed": 0,
         "passed_a_challenge_or_review": 1, "payer_is_in_it": True},
    ]  # fmt: skip


def test_without_a_model_nothing_is_said_of_it() -> None:
    tally = Tally()
    tally.add(fraud(FraudKind.TAKEOVER, 1, Outcome.BLOCK, paid=False))
    found = tally.document()
    assert found["frauds"]["takeover"]["met_by_model_alone"] is None
    assert found["false_alarms_by_model_alone"] is None


@pytest.mark.parametrize(
    ("part", "of", "interval"),
    [(0, 0, None), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (50, 100, (0.4038, 0.5962))],
)
def test_the_interval_is_wilsons(part: int, of: int, interval: tuple[float, float] | None) -> None:
    assert wilson(part, of) == interval
