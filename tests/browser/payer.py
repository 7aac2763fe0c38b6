"""A customer before the pages in a real Chromium, with the browser's virtual authenticator."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from playwright.async_api import async_playwright
from tests.journey.conftest import House, open_house

from anfu.authentication.passkey import RelyingParty
from anfu.entrypoints.api.application import application
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.payments.tools import Policy
from anfu.storage.database import Database

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RESULT = "#result[data-state], .trouble[data-state], #done[data-state]"
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
        shown = self.page.locator(RESULT).first
        await shown.wait_for(timeout=10_000)
        return str(await shown.get_attribute("data-state"))

    async def approve(self, payment: dict[str, Any], factor: str) -> None:
        await self.open(f"/v1/payments/{payment['id']}/ticket")
        await self.page.click(f"button[data-factor={factor}]")

    async def type(self, code: str) -> None:
        await self.page.fill("#answer input", code)
        await self.page.click("#answer button[type=submit]")

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
        page = await (await browser.new_context(locale="zh-CN")).new_page()
        session = await page.context.new_cdp_session(page)
        await session.send("WebAuthn.enable")
        options = {"options": AUTHENTICATOR}
        await session.send("WebAuthn.addVirtualAuthenticator", options)
        yield Payer(page, house, origin)
        await browser.close()
