"""A house and the registries around it: what onboarding is tested against."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House

from anfu.channels.registries.client import HttpRegistry
from anfu.channels.registries.simulator import RegistrySimulator
from anfu.channels.sandbox.messages import Identity
from anfu.channels.signed import SignedLine
from anfu.kernel.ids import SeededEntropy
from anfu.parties.identity.verification import Kind

C, B, M, R, F = (Kind.CITIZEN_REGISTRY, Kind.BANK_CARD, Kind.MOBILE_OPERATOR, Kind.CREDIT_BUREAU,
                 Kind.FACE)  # fmt: skip
NUMBER, PHONE, CARD = "11010519491231002X", "13800138000", "6222020200112233446"
UNTIL = "2027-11-23"
RECORD = {"name": "张小明", "document_number": NUMBER, "phone": PHONE, "card": CARD,
          "capture": "cap_1", "document_until": UNTIL}  # fmt: skip
APPLICATION = {"name": "张小明", "phone": PHONE, "document_until": UNTIL,
               "document": {"type": "CITIZEN_ID", "number": NUMBER}}  # fmt: skip
WORDS = {"separate": True, "text_version": "2026-11", "text_sha256": "0a" * 32}
WISHES: dict[Kind, dict[str, Any]] = {
    Kind.CITIZEN_REGISTRY: {},
    Kind.BANK_CARD: {"card": CARD},
    Kind.MOBILE_OPERATOR: {},
    Kind.CREDIT_BUREAU: {},
    Kind.FACE: {"capture": "cap_1"},
}


class Cable(httpx.AsyncBaseTransport):
    """The line to a registry. `after` is raised instead of handing over the answer: a process
    killed there."""

    def __init__(self, simulator: RegistrySimulator) -> None:
        self._inner = httpx.ASGITransport(simulator.app)
        self.after: BaseException | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if self.after is not None:
            raise self.after
        return answer


@dataclass
class Town:
    """A house and the registries around it."""

    house: House
    registries: dict[Kind, RegistrySimulator]
    cables: dict[Kind, Cable]
    rogue: Identity

    async def apply(self, *consents: str) -> str:
        answer = await self.house.office.post("/v1/onboardings", APPLICATION)
        assert (answer.status_code, answer.json()["state"]) == (201, "APPLIED"), answer.text
        onboarding = str(answer.json()["id"])
        for purpose in consents or ("BIOMETRICS", "CREDIT_INQUIRY"):
            given = await self.say(onboarding, purpose, "GIVEN", **WORDS)
            assert given.status_code == 201, given.text
        return onboarding

    async def say(self, onboarding: str, purpose: str, act: str, **more: Any) -> httpx.Response:
        word = {"purpose": purpose, "act": act, **more}
        return await self.house.office.post(f"/v1/onboardings/{onboarding}/consents", word)

    async def ask(self, onboarding: str, kind: Kind, **more: Any) -> httpx.Response:
        wish = {"kind": kind.value, **WISHES[kind], **more}
        return await self.house.office.post(f"/v1/onboardings/{onboarding}/verifications", wish)

    async def earn(self, onboarding: str, *kinds: Kind) -> dict[str, Any]:
        for kind in kinds:
            answer = await self.ask(onboarding, kind)
            assert answer.status_code == 201, answer.text
        return await self.read(onboarding)

    async def read(self, onboarding: str) -> dict[str, Any]:
        return dict((await self.house.office.get(f"/v1/onboardings/{onboarding}")).json())

    async def deposit(self, customer: str, amount: int) -> None:
        wish = {"party": customer, "amount": amount, "currency": "CNY"}
        assert (await self.house.office.post("/v1/deposits", wish)).status_code == 201


@pytest.fixture
async def town(house: House) -> AsyncIterator[Town]:
    ours, theirs, other = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6, 7))
    member = Identity("anfu", ours, "registry", theirs.public_key())
    peer = Identity("registry", theirs, "anfu", ours.public_key())
    registries: dict[Kind, RegistrySimulator] = {}
    cables: dict[Kind, Cable] = {}
    lines: list[SignedLine] = []
    asked: dict[str, HttpRegistry] = {}
    for kind in Kind:
        made = RegistrySimulator(
            f"{kind.lower()}_firm", peer, clock=house.clock, entropy=SeededEntropy(11)
        )
        made.records[NUMBER], made.grades[CARD] = RECORD, "I"
        registries[kind], cables[kind] = made, Cable(made)
        line = SignedLine(
            "http://registry", member, clock=house.clock, entropy=house.tools.entropy,
            timeout_s=0.2, transport=cables[kind],
        )  # fmt: skip
        lines.append(line)
        asked[kind.value] = HttpRegistry(line)
    object.__setattr__(house.tools, "registries", asked)
    yield Town(house, registries, cables, Identity("registry", other, "anfu", ours.public_key()))
    for line in lines:
        await line.aclose()
