"""Models inside the decision: the matrix, the scores, what is left out and marked."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.onnx_models import declared, logistic, passing

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import Decision
from anfu.risk.engine import Budget, Engine, Scores
from anfu.risk.event import Event
from anfu.risk.facts import Fact, Facts, Type
from anfu.risk.models.calibration import calibrated, grade
from anfu.risk.models.matrix import make_matrix
from anfu.risk.models.model import Calibration, Column, Cutoffs, Role, Scale
from anfu.risk.models.rescoring import rescored
from anfu.risk.models.serving import Force, Scorer, Serving
from anfu.risk.profiles import Profiles
from anfu.risk.replay import Replay, Stored
from anfu.risk.rules import Grade, Outcome, Rule, Thresholds, make_rule_set

START = datetime(2026, 11, 1, tzinfo=UTC)
TYPES = {"a": Type.INTEGER, "b": Type.DOUBLE, "c": Type.TEXT, "d": Type.INTEGER}
FACTS = tuple(Fact(name, kind) for name, kind in TYPES.items())
NEVER = Rule("never", "amount < 0", Grade.LOW, 0, "NEVER", "never", "从不")
# The log-odds are the amount in thousands of fen.
BY_AMOUNT = logistic([0.001])


def scorer(onnx: bytes, *columns: Column | str, **more: object) -> Scorer:
    return Scorer(declared(onnx, *columns, **more), onnx, CATALOGUE.facts)  # type: ignore[arg-type]


def engine(force: Force, *rules: Rule) -> Engine:
    serving = Serving(CATALOGUE)
    serving.use(force)
    rule_set = make_rule_set([*rules, NEVER], Thresholds(100, 200, 300))
    return Engine(CATALOGUE, rule_set, Profiles(CATALOGUE), models=serving)


def events(*amounts: int) -> list[Event]:
    return [
        Event(f"pay_{i}", f"cus_{i}", "mer_1", amount, "CNY", "CARD", None,
              START + timedelta(seconds=i))
        for i, amount in enumerate(amounts)
    ]  # fmt: skip


async def decided(engine: Engine, *amounts: int, budget: Budget | None = None) -> list[Decision]:
    made = events(*amounts)
    names = [f"dec_{e.id}" for e in made]
    return await engine.decide(made, names, budgets=[budget] * len(made))


def named(decision: Decision) -> dict[str, object]:
    return dict(zip((f.name for f in CATALOGUE.facts), decision.facts, strict=True))


def test_a_matrix_holds_the_columns_in_the_order_of_the_declaration() -> None:
    columns = [
        Column("d"),
        Column("a", null=-1.0),
        Column("c", codes={"x": 1, "y": 2}),
        Column("b"),
    ]
    matrix = make_matrix(columns, FACTS)([(1, 2.5, "y", 4), (None, None, "z", None)])
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, [[4, 1, 2, 2.5], [np.nan, -1, np.nan, np.nan]])


@pytest.mark.parametrize("names", [("b",), ("a", "b"), ("d", "a"), ("b", "d")])
def test_a_matrix_of_any_choice_of_columns_is_two_dimensional(names: tuple[str, ...]) -> None:
    row = {"a": 1, "b": 2.0, "c": "x", "d": 4}
    matrix = make_matrix([Column(n) for n in names], FACTS)([tuple(row.values())])
    assert matrix.tolist() == [[row[n] for n in names]]


def test_calibration_by_knots_is_straight_between_them_and_level_beyond() -> None:
    knots = Calibration(Scale.KNOTS, (0.0, 1.0, 2.0), (0.0, 0.5, 0.6))
    raw = np.array([-1, 0.5, 1.5, 9, np.nan, np.inf])
    made = calibrated(knots, raw)
    np.testing.assert_array_equal(made, [0, 0.25, 0.55, 0.6, np.nan, np.nan])


def test_calibration_by_log_odds_keeps_the_order_and_moves_the_level() -> None:
    same = calibrated(Calibration(Scale.LOGIT, (1.0,), (0.0,)), np.array([0.1, 0.9]))
    np.testing.assert_array_equal(same, [0.1, 0.9])
    rarer = calibrated(Calibration(Scale.LOGIT, (1.0,), (-math.log(9),)), np.array([0.5]))
    np.testing.assert_array_equal(rarer, [0.1])


def test_a_grade_begins_at_its_cutoff() -> None:
    cutoffs, scores = Cutoffs(0.25, 0.5, 0.75), (0.0, 0.249, 0.25, 0.5, 0.74, 0.75, 1.0)
    assert [grade(cutoffs, score) for score in scores] == [0, 0, 1, 2, 2, 3, 3]


async def test_scores_are_facts_and_rules_read_them() -> None:
    rule = Rule("model", "model_grade >= 2", Grade.GENERAL, 0, "MODEL", "the model", "模型")
    champion = scorer(BY_AMOUNT, "amount")
    strange = scorer(passing(), "hour", role=Role.ANOMALY, calibration=HOURS)
    low, high = await decided(engine(Force(champion, strange), rule), 0, 2_000)
    assert (named(low)["model_score"], named(low)["model_grade"]) == (0.5, 2)
    assert (named(high)["model_score"], named(high)["model_grade"]) == (0.880797, 3)
    assert named(high)["anomaly_score"] == 0.333333  # eight o'clock in Shanghai
    assert (low.outcome, low.reasons, named(low)["degraded"]) == (Outcome.BLOCK, ("MODEL",), None)
    assert low.models == (champion.id, strange.id)


HOURS = Calibration(Scale.KNOTS, (0.0, 24.0), (0.0, 1.0))


async def test_without_models_nothing_is_marked_and_nothing_is_kept_beside() -> None:
    [decision] = await decided(engine(Force()), 100)
    assert (named(decision)["model_score"], named(decision)["degraded"]) == (None, None)
    assert decision.beside is None


async def test_a_challenger_is_recorded_beside_and_never_acts() -> None:
    rule = Rule("model", "model_score > 0", Grade.HIGH, 0, "MODEL", "the model", "模型")
    challenger = scorer(BY_AMOUNT, "amount")
    [decision] = await decided(engine(Force(challengers=(challenger,)), rule), 0)
    assert decision.watched == ((challenger.id, 0.5),)
    assert (decision.outcome, decision.models) == (Outcome.ALLOW, ())
    assert decision.beside == f'{{"models":[],"rules":[],"scores":{{"{challenger.id}":0.5}}}}'


LATE = Rule("late", "degraded = 'model' AND amount > 1000", Grade.MIDDLE, 0, "LATE", "late", "超时")


async def test_a_model_that_fails_is_left_out_and_marked_and_the_payment_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = scorer(logistic([1.0, 1.0]), "amount")  # asked with one column, it wants two
    small, large = await decided(engine(Force(broken), LATE), 500, 5_000)
    assert (named(small)["model_score"], named(small)["degraded"]) == (None, "model")
    assert (small.outcome, large.outcome) == (Outcome.ALLOW, Outcome.CHALLENGE)
    assert [r.message for r in caplog.records] == [f"model {broken.id} gives no scores: "
                                                   "InvalidArgument"]  # fmt: skip


async def test_a_row_without_a_number_is_left_out_alone() -> None:
    champion = scorer(passing(), "payer_since_last_s")  # NULL for a first payment
    models = engine(Force(champion), LATE)
    payer = [Event(f"pay_{i}", "cus_1", "mer_1", 2_000, "CNY", "CARD", None,
                   START + timedelta(seconds=i)) for i in range(2)]  # fmt: skip
    first, second = await models.decide(payer, ["dec_1", "dec_2"])
    assert (named(first)["model_score"], named(first)["degraded"]) == (None, "model")
    assert (named(second)["model_score"], named(second)["degraded"]) == (1.0, None)
    assert (first.outcome, second.outcome) == (Outcome.CHALLENGE, Outcome.ALLOW)


async def test_a_failing_anomaly_model_does_not_take_the_champion_with_it() -> None:
    strange = scorer(logistic([1.0, 1.0]), "amount", role=Role.ANOMALY)
    [decision] = await decided(engine(Force(scorer(BY_AMOUNT, "amount"), strange)), 0)
    assert named(decision)["model_score"] == 0.5
    assert (named(decision)["anomaly_score"], named(decision)["degraded"]) == (None, "model")


def slowly(engine: Engine) -> Callable[[], float]:
    """A stopwatch by which each time the models in force are asked takes a second."""
    asked = itertools.count(1)
    now, score = [0.0], engine.models.score

    def slow(rows: Sequence[Facts]) -> list[Scores]:
        now[0] = float(next(asked))
        return score(rows)

    engine.models.score = slow  # type: ignore[method-assign]
    return lambda: now[0]


async def test_what_the_budget_does_not_reach_is_left_out_and_marked() -> None:
    models = engine(Force(scorer(BY_AMOUNT, "amount")), LATE)
    decisions = await decided(models, *[2_000] * 48, budget=Budget(2.0, slowly(models)))
    marked = [named(d)["degraded"] for d in decisions]
    assert marked == [None] * 32 + ["model"] * 16
    assert [d.outcome for d in decisions[31:33]] == [Outcome.ALLOW, Outcome.CHALLENGE]


async def test_challengers_go_without_when_the_budget_is_spent_on_the_champion() -> None:
    force = Force(scorer(BY_AMOUNT, "amount"), None, (scorer(BY_AMOUNT, "amount", name="other"),))
    models = engine(force)
    [decision] = await decided(models, 0, budget=Budget(0.5, slowly(models)))
    assert (named(decision)["model_score"], named(decision)["degraded"]) == (0.5, None)
    assert decision.watched == ()


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (Column("amounts"), "model_input_unknown"),
        (Column("at"), "model_input_refused"),
        (Column("model_score"), "model_input_refused"),
        (Column("degraded", codes={"model": 1}), "model_input_refused"),
        (Column("method"), "model_input_codes"),
        (Column("amount", codes={"x": 1}), "model_input_codes"),
    ],
)
def test_a_model_that_does_not_fit_the_facts_is_refused(column: Column, code: str) -> None:
    with pytest.raises(Refused) as refused:
        scorer(BY_AMOUNT, column)
    assert refused.value.code == code


def test_a_score_is_the_same_in_a_batch_of_any_size() -> None:
    models = Serving(CATALOGUE)
    models.use(Force(scorer(logistic([0.001, -0.2]), "amount", "hour")))
    source = np.random.default_rng(3)
    rows = [
        CATALOGUE.read(e) + tuple(source.integers(0, 24, len(CATALOGUE.features)).tolist())
        for e in events(*source.integers(0, 3_000, 70).tolist())
    ]
    together = models.score(rows)
    assert [s for row in rows for s in models.score([row])] == together


async def test_a_replay_makes_the_scores_again_and_says_when_they_differ() -> None:
    champion = scorer(BY_AMOUNT, "amount")
    [decision] = await decided(engine(Force(champion)), 2_000)
    stored = Stored("dec_1", decision.event.at, decision.verdict, "", "", decision.body, {},
                    decision.models)  # fmt: skip
    made = Replay(stored, decision.verdict, decision.facts, ())
    assert rescored(made, CATALOGUE.facts, {champion.id: champion}).same
    assert rescored(made, CATALOGUE.facts, {}).same  # the model is not kept: nothing to compare
    place = next(i for i, fact in enumerate(CATALOGUE.facts) if fact.name == "model_score")
    other = (*decision.facts[:place], 0.5, *decision.facts[place + 1 :])
    forged = rescored(replace(made, facts=other), CATALOGUE.facts, {champion.id: champion})
    assert forged.differences == ("model_score",)
