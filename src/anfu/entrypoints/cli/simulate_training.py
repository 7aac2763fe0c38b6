"""`anfu simulate --train-seed`: models trained, as `anfu train` does, on an economy of another
seed, and put in force beside the rules or instead of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anfu.entrypoints.cli.simulate_trial import Trial, asking_models
from anfu.lab.train import Gathered
from anfu.lab.training.files import usable
from anfu.lab.training.fitting import Plan, Trained, train_anomaly, train_fraud
from anfu.lab.training.sample import divide
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import Decision
from anfu.risk.engine import Engine
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.graph.graph import LinkGraph
from anfu.risk.models.serving import Force, Scorer, Serving
from anfu.risk.profiles import Profiles
from anfu.risk.rules import RuleSet, default_rule_set
from anfu.simulation.world import World

DELAY_DAYS = 12
"""By then every fraud that is reported at all has been."""


Pair = tuple[Trained, Trained]
"""A fraud model and an anomaly model."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A way to decide: by rules alone, by the models alone, or by both."""

    name: str
    rule_set: RuleSet
    trained: Pair | None = None

    def engine(self) -> Engine:
        """One that knows nothing yet."""
        models = Serving(CATALOGUE)
        if self.trained is not None:
            champion, anomaly = (
                Scorer(one.declaration, one.onnx, CATALOGUE.facts) for one in self.trained
            )
            models.use(Force(champion, anomaly))
        return Engine(CATALOGUE, self.rule_set, Profiles(CATALOGUE), graph=LinkGraph(),
                      models=models)  # fmt: skip


def policies(trained: Pair | None) -> tuple[Policy, ...]:
    """Those to be compared; only the rules where nothing was trained."""
    shipped = default_rule_set()
    rules = Policy("rules", shipped)
    if trained is None:
        return (rules,)
    alone = replace(shipped, version="models alone", rules=asking_models(shipped))
    return rules, Policy("models", alone, trained), Policy("both", shipped, trained)


class Recording(Engine):
    """An engine that remembers what it decided, and when it was told what."""

    def __init__(self, catalogue: Any, rule_set: RuleSet, profiles: Any, **more: Any) -> None:
        super().__init__(catalogue, rule_set, profiles, **more)
        self.decisions: list[Decision] = []
        self.fraud_at: dict[str, datetime] = {}

    async def decide(
        self, events: Sequence[Event], ids: Sequence[str], **more: Any
    ) -> list[Decision]:
        """As `Engine.decide`."""
        decisions = await super().decide(events, ids, **more)
        self.decisions += decisions
        return decisions

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """As `Engine.label`."""
        await super().label(event, fraud=fraud, at=at)
        if fraud:
            self.fraud_at.setdefault(event.id, at)


async def trained_on(
    world: World, payments: int, *, warm_days: int, note: Callable[[str], None]
) -> Pair:
    """A fraud model and an anomaly model of what the shipped rules decided in `world`. Raises
    Refused("history_short") where it has too few frauds."""
    engine = Recording(CATALOGUE, default_rule_set(), Profiles(CATALOGUE), graph=LinkGraph())
    note(f"an economy to learn from: {payments} payments")
    await Trial(world, engine, warm_days).run(payments)
    gathered = Gathered(usable(CATALOGUE.facts, [fact.name for fact in CATALOGUE.facts]))
    for decision in engine.decisions:
        event = decision.event
        gathered.add(event.at, CATALOGUE.facts, decision.facts, engine.fraud_at.get(event.id))
    cutoff = (engine.decisions[-1].event.at - EPOCH) // MICROSECOND
    parts = divide(gathered.sample(), cutoff=cutoff, delay_days=DELAY_DAYS)
    plan = Plan("simulated")
    return train_fraud(parts, plan, {}, note), train_anomaly(parts, plan)
