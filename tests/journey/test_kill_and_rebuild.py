"""Kill -9 in the middle of the stream: every decision after the restart is made from the facts
of a run that nothing disturbed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from anfu.kernel.clock import SystemClock
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.simulation.client import Client, Credentials, Patience
from anfu.simulation.processes import API, Stack, development_environment

START = datetime(2026, 10, 1, tzinfo=UTC)
STEPS, KILLS = 420, (150, 151, 300)
FINDINGS = len(CATALOGUE.findings)


def step(number: int) -> tuple[str, dict[str, Any]]:
    """What is told at a step: (path, body). Seven payers, who pay, log in and are disputed."""
    thrown = random.Random(f"step {number}")
    # The same instant several times, so that the order of learning shows.
    at = (START + timedelta(minutes=17 * (number // 3))).isoformat()
    place = {"device": f"d-{thrown.randrange(12)}", "address": f"10.0.0.{thrown.randrange(5)}",
             "latitude": 31 + thrown.random(), "longitude": 121.5}  # fmt: skip
    payer = f"payer-{thrown.randrange(7)}"
    if number % 7 == 3:
        kind = thrown.choice(["LOGIN", "LOGIN_FAILED", "PASSWORD_CHANGE", "DEVICE_BIND"])
        return "/v1/events", {"event": f"e-{number}", "kind": kind, "payer": payer,
                              "environment": place, "occurred_at": at}  # fmt: skip
    return "/v1/decisions", {
        "event": f"o-{number}", "payer": payer, "payee": f"shop-{thrown.randrange(9)}",
        "amount": thrown.randrange(100, 90_000), "currency": "CNY", "method": "card",
        "card": f"card-{thrown.randrange(15)}", "terminal": f"till-{thrown.randrange(6)}",
        "mcc": "5814", "environment": place, "occurred_at": at,
    }  # fmt: skip


def event_of(body: dict[str, Any]) -> Event:
    seen = Environment(**body["environment"])
    return Event(
        id=body["event"], payer=body["payer"], payee=body.get("payee", ""),
        amount=body.get("amount", 0), currency=body.get("currency", ""),
        method=body.get("method", ""), card=body.get("card"),
        at=datetime.fromisoformat(body["occurred_at"]), environment=seen,
        kind=Kind(body.get("kind", "PAYMENT")), terminal=body.get("terminal"),
        mcc=body.get("mcc"),
    )  # fmt: skip


async def undisturbed() -> list[list[Any]]:
    """Inputs and features of each decision, of an engine that heard everything and never died."""
    engine = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE))
    facts = []
    for number in range(STEPS):
        path, body = step(number)
        event = event_of(body)
        if path == "/v1/events":
            await engine.observe([event])
            continue
        (decision,) = await engine.decide([event], [""])
        facts.append(list(decision.facts[:-FINDINGS]))
        if number % 5 == 0:
            await engine.label(event, fraud=number % 2 == 0, at=event.at + timedelta(hours=2))
    return facts


@pytest.fixture
def stack(home: Path) -> Iterator[Stack]:
    with Stack(home.parent / "anfu", development_environment(os.environ)) as started:
        started.home.mkdir(mode=0o711)
        yield started


@pytest.mark.timeout(300)
async def test_features_after_a_kill_are_those_of_an_undisturbed_run(stack: Stack) -> None:
    stack.start_api()
    await stack.ready()
    client = Client(stack.base_url, issue_key(stack), clock=SystemClock(),
                    patience=Patience(answer_s=5.0, whole_s=60.0))  # fmt: skip
    try:
        decided = [await tell(stack, client, number) for number in range(STEPS)]
        ids = [id_ for id_ in decided if id_ is not None]
        documents = [(await client.get(f"/v1/decisions/{id_}")).body for id_ in ids]
    finally:
        client.close()
    names = [f.name for f in CATALOGUE.facts[:-FINDINGS]]
    found = [[document["facts"][name] for name in names] for document in documents]
    wanted = await undisturbed()
    assert len(found) == len(wanted) == 360
    for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
        differences = {n: (a, b) for n, a, b in zip(names, one, other, strict=True) if a != b}
        assert differences == {}, number


async def tell(stack: Stack, client: Client, number: int) -> str | None:
    """Tell a step, killing the API under it where it is its turn; the decision that was made."""
    path, body = step(number)
    asked = asyncio.create_task(client.post(path, body, key=f"k-{number}"))
    if number in KILLS:
        await asyncio.sleep(0.001 * (number % 4))
        stack.kill(API)
        stack.start_api()
        with suppress(Exception):
            await stack.ready()
    reply = await asked
    assert reply.good, reply
    if path == "/v1/events":
        return None
    decision = str(reply.body["id"])
    if number % 5 == 0:
        at = (datetime.fromisoformat(body["occurred_at"]) + timedelta(hours=2)).isoformat()
        label = {"decision": decision, "label": "HONEST" if number % 2 else "FRAUD", "at": at}
        said = await client.post("/v1/labels", label, key=f"l-{number}")
        assert said.good, said
    return decision


def issue_key(stack: Stack) -> Credentials:
    """A key, by the command an operator uses."""
    made = subprocess.run(
        [sys.executable, "-c", "from anfu.app.main import main; main()",
         "keys", "create", "--label", "test"],
        env=dict(stack.environment), capture_output=True, check=True,
    )  # fmt: skip
    key = json.loads(made.stdout)
    return Credentials(key["id"], key["secret"])
