"""The payer's page in a real Chromium, with the browser's own virtual authenticator."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from playwright.async_api import async_playwright
from tests.journey.conftest import House, open_house
from tests.journey.factors.steps import LARGE, begin, challenged, totp, with_totp
from tests.journey.test_challenge import code_of
from tests.journey.test_mandates import PASSWORD, terms_of

from anfu.authentication.passkey import RelyingParty
from anfu.entrypoints.api.application import application
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.payments.tools import Policy
from anfu.storage.database import Database

pytestmark = pytest.mark.slow
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@asynccontextmanager
async def served(app: Any, port: int) -> AsyncIterator[None]:
    """The application on a real port."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", lifespan="off", ws="none")
    )
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
    yield
    server.should_exit = True
    await running


class Payer:
    """A customer before the page."""

    def __init__(self, page: Any, house: House, origin: str) -> None:
        self.page, self.house, self.origin = page, house, origin

    async def open(self, path: str) -> None:
        """The page of a payment or a factor, from the merchant's link."""
        answer = await self.house.office.post(path)
        assert answer.status_code == 200, answer.text
        await self.page.goto("about:blank")
        await self.page.goto(self.origin + answer.json()["path"])

    async def result(self) -> str:
        """What the page says came of it."""
        shown = self.page.locator("#result[data-state]")
        await shown.wait_for(timeout=10_000)
        return str(await shown.get_attribute("data-state"))

    async def approve(self, payment: dict[str, Any], factor: str) -> None:
        await self.open(f"/v1/payments/{payment['id']}/ticket")
        await self.page.click(f"button[data-factor={factor}]")

    async def type(self, code: str) -> None:
        await self.page.fill("#content", code)
        await self.page.click("#answer button")

    async def set_up_passkey(self, customer: str) -> None:
        form = {"kind": "passkey", "label": "this browser"}
        factor = await self.house.office.post(f"/v1/customers/{customer}/factors", form)
        await self.open(f"/v1/factors/{factor.json()['id']}/ticket")
        await self.page.click("#create")
        assert await self.result() == "ACTIVE"


@pytest.fixture
async def payer(
    database: Database, clock: ManualClock, entropy: SeededEntropy, unused_tcp_port: int
) -> AsyncIterator[Payer]:
    """A browser before the served house."""
    origin = f"http://localhost:{unused_tcp_port}"
    party = RelyingParty("localhost", "Anfu", (origin,))
    policy = Policy(development=True, party=party)
    async with (
        open_house(database, clock=clock, entropy=entropy, policy=policy) as house,
        served(application(house.desk), unused_tcp_port),
        async_playwright() as tool,
    ):
        browser = await tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        session = await page.context.new_cdp_session(page)
        await session.send("WebAuthn.enable")
        options = {"options": AUTHENTICATOR}
        await session.send("WebAuthn.addVirtualAuthenticator", options)
        yield Payer(page, house, origin)
        await browser.close()


async def test_a_passkey_is_set_up_and_approves_a_payment(payer: Payer) -> None:
    house = payer.house
    customer = await house.office.customer(deposit=LARGE)
    await payer.set_up_passkey(customer)
    payment = await challenged(house, customer, order="A-17")
    await payer.approve(payment, "passkey")
    assert await payer.page.text_content("#amount") == "10000.00 CNY"
    assert await payer.page.text_content("#payee") == "Corner Tea"
    assert await payer.result() == "SUCCEEDED"
    done = (await house.office.get(f"/v1/payments/{payment['id']}")).json()
    assert done["factors"] == ["password", "certificate", "passkey"]
    assert await house.office.balance(customer) == (0, 0)


async def test_an_amount_changed_on_the_way_to_the_screen_is_refused(payer: Payer) -> None:
    house = payer.house
    customer = await house.office.customer(deposit=2 * LARGE)
    await payer.set_up_passkey(customer)
    payment = await challenged(house, customer)

    async def smaller(route: Any) -> None:
        answer = await route.fetch()
        document = await answer.json()
        document["linked"]["amount"] = 100
        await route.fulfill(response=answer, body=json.dumps(document))

    await payer.page.route("**/v1/checkout/challenge", smaller)
    await payer.approve(payment, "passkey")
    assert await payer.page.text_content("#amount") == "1.00 CNY"
    assert await payer.result() == "BLOCKED"
    assert await house.office.balance(customer) == (2 * LARGE, 2 * LARGE)


