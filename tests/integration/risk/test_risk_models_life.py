"""A model is trained on history, promoted, told of drift when a new fraud comes, beaten, replaced.

The stream is seeded: honest payers with small habits; frauds that are large and far from home, and
from a certain day on another kind, many small payments in a row, which the first model never saw.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

import pytest

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.lab.train import Wanted, read_decisions
from anfu.lab.training.fitting import Plan, Trained, train_anomaly, train_fraud
from anfu.lab.training.sample import divide
from anfu.lab.watch import Watching, watch
from anfu.risk import operations as risk
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.label import Label, Truth
from anfu.risk.models.explain import Explainer
from anfu.risk.models.follow import follow
from anfu.risk.models.model import State
from anfu.risk.models.promote import Move, carry_out, propose_move, weigh
from anfu.risk.models.queries import list_drifts, list_models
from anfu.risk.models.register import Offer, register
from anfu.risk.models.rescoring import rescored
from anfu.risk.models.serving import Serving
from anfu.risk.profiles import Profiles
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import State as Ruling
from anfu.risk.proposals.queries import list_papers
from anfu.risk.queries import replay
from anfu.risk.rules import Grade, Rule, Thresholds, make_rule_set
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

DAY = timedelta(days=1)
DELAY = 3
# What many small payments in a row look like.
NEW_FRAUD = {"column:payer_count_10m", "column:card_tiny_count_1h"}
RULES = make_rule_set(
    [Rule("model", "model_grade >= 1", Grade.MIDDLE, 0, "MODEL", "the model warns", "模型预警")],
    Thresholds(100, 200, 300),
)


class World:
    """Days of payments through the real engine, recorded and labelled three days late at most."""

    def __init__(self, database: Database, clock: ManualClock, entropy: SeededEntropy) -> None:
        self.database, self.clock, self.entropy = database, clock, entropy
        self.serving = Serving(CATALOGUE)
        self.engine = Engine(CATALOGUE, RULES, Profiles(CATALOGUE), models=self.serving)
        self.source = random.Random(11)
        self.count = 0

    async def day(self, *, new_fraud: bool = False) -> list[str]:
        """One day; the ids of the decisions."""
        start = self.clock.now()
        made = [self.honest(start) for _ in range(220)]
        made += [self.large(start) for _ in range(6)]
        if new_fraud:
            made += [event for burst in range(4) for event in self.burst(start, burst)]
        made.sort(key=lambda pair: pair[0].at)
        events = [event for event, _ in made]
        ids = [new_id("dec", now=e.at, entropy=self.entropy) for e in events]
        decisions = await self.engine.decide(events, ids)
        labels = []
        for (event, fraud), decision in zip(made, ids, strict=True):
            if fraud:
                said = event.at + self.source.uniform(0.5, 2.5) * DAY
                labels.append(Label(event.id, Truth.FRAUD, said, "dispute", decision, said))

        async def work(tx: Tx) -> None:
            await risk.publish(tx, catalogue=CATALOGUE, rule_set=RULES)
            await risk.record(tx, decisions=decisions)
            await risk.put_labels(tx, labels=labels)

        await self.database.run(work)
        self.clock.advance(DAY)
        return ids

    def honest(self, start: datetime) -> tuple[Event, bool]:
        payer = self.source.randrange(60)
        amount = int(self.source.lognormvariate(8, 0.5))
        return self.event(start, payer, amount, home=True), False

    def large(self, start: datetime) -> tuple[Event, bool]:
        payer = self.source.randrange(60)
        amount = int(self.source.lognormvariate(10.5, 0.5))
        return self.event(start, payer, amount, home=False), True

    def burst(self, start: datetime, number: int) -> list[tuple[Event, bool]]:
        payer, at = 100 + number, start + self.source.uniform(0, 0.9) * DAY
        return [
            (self.event(at + timedelta(seconds=20 * i), payer, 400 + i, home=True, exact=True),
             True) for i in range(25)
        ]  # fmt: skip

    def event(
        self, start: datetime, payer: int, amount: int, *, home: bool, exact: bool = False
    ) -> Event:
        self.count += 1
        at = start if exact else start + self.source.uniform(0, 0.95) * DAY
        place = (31.2 + payer / 100, 121.5) if home else (45.8, 126.5)
        seen = Environment(f"dvc_{payer}" if home else "dvc_x", f"ip_{payer}", *place)
        return Event(f"pay_{self.count}", f"cus_{payer}", f"mer_{payer % 9}", amount, "CNY", "CARD",
                     f"tok_{payer}", at, seen)  # fmt: skip

    async def train(self, seed: int, *, days: int) -> list[Trained]:
        now = self.clock.now()
        sample, reasons = await read_decisions(
            self.database, Wanted(now - days * DAY, now, now), CATALOGUE.facts
        )
        parts = divide(sample, cutoff=(now - EPOCH) // MICROSECOND, delay_days=DELAY)
        plan = Plan(seed=seed, families=("boosting",))
        return [train_fraud(parts, plan, reasons), train_anomaly(parts, plan)]

    async def keep(self, trained: Trained) -> str:
        papers = {"FIGURES": canonical_bytes(trained.figures),
                  "REFERENCE": canonical_bytes(trained.reference.document())}  # fmt: skip
        offer = Offer(trained.declaration, trained.onnx, "key_author", papers)
        model = await self.database.run(lambda tx: register(tx, offer=offer, now=self.clock.now()))
        return model.id

    async def move(self, model: str, to: State) -> dict[str, object] | None:
        """Proposed by one, approved by another; the comparison that was attached."""
        now = self.clock.now()
        wish = Move(model, to, "key_author", timedelta(days=DELAY))
        weighed = await weigh(self.database, wish, now=now) if to is State.CHAMPION else None

        async def work(tx: Tx) -> dict[str, object] | None:
            made = await propose_move(tx, move=wish, weighed=weighed, entropy=self.entropy, now=now)
            agreed = await proposals.decide(
                tx, proposal=made.id, state=Ruling.APPROVED, by="key_second", now=now
            )
            await carry_out(tx, agreed, now)
            papers = {p.kind: json.loads(p.body) for p in await list_papers(tx, made.id)}
            return papers.get("COMPARISON")

        attached = await self.database.run(work)
        assert await follow(self.database, self.serving)
        return attached


async def alerts_of(database: Database, model: str) -> list[str]:
    """What the last drift of a model named."""
    async with database.transaction(readonly=True) as tx:
        found = await list_drifts(tx, model)
    return list(json.loads(found[0]["body"])["alerts"]) if found else []


@pytest.mark.timeout(300)
async def test_a_model_is_promoted_drifts_is_beaten_and_replaced(
    database: Database, clock: ManualClock, entropy: SeededEntropy
) -> None:
    world = World(database, clock, entropy)
    for _ in range(22):
        await world.day()
    fraud, anomaly = await world.train(seed=1, days=22)
    assert fraud.figures["ranking"]["average_precision"] > 0.9
    first, strange = await world.keep(fraud), await world.keep(anomaly)
    for model in (first, strange):
        assert await world.move(model, State.CHAMPION) is None
    assert world.serving.in_force == (first, strange)

    for _ in range(4):
        await world.day()
    watching = Watching(window=4 * DAY)
    await watch(database, watching, entropy=entropy, now=clock.now())
    # The world is four weeks old and small: ages and weekly figures still grow in it.
    assert not NEW_FRAUD & set(await alerts_of(database, first))

    ids: list[str] = []
    for _ in range(14):  # a new fraud
        ids += await world.day(new_fraud=True)
    alerts = await watch(database, watching, entropy=entropy, now=clock.now())
    assert len(alerts) == 2
    assert await watch(database, watching, entropy=entropy, now=clock.now()) == []  # once
    assert set(await alerts_of(database, first)) >= NEW_FRAUD
    async with database.transaction(readonly=True) as tx:
        rows = await tx.fetch("SELECT kind, object_id FROM storage.event ORDER BY id DESC LIMIT 2")
    assert {(row["kind"], row["object_id"]) for row in rows} == {
        ("model.drift", alert) for alert in alerts
    }

    better = await world.keep((await world.train(seed=2, days=16))[0])
    assert await world.move(better, State.CHALLENGER) is None
    for _ in range(6):
        ids = await world.day(new_fraud=True)
    weighed = await world.move(better, State.CHAMPION)
    assert weighed is not None
    found = weighed["comparison"]
    assert isinstance(found, dict)
    assert found["better"]
    assert found["auc_difference"]["low"] > 0
    async with database.transaction(readonly=True) as tx:
        states = {m.id: m.state for m in await list_models(tx)}
    assert states == {first: State.CHALLENGER, better: State.CHAMPION, strange: State.CHAMPION}
    await check_replayed_and_explained(world, ids[-20:], [first, strange])


async def check_replayed_and_explained(world: World, ids: list[str], models: list[str]) -> None:
    """The scores of these decisions come out again; `models` explain the last of them."""
    scorers = {scorer.id: scorer for scorer in world.serving.force.scorers}
    async with world.database.transaction(readonly=True) as tx:
        again = [await replay(tx, name) for name in ids]
    assert all(rescored(one, CATALOGUE.facts, scorers).same for one in again)
    told = await Explainer(world.database).explain(ids[-1], now=world.clock.now())
    assert [one["model"] for one in told] == models
