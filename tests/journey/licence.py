"""A house, two people of its staff and the registries of firms and citizens: what due diligence of
merchants is tested against."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import Client, House
from tests.journey.town import Cable

from anfu.channels.registries.client import HttpRegistry
from anfu.channels.registries.port import FirmState
from anfu.channels.registries.simulator import RegistrySimulator
from anfu.channels.sandbox.messages import Identity
from anfu.channels.signed import SignedLine
from anfu.kernel.ids import SeededEntropy
from anfu.kernel.periods import civil_date
from anfu.parties.applications.inquiry import Registry

FIRM, CITIZEN = Registry.FIRM_REGISTRY, Registry.CITIZEN_REGISTRY
CODE, NAME = "91350100M000100Y43", "福州街角茶饮有限公司"
NUMBER, UNTIL, ACCOUNT = "11010519491231002X", "2036-11-23", "35001234567890123456"
FORM: dict[str, Any] = {
    "name": "街角茶饮", "legal_name": NAME, "credit_code": CODE,
    "representative": {"name": "林平", "phone": "13800138000", "document_until": UNTIL,
                       "document": {"type": "CITIZEN_ID", "number": NUMBER}},
    "address": "福州市鼓楼区一号", "scenes": ["PAYER_CODE"],
    "settlement": {"holder": NAME, "number": ACCOUNT, "bank": "福州银行"}, "mcc": "5814",
}  # fmt: skip
RECORDS = {
    FIRM: (CODE, {"credit_code": CODE, "name": NAME, "representative": "林平"}),
    CITIZEN: (NUMBER, {"document_number": NUMBER, "name": "林平", "document_until": UNTIL}),
}
PATH = "/v1/merchant-applications"


def said(answer: httpx.Response) -> tuple[int, str]:
    """A refusal: its status and its code."""
    return answer.status_code, answer.json()["code"]


@dataclass
class Licence:
    """`maker` applies, `checker` decides: each a key, so each a person."""

    house: House
    maker: Client
    checker: Client
    registries: dict[Registry, RegistrySimulator]
    cables: dict[Registry, Cable]
    rogue: Identity

    @property
    def today(self) -> date:
        return civil_date(self.house.clock.now())

    async def apply(self, **other: Any) -> dict[str, Any]:
        return await self.made(await self.maker.post(PATH, {**FORM, **other}), 201)

    async def act(self, application: str, verb: str, by: Client | None = None, **body: Any) -> Any:
        """The answer, whatever it is."""
        wish = {"reason": "file 117", **body} if verb in _REASONED else None
        return await (by or _by(self, verb)).post(f"{PATH}/{application}/{verb}", wish)

    async def done(self, application: str, verb: str, **body: Any) -> dict[str, Any]:
        return await self.made(await self.act(application, verb, **body), 200)

    async def submitted(self, **other: Any) -> dict[str, Any]:
        return await self.done((await self.apply(**other))["id"], "submit")

    async def approved(self, **other: Any) -> dict[str, Any]:
        return await self.done((await self.submitted(**other))["id"], "approve")

    async def read(self, application: str) -> dict[str, Any]:
        return await self.made(await self.maker.get(f"{PATH}/{application}"), 200)

    async def pay(self, merchant: str, payer: str) -> httpx.Response:
        order = {"payer": payer, "payee": merchant, "amount": 100, "currency": "CNY",
                 "method": {"type": "balance"}, "factors": ["password", "sms_code"]}  # fmt: skip
        return await self.house.office.post("/v1/payments", order)

    @staticmethod
    async def made(answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        return dict(answer.json())


_REASONED = {"refuse", "renew", "suspend", "resume", "close"}


def _by(licence: Licence, verb: str) -> Client:
    return licence.checker if verb in {"approve", "refuse", "resume", "close"} else licence.maker


@pytest.fixture
async def licence(house: House) -> AsyncIterator[Licence]:
    async with connect(house) as connected:
        yield connected


@asynccontextmanager
async def connect(house: House) -> AsyncIterator[Licence]:
    """A house with lines to both registries instead of those it had."""
    ours, theirs, other = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6, 7))
    member = Identity("anfu", ours, "registry", theirs.public_key())
    peer = Identity("registry", theirs, "anfu", ours.public_key())
    simulators: dict[Registry, RegistrySimulator] = {}
    cables: dict[Registry, Cable] = {}
    lines: list[SignedLine] = []
    asked: dict[str, HttpRegistry] = {}
    for registry, (key, record) in RECORDS.items():
        found_by = "credit_code" if registry is FIRM else "document_number"
        made = RegistrySimulator(
            registry.lower(), peer, clock=house.clock, entropy=SeededEntropy(11),
            found_by=found_by,
        )  # fmt: skip
        made.records[key] = record
        simulators[registry], cables[registry] = made, Cable(made)
        line = SignedLine(
            "http://registry", member, clock=house.clock, entropy=house.tools.entropy,
            timeout_s=0.2, transport=cables[registry],
        )  # fmt: skip
        lines.append(line)
        asked[registry.value] = HttpRegistry(line)
    simulators[FIRM].states[CODE] = FirmState.IN_BUSINESS
    object.__setattr__(house.tools, "registries", asked)
    rogue = Identity("registry", other, "anfu", ours.public_key())
    maker, checker = await house.client(), await house.client()
    yield Licence(house, maker, checker, simulators, cables, rogue)
    for line in lines:
        await line.aclose()
