"""One-tap payment from the device a mandate is bound to: agreed on the page, and paid, in a real
Chromium whose SDK signs the profile. Needs `npm ci && npm run build` in `web/device`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.browser.payer import Payer, payer
from tests.journey.conftest import House
from tests.journey.factors.steps import LARGE, begin
from tests.journey.rule_steps import moved
from tests.journey.test_challenge import code_of
from tests.journey.test_devices import open_session, send
from tests.journey.test_mandates import PASSWORD, terms_of

__all__ = ["payer"]  # the fixture
BUNDLE = Path(__file__).parents[2] / "web/device/dist/device.js"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BUNDLE.exists(), reason="nothing built"),
]


async def shop(payer: Payer, page: Any) -> None:
    """The merchant's own page, with the SDK."""

    async def serve(route: Any) -> None:
        body = f"<!doctype html><body><script>{BUNDLE.read_text('utf-8')}</script>"
        await route.fulfill(body=body, content_type="text/html")

    await page.route("**/shop", serve)
    await page.goto(f"{payer.origin}/shop")


async def visit(payer: Payer, page: Any, customer: str) -> dict[str, Any]:
    """A session that the page has signed its profile for."""
    office = payer.house.office
    session = await open_session(office, customer)
    signed = await page.evaluate("nonce => AnfuDevice.profile(nonce)", session["nonce"])
    return await send(office, session["id"], signed)


async def agreed(payer: Payer, terms: dict[str, Any]) -> str:
    """A mandate that its customer agreed to on the page."""
    proposed = (await payer.house.office.post("/v1/mandates", terms)).json()
    await payer.page.goto(payer.origin + proposed["page"]["path"])
    code = await code_of(payer.house, terms["customer"])
    for factor, content in (("sms_code", code), ("password", PASSWORD)):
        await payer.page.check("#agreeing")
        await payer.page.click(f"button[data-factor={factor}]")
        await payer.type(content)
    await payer.page.wait_for_selector("#result[data-state=ACTIVE]")
    return str(proposed["id"])


async def take_back(house: House, *rules: str) -> None:
    """Two people have rules watch that acted: a browser under test is driven by a program."""
    second = await house.client()
    for rule in rules:
        await moved(house, second, "shadow", rule)


async def test_one_tap_goes_through_from_the_bound_browser_alone(payer: Payer) -> None:
    house, office = payer.house, payer.house.office
    customer, merchant = await office.customer(deposit=LARGE), await office.merchant("City Rides")
    await begin(office, customer, "password", password=PASSWORD)
    await shop(payer, payer.page)
    mine = await visit(payer, payer.page, customer)
    bound = await office.post(f"/v1/device-sessions/{mine['id']}/bind")
    assert bound.status_code == 200, bound.text
    terms = {**terms_of(house, customer, merchant), "device": mine["device"]}
    mandate = await agreed(payer, terms)
    house.clock.advance(timedelta(days=2))

    async def tap(page: Any) -> tuple[str, dict[str, Any]]:
        """The standing of the page's browser, and what became of a payment from it."""
        await shop(payer, page)
        session = await visit(payer, page, customer)
        wish = {"factors": [], "mandate": mandate, "environment": {"session": session["id"]}}
        return session["standing"], await office.pay(customer, merchant, 1_500, **wish)

    standing, driven = await tap(payer.page)
    assert (standing, driven["state"]) == ("PROVEN", "BLOCKED")
    assert "DEVICE_AUTOMATED" in driven["reasons"]
    await take_back(house, "device_automated", "device_contradictory")
    standing, paid = await tap(payer.page)
    assert (standing, paid["state"], paid["factors"]) == ("PROVEN", "SUCCEEDED", [])
    other = await (await payer.page.context.browser.new_context()).new_page()
    standing, refused = await tap(other)
    assert (standing, refused["state"]) == ("ALIKE", "REFUSED")
    assert refused["refusal"]["code"] == "mandate_other_device"
    assert await office.balance(merchant) == (1_500, 1_500)
