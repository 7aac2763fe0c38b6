"""The client against the real application, and the example as a reader runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.house.house_source import ROOT
from tests.journey.conftest import House

from anfu.client.asynchronous import AsyncClient
from anfu.client.call import Credentials, Settings
from anfu.client.guard import Stopped, guard_async
from anfu.client.problems import Problem
from anfu.client.wishes import Behaviour, Label, Payment, Place
from anfu.entrypoints.api.application import application
from anfu.simulation.processes import Stack, development_environment

PHONE = Place(device="phone-1", address="203.0.113.7", latitude=31.2, longitude=121.5)


def payment(number: int, amount: int = 1250) -> Payment:
    return Payment(event=f"o-{number}", payer="ann", payee="shop", amount=amount, currency="CNY",
                   method="card", card="tok", mcc="5814", payee_kind="MERCHANT", terminal="till",
                   promotion="spring", environment=PHONE)  # fmt: skip


@pytest.fixture
async def client(house: House) -> AsyncIterator[AsyncClient]:
    caller = await house.client()
    transport = httpx.ASGITransport(application(house.desk))
    settings = Settings(clock=lambda: house.clock.now().timestamp())
    credentials = Credentials(caller.key, caller.secret)
    async with AsyncClient(
        "http://anfu", credentials, settings=settings, transport=transport
    ) as opened:
        yield opened


async def test_every_call_is_understood(house: House, client: AsyncClient) -> None:
    one = await client.decide(payment(1), deadline_ms=10_000, key="k")
    assert (one.outcome, one.event, one.degraded, one.dry_run) == ("ALLOW", "o-1", (), False)
    async with house.untouched():
        assert await client.decide(payment(1), deadline_ms=10_000, key="k") == one
        tried = await client.decide(payment(2), dry_run=True)
    assert (tried.id, tried.dry_run) == (None, True)
    many = await client.decide_all([payment(n) for n in range(2, 10)])
    assert [d.event for d in many] == [f"o-{n}" for n in range(2, 10)]
    assert many[-1].id is not None
    last = await client.decision(many[-1].id)
    assert last.reasons[0] == "VELOCITY_COUNT"
    assert tuple(r.code for r in last.reason_texts) == last.reasons
    assert (last.facts["mcc"], last.facts["terminal"], last.facts["latitude"]) == (
        "5814", "till", 31.2,
    )  # fmt: skip
    seen = await client.observe(
        Behaviour(event="e-1", kind="LOGIN", payer="ann", environment=PHONE),
        Behaviour(event="e-2", kind="PAGE", payer="ann", duration_ms=900),
    )
    assert [(s.event, s.kind) for s in seen] == [("e-1", "LOGIN"), ("e-2", "PAGE")]
    said = await client.label(
        Label(decision=one.id, label="FRAUD", source="dispute"),
        Label(decision=one.id, label="HONEST", source="case"),
    )
    assert [(s.payment, s.label) for s in said] == [("o-1", "FRAUD"), ("o-1", "HONEST")]


async def test_a_problem_is_an_exception_with_its_document(
    house: House, client: AsyncClient
) -> None:
    async with house.untouched():
        with pytest.raises(Problem) as no:
            await client.label(Label(decision="dec_x", label="FRAUD", source="s"))
    assert (no.value.code, no.value.status) == ("decision_not_found", 404)
    assert no.value.document.field == "decision"


async def test_a_guarded_function_stops_where_the_rules_do(client: AsyncClient) -> None:
    paid: list[int] = []

    async def describe_and_pay(number: int) -> None:
        paid.append(number)

    pay = guard_async(client, payment, deadline_ms=10_000, within_s=10.0)(describe_and_pay)
    for number in range(7):
        await pay(number)
    with pytest.raises(Stopped) as stopped:
        await pay(7)
    assert stopped.value.decision is not None
    assert stopped.value.decision.outcome == "CHALLENGE"
    assert paid == list(range(7))


@pytest.fixture
def stack(home: Path) -> Iterator[Stack]:
    with Stack(home.parent / "anfu", development_environment(os.environ)) as started:
        started.home.mkdir(mode=0o711)
        yield started


@pytest.mark.timeout(180)
async def test_the_example_runs_as_it_is_written(stack: Stack, tmp_path: Path) -> None:
    stack.start_api()
    await stack.ready()
    made = _run(stack, "-c", "from anfu.app.main import main; main()", "keys", "create",
                "--label", "switch")  # fmt: skip
    key = tmp_path / "key.json"
    key.write_text(made, "utf-8")
    assert json.loads(made)["id"].startswith("key_")
    example = str(ROOT / "docs/examples/guard_payment.py")
    lines = _run(stack, example, stack.base_url, str(key)).splitlines()
    assert lines[:7] == [f"order-{n}: paid 12.50" for n in range(1, 8)]
    wanted = "CHALLENGE: Too many payments within ten minutes."
    assert [line.startswith(f"order-{n}: {wanted}") for n, line in enumerate(lines[7:], 8)] == [
        True,
        True,
    ]


def _run(stack: Stack, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=dict(stack.environment),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
