"""A customer, a firm, a device and a merchant's application: what the pages about people show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from tests.browser.console.staff import Office
from tests.device_page import Page
from tests.journey.conftest import Client
from tests.journey.factors.steps import begin, with_totp
from tests.journey.firm_town import APPLICATION, OWNERSHIP
from tests.journey.licence import Licence, connect
from tests.journey.test_devices import visit


@dataclass(frozen=True, slots=True)
class People:
    """Their ids; `lines` answers for the registries, `application` waits for its approval."""

    customer: str
    merchant: str
    firm: str
    device: str
    application: str
    lines: Licence


@asynccontextmanager
async def peopled(office: Office) -> AsyncIterator[People]:
    """A house with all of them."""
    house = office.house
    async with connect(house) as lines:
        customer = await house.office.customer(account_class=2, deposit=300_000)
        merchant = await house.office.merchant()
        await with_totp(house, customer)
        device = (await visit(house.office, Page(), customer))["device"]
        factors = ["password", "sms_code"]
        await house.office.pay(customer, merchant, 12_300, factors=factors)
        await _mandate(office, customer, merchant)
        firm = await _firm(house.office)
        application = (await lines.submitted())["id"]
        yield People(customer, merchant, firm, device, application, lines)


async def _firm(office: Client) -> str:
    """Applied, its owners declared by one person."""
    made = await office.post("/v1/firms", APPLICATION)
    firm = str(made.json()["id"])
    answer = await office.post(f"/v1/firms/{firm}/ownerships", OWNERSHIP)
    assert answer.status_code == 201, answer.text
    return firm


async def _mandate(office: Office, customer: str, merchant: str) -> None:
    """Proposed, once a second factor has cooled off: sessions do not live as long."""
    house = office.house
    await begin(house.office, customer, "password", password="correct horse 8")
    house.clock.advance(timedelta(days=1))
    for admin in office.admins:
        await admin.sign_in()
    ends = (house.clock.now() + timedelta(days=90)).isoformat()
    wish = {"customer": customer, "merchant": merchant, "currency": "CNY", "per_payment": 5_000,
            "per_day": 10_000, "per_month": 50_000, "ends_at": ends,
            "purpose": "rides"}  # fmt: skip
    answer = await house.office.post("/v1/mandates", wish)
    assert answer.status_code == 201, answer.text
