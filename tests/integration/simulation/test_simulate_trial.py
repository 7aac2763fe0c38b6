"""A small world through the real engine: what is shipped meets every typology, and hardly anybody
else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anfu.entrypoints.cli.simulate_tally import Tally
from anfu.entrypoints.cli.simulate_trial import Trial
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.simulation.plan import FraudKind
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
    assert set(found["frauds"]) == {kind.value for kind in FraudKind}
    for kind, line in found["frauds"].items():
        assert line["met_by_both"] >= 0.4 * line["tried"], kind
    assert found["success_rate"] >= 0.98
    assert found["honest_challenged_rate"] < 0.02


async def test_the_same_seed_gives_the_same_figures() -> None:
    once, again = [(await lived(5, 800, 0.05)).document() for _ in range(2)]
    assert once == again