async def test_a_signature_over_the_screens_amount_is_not_the_payments(payer: Payer) -> None:
    """Whoever changes the screen would also change what is told of it: the signature remains."""
    house = payer.house
    customer = await house.office.customer(deposit=2 * LARGE)
    await payer.set_up_passkey(customer)
    payment = await challenged(house, customer)

    async def smaller(route: Any) -> None:
        answer = await route.fetch()
        document = await answer.json()
        document["linked"]["amount"] = 100
        await route.fulfill(response=answer, body=json.dumps(document))

    async def silent(route: Any) -> None:
        body = json.loads(route.request.post_data)
        body["answer"].pop("shown")
        await route.continue_(post_data=json.dumps(body))

    await payer.page.route("**/v1/checkout/challenge", smaller)
    await payer.page.route("**/v1/checkout/answer", silent)
    await payer.approve(payment, "passkey")
    assert await payer.result() == "challenge_failed"
    assert await house.office.balance(customer) == (2 * LARGE, 2 * LARGE)


async def test_an_app_and_a_message_approve_too(payer: Payer) -> None:
    house = payer.house
    customer = await house.office.customer(deposit=2 * LARGE)
    _, seed = await with_totp(house, customer)
    house.clock.advance(timedelta(minutes=1))
    first, second = await challenged(house, customer), await challenged(house, customer)
    await payer.approve(first, "totp")
    await payer.type(totp(house, seed))
    assert await payer.result() == "SUCCEEDED"
    await payer.approve(second, "sms_code")
    await payer.page.wait_for_load_state("networkidle")
    await payer.type(await code_of(house, customer))
    assert await payer.result() == "SUCCEEDED"
    assert await house.office.balance(customer) == (0, 0)


async def test_the_page_runs_no_script_but_its_own(payer: Payer) -> None:
    await payer.page.goto(payer.origin + "/checkout")
    ran = await payer.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
        " document.body.append(s); return window.bad === undefined; }"
    )
    assert ran is True


async def test_a_mandate_is_ended_on_the_page_and_the_next_one_tap_is_refused(
    payer: Payer,
) -> None:
    house = payer.house
    customer, merchant = await house.office.customer(deposit=LARGE), await house.office.merchant()
    await begin(house.office, customer, "password", password=PASSWORD)
    terms = {**terms_of(house, customer, merchant), "device": "dev_phone"}
    mandate = (await house.office.post("/v1/mandates", terms)).json()["id"]
    path = f"/v1/mandates/{mandate}/challenge"
    code = {"factor": "sms_code", "code": await code_of(house, customer)}
    for answer in (code, {"factor": "password", "password": PASSWORD}):
        assert (await house.office.post(path, answer)).status_code == 200
    seen = {"device": "dev_phone"}
    tap: dict[str, Any] = {"factors": [], "mandate": mandate, "environment": seen}
    house.clock.advance(timedelta(days=2))
    paid = await house.office.pay(customer, merchant, 1_500, **tap)
    assert paid["state"] == "SUCCEEDED", paid
    await payer.open(f"/v1/customers/{customer}/mandates/ticket")
    part = payer.page.locator(f"article[data-mandate={mandate}]")
    assert await part.locator("h2").text_content(timeout=10_000) == "Corner Tea"
    use = part.locator("li[data-state=SUCCEEDED]")
    assert "15.00 CNY" in str(await use.text_content(timeout=10_000))
    for secret in (customer, "dev_phone"):
        assert secret not in await payer.page.content()
    await part.locator("button").click()
    assert await payer.result() == "REVOKED"
    assert await part.locator("p[data-state=REVOKED]").count() == 1
    assert await part.locator("button").count() == 0
    refused = await house.office.pay(customer, merchant, 1_500, **tap)
    assert (refused["state"], refused["refusal"]["code"]) == ("REFUSED", "mandate_not_active")
    assert await house.office.balance(merchant) == (1_500, 1_500)
