"""The client against the real application, and the example as a reader runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace as struct_replace
from tests.house.house_source import ROOT
from tests.journey.conftest import House

from anfu.client.asynchronous import AsyncClient
from anfu.client.call import Credentials, KeyPair, Settings
from anfu.client.guard import Stopped, guard_async
from anfu.client.problems import Problem
from anfu.client.wishes import Behaviour, Label, Payment, Place
from anfu.entrypoints.api.application import application
from anfu.parties.apikey import SCOPES, IssuedKey, NewKey
from anfu.parties.keys.operations import create_key
from anfu.simulation.processes import Stack, development_environment
from anfu.storage.transaction import Tx

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


async def test_why_a_decision_is_read_is_kept(house: House, client: AsyncClient) -> None:
    payer = await house.office.customer()
    decision = await client.decide(struct_replace(payment(1), payer=payer))
    assert decision.id is not None
    for reason in (None, "案件 cas_1/核实 100%"):
        house.clock.advance(timedelta(seconds=1))
        assert (await client.decision(decision.id, reason=reason)).event == "o-1"
    log = (await house.office.get("/v1/access-log", subject=payer)).json()["data"]
    assert [(row["operation"], row["why"]) for row in log] == [
        ("get_decision", "案件 cas_1/核实 100%"), ("get_decision", None),
    ]  # fmt: skip
    async with house.untouched():
        with pytest.raises(Problem) as no:
            await client.decision(decision.id, reason="x" * 201)
    assert (no.value.code, no.value.document.field) == ("reason_invalid", "Anfu-Reason")


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


class Losing(httpx.AsyncBaseTransport):
    """A line to the application that loses so many answers; `sent` is what went out."""

    def __init__(self, house: House, lost: int = 0) -> None:
        self._inner = httpx.ASGITransport(application(house.desk))
        self._lost = lost
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        if len(self.sent) <= self._lost:
            raise httpx.ReadTimeout("lost")
        return answer


def client_of(house: House, how: Credentials | KeyPair, line: Losing) -> AsyncClient:
    settings = Settings(clock=lambda: house.clock.now().timestamp())
    return AsyncClient("http://anfu", how, settings=settings, transport=line)


async def issue(house: House, order: NewKey) -> IssuedKey:
    async def work(tx: Tx) -> IssuedKey:
        return await create_key(
            tx, order=order, by=None, sealer=house.tools.sealer, now=house.clock.now()
        )

    return await house.database.run(work)


async def strict(house: House) -> tuple[Credentials, Credentials | KeyPair]:
    """A key that asks for nonces, as it must not be used and as it must."""
    made = await issue(house, NewKey("once", SCOPES, None, nonces=True))
    plain = Credentials(made.key.id, made.secret)
    return plain, replace(plain, nonces=True)


async def paired(house: House) -> tuple[KeyPair, KeyPair]:
    """A key of a key pair: with another private key, and with its own."""
    right, wrong = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6))
    public = urlsafe_b64encode(right.public_key().public_bytes_raw()).rstrip(b"=").decode()
    made = await issue(house, NewKey("pair", SCOPES, None, public_key=public))
    assert made.secret == ""
    return KeyPair(made.key.id, wrong.sign), KeyPair(made.key.id, right.sign)


async def test_a_key_that_asks_for_nonces_is_signed_with_one_each_time(house: House) -> None:
    plain, right = await strict(house)
    line = Losing(house)
    async with client_of(house, right, line) as client:
        decision = await client.decide(payment(1), key="k")
        assert decision.id is not None
        assert (await client.decision(decision.id)).event == "o-1"
    assert [request.method for request in line.sent] == ["POST", "GET"]
    assert all(",v2=" in request.headers["anfu-signature"] for request in line.sent)
    assert "authorization" not in line.sent[1].headers
    async with client_of(house, plain, line) as client, house.untouched():
        for refused in (client.decide(payment(2)), client.decision(decision.id)):
            with pytest.raises(Problem) as no:
                await refused
            assert (no.value.code, no.value.status) == ("nonce_required", 401)


async def test_a_key_pair_signs_and_no_other_private_key_does(house: House) -> None:
    wrong, right = await paired(house)
    async with client_of(house, wrong, Losing(house)) as client, house.untouched():
        for refused in (client.decide(payment(1)), client.decision("dec_x")):
            with pytest.raises(Problem) as no:
                await refused
            assert (no.value.code, no.value.status) == ("signature_invalid", 401)
    async with client_of(house, right, Losing(house)) as client:
        decision = await client.decide(payment(1))
        assert decision.id is not None
        assert (await client.decision(decision.id)).event == "o-1"


@pytest.mark.parametrize("proof", [strict, paired])
async def test_a_call_whose_answer_was_lost_is_signed_anew_and_done_once(
    house: House, proof: Callable[[House], Awaitable[tuple[object, Credentials | KeyPair]]]
) -> None:
    _, right = await proof(house)
    line = Losing(house, lost=2)
    async with client_of(house, right, line) as client:
        assert (await client.decide(payment(1))).event == "o-1"
    assert await house.count("risk.decision") == 1
    assert len({request.headers["idempotency-key"] for request in line.sent}) == 1
    nonces = {request.headers["anfu-signature"].split(",")[1] for request in line.sent}
    assert len(nonces) == len(line.sent) == 3
    captured = line.sent[0]
    async with house.untouched():
        answer = await house.http.post(
            captured.url.path, content=captured.content, headers=dict(captured.headers)
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_replayed")


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
