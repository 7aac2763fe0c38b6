"""Steps of a customer with factors, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.journey.conftest import Client, House
from tests.journey.factors.authenticators import Authenticator, DeviceKey, seed_in

from anfu.authentication.otp import hotp, step_at

LARGE = 1_000_000  # from a payer hardly known
STRONG = {"factors": ["password", "certificate"]}
COOLED = timedelta(hours=24)


async def begin(office: Client, customer: str, kind: str, **more: Any) -> dict[str, Any]:
    """A new factor."""
    form = {"kind": kind, "label": "my phone", **more}
    answer = await office.post(f"/v1/customers/{customer}/factors", form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def setup_of(office: Client, factor: dict[str, Any]) -> dict[str, Any]:
    return dict((await office.get(f"/v1/factors/{factor['id']}/setup")).json())


async def confirm(office: Client, factor: dict[str, Any], **answer: Any) -> Any:
    return await office.post(f"/v1/factors/{factor['id']}/confirm", answer)


async def confirmed(office: Client, factor: dict[str, Any], **answer: Any) -> dict[str, Any]:
    done = await confirm(office, factor, **answer)
    assert (done.status_code, done.json()["state"]) == (200, "ACTIVE"), done.text
    return dict(done.json())


async def with_totp(house: House, customer: str) -> tuple[dict[str, Any], bytes]:
    """An authenticator app, and its seed."""
    factor = await begin(house.office, customer, "totp")
    seed = seed_in((await setup_of(house.office, factor))["uri"])
    return await confirmed(house.office, factor, code=totp(house, seed)), seed


async def with_passkey(house: House, customer: str, authenticator: Authenticator) -> dict[str, Any]:
    factor = await begin(house.office, customer, "passkey")
    options = (await setup_of(house.office, factor))["options"]
    return await confirmed(house.office, factor, attestation=authenticator.create(options))


async def with_device_key(house: House, customer: str, key: DeviceKey) -> dict[str, Any]:
    factor = await begin(house.office, customer, "device_key", public_key=key.public)
    sign = (await setup_of(house.office, factor))["sign"]
    return await confirmed(house.office, factor, signature=key.sign(sign))


def totp(house: House, seed: bytes, *, ahead: int = 0) -> str:
    """What the app shows, so many steps from now."""
    return hotp(seed, step_at(now=house.clock.now()) + ahead)


async def challenged(house: House, payer: str, amount: int = LARGE, **more: Any) -> dict[str, Any]:
    """A payment that waits for a proof."""
    payee = await house.office.merchant()
    payment = await house.office.pay(payer, payee, amount, **{**STRONG, **more})
    assert payment["state"] == "CHALLENGED", payment
    return payment


async def ask(office: Client, payment: dict[str, Any]) -> dict[str, Any]:
    """What the payer is asked."""
    return dict((await office.get(f"/v1/payments/{payment['id']}/challenge")).json())


async def prove(office: Client, payment: dict[str, Any], factor: str, **more: Any) -> Any:
    answer = {"factor": factor, **more}
    return await office.post(f"/v1/payments/{payment['id']}/challenge", answer)
