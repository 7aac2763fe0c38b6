"""What a customer proves with, each factor through the same four motions.

A new factor joins the battery by giving a `Hand`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.journey.conftest import House
from tests.journey.factors.authenticators import Authenticator, DeviceKey, seed_in
from tests.journey.factors.faces import Camera, agree, opened
from tests.journey.factors.steps import ask, begin, confirm, setup_of
from tests.journey.test_challenge import code_of, wrong

from anfu.authentication.otp import hotp, step_at

PASSWORD, OTHER = "qm7-vkz-24", "bn3-wxr-86"
# Set up by the customer, and so lost, removed and recovered; a code by SMS is not.
ENROLLED = ("password", "totp", "hotp", "passkey", "device_key", "face")
ALL = ("sms_code", *ENROLLED)


@dataclass
class Hand:
    """`payer` with a factor of one `kind`; `secrets` are what no log may show."""

    house: House
    payer: str
    kind: str
    camera: Camera
    person: str = ""
    seed: bytes = field(default=b"", repr=False)
    count: int = 0
    authenticator: Authenticator = field(default_factory=Authenticator)
    key: DeviceKey = field(default_factory=DeviceKey)
    secrets: set[str] = field(default_factory=set, repr=False)

    async def enrol(self) -> dict[str, Any]:
        """The factor, confirmed."""
        office, more = self.house.office, self._terms()
        if self.kind == "face":
            await agree(self.house, self.payer)
        factor = await begin(office, self.payer, self.kind, **more)
        if self.kind == "password":
            return factor
        done = await confirm(office, factor, **await self._first(factor))
        assert (done.status_code, done.json()["state"]) == (200, "ACTIVE"), done.text
        return dict(done.json())

    async def answer(self, payment: dict[str, Any]) -> dict[str, Any]:
        """What proves `payment`."""
        match self.kind:
            case "sms_code":
                path = f"/v1/payments/{payment['id']}/challenge/code"
                assert (await self.house.office.post(path)).status_code == 200
                given = {"code": await code_of(self.house, self.payer)}
            case "password":
                given = {"password": PASSWORD}
            case "totp" | "hotp":
                given = {"code": self._code()}
            case _:
                given = await self._shown(payment, self.person, self.authenticator, self.key)
        return self._kept(given)

    async def amiss(self, payment: dict[str, Any]) -> dict[str, Any]:
        """What proves nothing: as well formed, and somebody else's."""
        match self.kind:
            case "sms_code":
                path = f"/v1/payments/{payment['id']}/challenge/code"
                await self.house.office.post(path)  # refused after three, and the last one is good
                return {"code": wrong(await code_of(self.house, self.payer))}
            case "password":
                return {"password": OTHER}
            case "totp" | "hotp":
                self.count -= self.kind == "hotp"
                return {"code": wrong(self._code())}
        thief = Authenticator(count=self.authenticator.count)
        return await self._shown(payment, "nobody's number", thief, DeviceKey())

    def _terms(self) -> dict[str, Any]:
        terms: dict[str, dict[str, Any]] = {
            "password": {"password": PASSWORD},
            "device_key": {"public_key": self.key.public},
        }
        return terms.get(self.kind, {})

    async def _first(self, factor: dict[str, Any]) -> dict[str, Any]:
        setup = await setup_of(self.house.office, factor)
        match self.kind:
            case "totp" | "hotp":
                self.seed, self.count = seed_in(setup["uri"]), 0
                self.secrets |= {setup["uri"], setup["uri"].split("secret=")[1].split("&")[0]}
                return self._kept({"code": self._code()})
            case "passkey":
                self.authenticator = Authenticator(id=factor["id"].encode())
                return {"attestation": self.authenticator.create(setup["options"])}
            case "device_key":
                return self._kept({"signature": self.key.sign(setup["sign"])})
        self.person = await self.camera.person_of(self.payer)
        return self._kept({"capture": self.camera.take(self.person, setup["sign"])})

    async def _shown(
        self, payment: dict[str, Any], person: str, phone: Authenticator, key: DeviceKey
    ) -> dict[str, Any]:
        sign = (await ask(self.house.office, payment))["sign"]
        if self.kind == "passkey":
            return {"assertion": phone.get(sign)}
        if self.kind == "device_key":
            return {"signature": key.sign(sign)}
        return {"capture": self.camera.take(person, sign)}

    def _code(self) -> str:
        if self.kind == "totp":
            return hotp(self.seed, step_at(now=self.house.clock.now()))
        self.count += 1
        return hotp(self.seed, self.count - 1)

    def _kept(self, given: dict[str, Any]) -> dict[str, Any]:
        self.secrets |= {text for text in given.values() if isinstance(text, str)}
        return given


@asynccontextmanager
async def hand_of(house: House, kind: str) -> AsyncIterator[Hand]:
    """A customer with money, who is to hold a factor of `kind`."""
    async with opened(house) as camera:
        yield Hand(house, await house.office.customer(deposit=1_000_000), kind, camera)
