"""A firm of face checks beside the house, and a customer's telephone with a camera."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House
from tests.journey.factors.authenticators import bytes_of
from tests.journey.factors.steps import begin, confirm, confirmed, setup_of
from tests.journey.town import WORDS

from anfu.channels.faces.client import HttpFaceFirm
from anfu.channels.faces.simulator import Capture, FaceSimulator
from anfu.channels.sandbox.messages import Identity
from anfu.channels.signed import SignedLine
from anfu.kernel.ids import SeededEntropy
from anfu.parties.queries import get_customer

_OURS, _THEIRS, _OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6, 7))
ROGUE = Identity("faces", _OTHER, "anfu", _OURS.public_key())


@dataclass
class Camera:
    """The house, the firm it asks, and who stands before the camera."""

    house: House
    firm: FaceSimulator

    def take(self, person: str, sign: str, *, alive: bool = True) -> str:
        """A capture for the bytes `sign`, in base64url."""
        return self.firm.take(Capture(person, bytes_of(sign).hex(), alive))

    async def person_of(self, customer: str) -> str:
        """The customer's document number, which the firm's records hold from now on."""
        async with self.house.database.transaction(readonly=True) as tx:
            ring = self.house.tools.sealer.ring
            person = (await get_customer(tx, customer, ring=ring, merchant=None)).person
        self.firm.people[person.document.number] = person.name
        return person.document.number

    async def begin(self, customer: str) -> dict[str, Any]:
        await agree(self.house, customer)
        return await begin(self.house.office, customer, "face")

    async def confirm(self, factor: dict[str, Any], person: str, **more: Any) -> Any:
        sign = (await setup_of(self.house.office, factor))["sign"]
        return await confirm(self.house.office, factor, capture=self.take(person, sign, **more))

    async def enrol(self, customer: str) -> tuple[dict[str, Any], str]:
        """A face factor, and whose face it is."""
        person, factor = await self.person_of(customer), await self.begin(customer)
        sign = (await setup_of(self.house.office, factor))["sign"]
        done = await confirmed(self.house.office, factor, capture=self.take(person, sign))
        return done, person


async def agree(house: House, customer: str, act: str = "GIVEN") -> None:
    """The customer says a word about face checks, separately."""
    text = WORDS if act == "GIVEN" else {}
    word = {"purpose": "BIOMETRICS", "act": act, **text}
    said = await house.office.post(f"/v1/customers/{customer}/consents", word)
    assert said.status_code == 201, said.text


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[Camera]:
    """The house with a firm it may ask."""
    ours = Identity("anfu", _OURS, "faces", _THEIRS.public_key())
    theirs = Identity("faces", _THEIRS, "anfu", _OURS.public_key())
    firm = FaceSimulator(theirs, clock=house.clock, entropy=SeededEntropy(11))
    line = SignedLine(
        "http://faces", ours, clock=house.clock, entropy=SeededEntropy(12), timeout_s=0.3,
        transport=httpx.ASGITransport(firm.app),
    )  # fmt: skip
    house.tools = replace(house.tools, faces=HttpFaceFirm(line))
    house.desk.tools = house.tools
    yield Camera(house, firm)
    await line.aclose()
