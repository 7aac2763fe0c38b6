"""A model's life in a made-up economy, over HTTP: trained on what was decided, promoted by two
people, told of drift when a fraud nobody knew is invented, beaten by a challenger, replaced."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House
from tests.journey.test_models import moved, states

from anfu.channels.notices.target import read_targets
from anfu.entrypoints.cli.simulate_trial import plan_event
from anfu.entrypoints.worker.rounds import watch_models
from anfu.payments.tools import Policy
from anfu.risk.event import Event
from anfu.simulation.dice import dice
from anfu.simulation.frauds import Invention
from anfu.simulation.plan import FraudKind, Plan
from anfu.simulation.world import Size, make_world

# Midnight in Shanghai.
START = datetime(2026, 11, 23, 16, tzinfo=UTC)
DAY = timedelta(days=1)
DELAY = 3
TAUGHT, INVENTED = 26, 30
# What many transfers in a row to one new payee look like.
NEW = {"column:payer_count_10m", "column:payer_payee_count_24h"}


@pytest.fixture
def policy() -> Policy:
    """Payments and labels keep the time they have in the economy."""
    return Policy(development=True, accept_history=True)


class Economy:
    """Days of an economy whose payments another switch makes: decided in batches over HTTP, and
    told of when somebody has noticed, within three days."""

    def __init__(self, house: House) -> None:
        self.house, self.number = house, 0
        self.world = make_world(7, Size(150, mules=12, shells=2), start=START, attack=0.05)
        self.world = replace(
            self.world, invention=Invention(FraudKind.REMOTE_CONTROL, INVENTED, 0.15)
        )
        self.unsaid: list[tuple[datetime, str]] = []

    async def live(self, days: int) -> None:
        for _ in range(days):
            await self.day()

    async def day(self) -> None:
        plans = [act for act in self.world.acts(self.number) if isinstance(act, Plan)]
        self.number += 1
        self.house.clock.advance(START + self.number * DAY - self.house.clock.now())
        for at in range(0, len(plans), 128):
            await self.decide(plans[at : at + 128])
        await self.say()

    async def decide(self, plans: list[Plan]) -> None:
        wishes = [form(plan_event(plan, self.world)) for plan in plans]
        answer = await self.house.office.post("/v1/decisions/batch", {"decisions": wishes})
        assert answer.status_code == 201, answer.text
        for plan, told in zip(plans, answer.json()["data"], strict=True):
            if plan.fraud is not None:
                noticed = dice(7, "noticed", plan.key).uniform(0.2, DELAY - 0.2)
                self.unsaid.append((plan.at + noticed * DAY, told["id"]))

    async def say(self) -> None:
        now = self.house.clock.now()
        due = [(at, decision) for at, decision in self.unsaid if at <= now]
        self.unsaid = [one for one in self.unsaid if one[0] > now]
        words = [{"decision": decision, "label": "FRAUD", "source": "dispute",
                  "at": at.isoformat()} for at, decision in due]  # fmt: skip
        for at in range(0, len(words), 128):
            some = {"labels": words[at : at + 128]}
            assert (await self.house.office.post("/v1/labels/batch", some)).status_code == 201


def form(event: Event) -> dict[str, Any]:
    seen = event.environment
    wish = {
        "event": event.id, "payer": event.payer, "payee": event.payee, "amount": event.amount,
        "currency": event.currency, "method": event.method, "card": event.card,
        "phone": event.phone, "terminal": event.terminal, "payee_kind": event.payee_kind,
        "mcc": event.mcc, "promotion": event.promotion, "occurred_at": event.at.isoformat(),
        "environment": {"device": seen.device, "address": seen.address,
                        "latitude": seen.latitude, "longitude": seen.longitude},
    }  # fmt: skip
    return {name: value for name, value in wish.items() if value is not None}


async def trained(house: House, cli: CommandLine, folder: Path, days: int) -> str:
    """The id of the model `anfu train` made of the last days, brought over HTTP."""
    until = house.clock.now()
    arguments = ("--from", f"{until - days * DAY:%Y-%m-%dT%H:%M:%S}", "--delay-days", str(DELAY),
                 "--to", f"{until:%Y-%m-%dT%H:%M:%S}", "--out", str(folder))  # fmt: skip
    figures = (await cli.json("train", *arguments))["fraud"]["figures"]
    assert figures["ranking"]["average_precision"] > 0.5
    wish = {
        "declaration": json.loads((folder / "fraud.json").read_bytes()),
        "onnx": base64.b64encode((folder / "fraud.onnx").read_bytes()).decode(),
        "figures": json.loads((folder / "fraud.figures.json").read_bytes()),
        "reference": json.loads((folder / "fraud.reference.json").read_bytes()),
    }
    answer = await house.office.post("/v1/models", msgspec.json.encode(wish))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def alerts(house: House, model: str) -> list[set[str]]:
    """What each drift of a model named, the newest first."""
    drifts = (await house.office.get(f"/v1/models/{model}/drifts")).json()["data"]
    return [set(drift["alerts"]) for drift in drifts]


async def evidence(house: House, subject: str) -> list[dict[str, Any]]:
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", subject
        )
    return [json.loads(row["body"])["body"] for row in rows]


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_model_is_promoted_drifts_is_beaten_and_replaced(
    house: House, database_url: str, tmp_path: Path
) -> None:
    cli, second, economy = CommandLine(database_url, tmp_path), await house.client(), Economy(house)
    await economy.live(TAUGHT)
    first = await trained(house, cli, tmp_path / "first", TAUGHT)
    await moved(house, house.office, second, first, "CHAMPION")
    await economy.live(INVENTED - TAUGHT)
    await watch_models(house.tools, house.clock)
    known = await alerts(house, first)
    assert all(not NEW & named for named in known)

    await economy.live(12)
    assert await told_to_staff(house) == 1
    [drift, *before] = await alerts(house, first)
    assert before == known
    assert drift >= NEW
    better = await trained(house, cli, tmp_path / "better", economy.number)
    async with house.untouched():
        early = await house.office.post(f"/v1/models/{better}/moves", {"to": "CHAMPION"})
        assert early.json()["code"] == "model_unproven"
    await moved(house, house.office, second, better, "CHALLENGER")
    await economy.live(9)
    compared = await house.office.get(f"/v1/models/{better}/comparison", label_delay_days=DELAY)
    found = compared.json()["result"]
    assert found["champion"] == first
    assert found["comparison"]["better"]
    assert found["comparison"]["auc_difference"]["low"] > 0
    proposal = await moved(house, house.office, second, better, "CHAMPION")
    papers = (await house.office.get(f"/v1/proposals/{proposal}")).json()["papers"]
    assert [paper["kind"] for paper in papers] == ["COMPARISON", "FIGURES"]
    await moved(house, house.office, second, first, "RETIRED")
    assert await states(house) == {first: "RETIRED", better: "CHAMPION"}
    moves = {model: [leaf["state"] for leaf in await evidence(house, model)]
             for model in (first, better)}  # fmt: skip
    assert moves == {
        first: ["CANDIDATE", "CHAMPION", "CHALLENGER", "RETIRED"],
        better: ["CANDIDATE", "CHALLENGER", "CHAMPION"],
    }
    replayed = await cli.json("decisions", "replay", "--last", "300")
    assert replayed == {"replayed": 300, "same": 300, "different": []}


async def told_to_staff(house: House) -> int:
    """How many lines the drifts of one look are told on: those of the models' keepers."""
    ring = house.tools.sealer.ring
    lines = "models=json://127.0.0.1:9/a cards=json://127.0.0.1:9/b"
    targets = read_targets(lines, lambda text: ring.blind_index("notice", text))
    await watch_models(replace(house.tools, notices=targets), house.clock)
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT d.endpoint_id, e.kind FROM storage.delivery d"
            " JOIN storage.event e ON e.id = d.event_id WHERE e.kind = 'model.drift'"
        )
    assert {row["endpoint_id"] for row in rows} <= {targets[0].id}
    return len(rows)
