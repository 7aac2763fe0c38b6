"""A house and the registries that know a firm: what firms as customers are tested against."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
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

CODE, OTHER_CODE = "91350100M000100Y43", "91000000000000000K"
ACCOUNT = "35001870007052501234"
REP, AGENT, OWNER = "11010519491231002X", "110105199003077710", "110105198512319015"
UNTIL = "2027-11-23"
CHANNELS = ("FIRM_REGISTRY", "TAX_AUTHORITY", "CORPORATE_ACCOUNT")
PEOPLE = ("REPRESENTATIVE", "AGENT")
NAMES = {REP: "林平", AGENT: "陈小安", OWNER: "王富贵"}
PHONES = {REP: "13800138000", AGENT: "13900139000", OWNER: "13700137000"}
SECRETS = (*NAMES, *NAMES.values(), *PHONES.values(), ACCOUNT)


def person(number: str, **more: Any) -> dict[str, Any]:
    """Somebody of the town."""
    document = {"type": "CITIZEN_ID", "number": number}
    return {"name": NAMES[number], "phone": PHONES[number], "document": document,
            "document_until": UNTIL, **more}  # fmt: skip


APPLICATION = {
    "name": "福州安付测试有限公司", "credit_code": CODE, "address": "福州市鼓楼区五四路1号",
    "business_scope": "日用百货批发", "business": "GENERAL", "licence_until": UNTIL,
    "representative": person(REP), "agent": person(AGENT), "day_amount": 10_000_000,
    "day_count": 20,
}  # fmt: skip
OWNERSHIP = {
    "owners": [person(OWNER, since="2020-01-01", shares=6_000, votes=6_000, income=6_000)],
    "rest_reason": "200 employees, each under 1 %",
}  # fmt: skip
RECORD = {"credit_code": CODE, "name": APPLICATION["name"], "representative": NAMES[REP],
          "licence_until": UNTIL, "bank_account": ACCOUNT}  # fmt: skip


@dataclass
class FirmTown:
    """A house, its registries by kind, and the staff who confirms."""

    house: House
    registries: dict[str, RegistrySimulator]
    cables: dict[str, Cable]
    second: Client

    async def apply(self, **more: Any) -> str:
        answer = await self.house.office.post("/v1/firms", {**APPLICATION, **more})
        assert (answer.status_code, answer.json()["state"]) == (201, "APPLIED"), answer.text
        return str(answer.json()["id"])

    async def ask(self, firm: str, kind: str, **more: Any) -> httpx.Response:
        wish = {"kind": kind, **({"bank_account": ACCOUNT} if kind == "CORPORATE_ACCOUNT" else {})}
        path = f"/v1/firms/{firm}/verifications"
        return await self.house.office.post(path, {**wish, **more})

    async def verify(self, firm: str, *kinds: str) -> dict[str, Any]:
        for kind in kinds:
            answer = await self.ask(firm, kind)
            assert answer.status_code == 201, answer.text
        return await self.read(firm)

    async def declare(self, firm: str, **more: Any) -> str:
        path = f"/v1/firms/{firm}/ownerships"
        answer = await self.house.office.post(path, {**OWNERSHIP, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ownerships"][-1]["id"])

    async def confirm(
        self, firm: str, ownership: str, by: Client | None = None
    ) -> httpx.Response:  # fmt: skip
        path = f"/v1/firms/{firm}/ownerships/{ownership}/confirm"
        return await (by or self.second).post(path)

    async def read(self, firm: str) -> dict[str, Any]:
        return dict((await self.house.office.get(f"/v1/firms/{firm}")).json())

    async def open(self, deposit: int = 0, **more: Any) -> str:
        """A firm that has done it all."""
        firm = await self.apply(**more)
        people = PEOPLE if more.get("agent", True) else PEOPLE[:1]
        await self.verify(firm, *CHANNELS, *people)
        assert (await self.confirm(firm, await self.declare(firm))).json()["state"] == "OPENED"
        if deposit:
            wish = {"party": firm, "amount": deposit, "currency": "CNY"}
            assert (await self.house.office.post("/v1/deposits", wish)).status_code == 201
        return firm


@pytest.fixture
async def firm_town(house: House) -> AsyncIterator[FirmTown]:
    ours, theirs = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6))
    member = Identity("anfu", ours, "registry", theirs.public_key())
    peer = Identity("registry", theirs, "anfu", ours.public_key())
    registries: dict[str, RegistrySimulator] = {}
    cables: dict[str, Cable] = {}
    lines: list[SignedLine] = []
    for kind in (*CHANNELS, "FIRM_BUREAU", "CITIZEN_REGISTRY"):
        key = "document_number" if kind == "CITIZEN_REGISTRY" else "credit_code"
        made = RegistrySimulator(
            f"{kind.lower()}_office", peer, clock=house.clock, entropy=SeededEntropy(11),
            found_by=key,
        )  # fmt: skip
        made.records[CODE] = RECORD
        for number, name in NAMES.items():
            made.records[number] = {
                "document_number": number, "name": name, "document_until": UNTIL
            }  # fmt: skip
        registries[kind], cables[kind] = made, Cable(made)
        lines.append(SignedLine(
            "http://registry", member, clock=house.clock, entropy=house.tools.entropy,
            timeout_s=0.2, transport=cables[kind],
        ))  # fmt: skip
    registries["FIRM_REGISTRY"].states[CODE] = FirmState.IN_BUSINESS
    asked = {kind: HttpRegistry(line) for kind, line in zip(registries, lines, strict=True)}
    object.__setattr__(house.tools, "registries", asked)
    yield FirmTown(house, registries, cables, await house.client())
    for line in lines:
        await line.aclose()
