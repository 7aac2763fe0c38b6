"""A small world through the real engine: what is shipped meets every typology, and hardly anybody
else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from anfu.entrypoints.cli.simulate_tally import Tally
from anfu.entrypoints.cli.simulate_training import policies, trained_on
from anfu.entrypoints.cli.simulate_trial import Trial, asking_models
from anfu.lab.training.fitting import Trained
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.graph.graph import LinkGraph
from anfu.risk.models.serving import Force, Scorer, Serving
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set, make_rule_set
from anfu.simulation.plan import INVENTED, FraudKind
from anfu.simulation.world import Size, make_world

START = datetime(2026, 2, 28, 16, tzinfo=UTC)


async def lived(seed: int, payments: int, attack: float) -> Tally:
    world = make_world(seed, Size(150, mules=30, shells=3), start=START, attack=attack)
    engine = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE))
    return await Trial(world, engine, warm_days=10).run(payments)


@pytest.mark.timeout(180)
async def test_every_typology_is_met_and_honest_payers_are_left_in_peace() -> None:
    tally = await lived(77, 6_000, 0.06)
    found = tally.document()
    assert found["payments"] == 6_000
    assert set(found["frauds"]) == {kind.value for kind in FraudKind} - INVENTED
    for kind, line in found["frauds"].items():
        assert line["met_by_both"] >= 0.4 * line["tried"], kind
    assert found["success_rate"] >= 0.98
    assert found["honest_challenged_rate"] < 0.02


async def test_the_same_seed_gives_the_same_figures() -> None:
    once, again = [(await lived(5, 800, 0.05)).document() for _ in range(2)]
    assert once == again


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_models_taught_by_one_economy_are_tried_on_another() -> None:
    teacher = make_world(8, Size(60, mules=30, shells=3), start=START, attack=0.08)
    trained = await trained_on(teacher, 13_000, warm_days=3, note=lambda _text: None)
    assert trained[0].figures["ranking"]["average_precision"] > 0.7
    found = {}
    for policy in policies(trained):
        world = make_world(9, Size(150, mules=30, shells=3), start=START, attack=0.06)
        found[policy.name] = (
            await Trial(world, policy.engine(), warm_days=5).run(2_000)
        ).document()
    assert list(found) == ["rules", "models", "both"]
    assert found["rules"]["false_alarms_by_model_alone"] is None
    assert found["rules"]["success_rate"] >= 0.98
    met = {name: share_met(one) for name, one in found.items()}
    assert met["both"] >= max(met["rules"], met["models"]) > 0.5
    cold = await cold_start(trained[1])
    assert share_met(cold) > 0.3
    assert cold["false_alarms_by_both"] < 0.01


async def cold_start(anomaly: Trained) -> dict[str, Any]:
    """What comes of the unsupervised model alone, where no champion is in force."""
    shipped, models = default_rule_set(), Serving(CATALOGUE)
    models.use(Force(None, Scorer(anomaly.declaration, anomaly.onnx, CATALOGUE.facts)))
    alone = make_rule_set(asking_models(shipped), shipped.thresholds)
    engine = Engine(CATALOGUE, alone, Profiles(CATALOGUE), graph=LinkGraph(), models=models)
    world = make_world(9, Size(150, mules=30, shells=3), start=START, attack=0.06)
    return (await Trial(world, engine, warm_days=5).run(2_000)).document()


def share_met(found: dict[str, Any]) -> float:
    """Of the frauds that were tried; who is stopped in time tries fewer."""
    lines = found["frauds"].values()
    return float(sum(line["met_by_both"] for line in lines) / sum(line["tried"] for line in lines))
