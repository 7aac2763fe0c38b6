"""The OpenAPI document is true: whatever fits it or does not, the answer is one it declares.

Schemathesis makes the requests out of the document; each is signed when it is final and goes to
the whole application on a real database. Names of things that are there stand in for most of the
names it draws, since what it draws is never there. Not asked of it: that every well-formed wish is
granted (a payer may not exist), and authentication (test_keys.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi import checks
from starlette.types import ASGIApp
from tests.conftest import TEMPLATE, _administer
from tests.journey.conftest import House, open_house
from tests.journey.firm_town import OWNERSHIP
from tests.journey.licence import FORM as MERCHANT
from tests.journey.test_keys import APPLICATION, FIRM
from tests.journey.test_mandates import proposed

from anfu.entrypoints.api.application import application, operations
from anfu.entrypoints.api.openapi import describe
from anfu.entrypoints.worker.rounds import seal_evidence
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.parties.signature import SignedRequest, sign_request, signing_key
from anfu.payments.tools import Policy
from anfu.storage.database import open_database
from anfu.storage.embedded import EmbeddedServer

# `make test` draws some requests for each operation; `make openapi` draws more, and puts every
# value that a schema names into a request of its own.
WHOLE = os.environ.get("OPENAPI") == "whole"
EXAMPLES = 120 if WHOLE else 30
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
SCHEMA = schemathesis.openapi.from_dict(
    describe(operations(development_mode=True), "test"),
    config=schemathesis.Config.from_dict(
        {
            "generation": {"deterministic": True, "with-security-parameters": False},
            "phases": {"coverage": {"enabled": WHOLE}},
            "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
        }
    ),
)
CHECKS = [
    schemathesis.checks.not_a_server_error, checks.status_code_conformance,
    checks.content_type_conformance, checks.response_headers_conformance,
    checks.response_schema_conformance, checks.negative_data_rejection,
    checks.missing_required_header, checks.unsupported_method, checks.allow_header_conformance,
]  # fmt: skip


@dataclass
class World:
    """A house with one of everything, on a loop of its own."""

    runner: asyncio.Runner
    house: House
    app: ASGIApp
    names: dict[str, str]
    count: int = 0
    answers: dict[str, set[int]] = field(default_factory=dict)

    def send(self, request: requests.PreparedRequest) -> httpx.Response:
        return self.runner.run(self._send(request))

    async def _send(self, request: requests.PreparedRequest) -> httpx.Response:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        method, target = str(request.method), request.path_url
        headers = {k: _text(v) for k, v in request.headers.items()}
        once = next((v for k, v in headers.items() if k.lower() == "idempotency-key"), None)
        signed = SignedRequest(method, target, once, content)
        office, now = self.house.office, self.house.clock.now()
        headers |= {
            "Anfu-Key": office.key,
            "Anfu-Signature": sign_request(signing_key(office.secret), request=signed, now=now),
        }
        return await call(self.app, method, target, headers, content)


async def call(
    app: ASGIApp, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> httpx.Response:
    """A request as a server hands it over, byte for byte."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "http_version": "1.1",
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    request = httpx.Request(method, "http://anfu" + path, content=body)
    content = b"".join(message.get("body", b"") for message in sent[1:])
    response = httpx.Response(
        sent[0]["status"], headers=sent[0]["headers"], content=content, request=request
    )
    response.elapsed = datetime.now(UTC) - datetime.now(UTC)
    return response


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


@pytest.fixture(scope="module")
def world(server: EmbeddedServer) -> Iterator[World]:
    name = "test_openapi"
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        runner.run(_administer(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
        yield runner.run(_open(runner, stack, server.place.url(name)))
        runner.run(stack.aclose())
        runner.run(_administer(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _open(runner: asyncio.Runner, stack: AsyncExitStack, url: str) -> World:
    database = await open_database(url)
    stack.push_async_callback(database.close)
    clock = ManualClock(datetime(2026, 11, 23, 4, 0, tzinfo=UTC))
    house = await stack.enter_async_context(
        open_house(database, clock=clock, entropy=SeededEntropy(7), policy=Policy(development=True))
    )
    office = house.office
    payee, payer = await office.merchant(), await office.customer(deposit=300_000)
    mandate = await proposed(house, payer, payee)
    endpoint = await office.post(
        "/v1/webhook_endpoints", {"url": "https://shop.example/", "merchant": payee}
    )
    payment = await office.pay(payer, payee, 100_000)
    refund = await office.post("/v1/refunds", {"payment": payment["id"], "amount": 1})
    await seal_evidence(house.tools, clock, house.signer)
    rule = {"id": "drawn", "condition": "amount = 7", "grade": "LOW", "points": 1,
            "reason": "DRAWN", "en": "Drawn", "zh": "抽取"}  # fmt: skip
    assert (await office.post("/v1/rules", rule)).status_code == 201
    proposal = (await office.post("/v1/rules/drawn/shadow", {"why": "to see"})).json()
    factor = await office.post(f"/v1/customers/{payer}/factors", {"kind": "totp", "label": "app"})
    onboarding = await office.post("/v1/onboardings", APPLICATION)
    firm = (await office.post("/v1/firms", FIRM)).json()["id"]
    declared = await office.post(f"/v1/firms/{firm}/ownerships", OWNERSHIP)
    session = await office.post("/v1/device-sessions", {"payer": payer})
    merchant = await office.post("/v1/merchant-applications", MERCHANT)
    version = house.tools.engine.rule_set.version
    deliveries = (await office.get("/v1/deliveries")).json()["data"]
    events = (await office.get("/v1/events")).json()["data"]
    names = {
        "payment": payment["id"], "refund": refund.json()["id"], "customer": payer,
        "payer": payer, "payee": payee, "merchant": payee, "party": payee, "currency": "CNY",
        "account": f"{payee}:balance:CNY",
        "decision": payment["decision"], "event": events[0]["id"],
        "endpoint": endpoint.json()["id"], "delivery": deliveries[0]["id"],
        "session": session.json()["id"], "firm": firm,
        "ownership": declared.json()["ownerships"][0]["id"],
        "onboarding": onboarding.json()["id"], "factor": factor.json()["id"], "mandate": mandate,
        "application": merchant.json()["id"],
        "subject": payment["id"], "rule": "drawn", "proposal": proposal["id"],
        "version": version, "other": version,
    }  # fmt: skip
    return World(runner, house, application(house.desk), names)


def _name(world: World, case: schemathesis.Case) -> None:
    """Put names of things that are there into three requests of four that fit the document."""
    world.count += 1
    if case.meta is None or not case.meta.generation.mode.is_positive or world.count % 4 == 0:
        return
    case.path_parameters = {k: world.names.get(k, v) for k, v in case.path_parameters.items()}
    if isinstance(case.body, dict):
        real = {k: v for k, v in world.names.items() if k in case.body and k != "event"}
        case.body = {**case.body, **real}
        if case.path == "/v1/payments":
            case.body["method"] = {"type": "balance"}
            case.body["factors"] = []


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_answer_is_declared(case: schemathesis.Case, world: World) -> None:
    _name(world, case)
    request = requests.Request(**case.as_transport_kwargs(base_url="http://anfu")).prepare()
    answer = world.send(request)
    world.answers.setdefault(case.operation.label, set()).add(answer.status_code)
    case.validate_response(answer, checks=CHECKS)
