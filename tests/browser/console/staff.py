"""The staff before the console in a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright
from tests.browser.payer import AUTHENTICATOR, CHROMIUM, served
from tests.journey.access.steps import ORIGIN, PASSWORD, Member, hired, two
from tests.journey.conftest import House, open_house

from anfu.authentication.passkey import RelyingParty
from anfu.entrypoints.api.application import application
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.payments.tools import Policy
from anfu.storage.database import Database

AXE = Path(__file__).parents[3] / "web/node_modules/axe-core/axe.min.js"
_SERIOUS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(({impact}) => ["serious", "critical"].includes(impact))
    .map(({id, nodes}) =>
        id + ": " + nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | "))"""


@dataclass
class Office:
    """The house, served; `troubles` is what a page should not have done."""

    house: House
    origin: str
    browser: Any
    admins: tuple[Member, Member]
    troubles: list[str] = field(default_factory=list)

    async def person(self, login: str, *roles: str, **look: Any) -> tuple[Any, Member]:
        """A page of a new member of the staff, signed in with password and code."""
        member = await hired(self.house, self.admins, login, *roles)
        return await self.enter(member, **look), member

    async def enter(self, member: Member, **look: Any) -> Any:
        """A browser of his own, in which a member has signed in."""
        page = await self.page(**look)
        await page.goto(f"{self.origin}/console/")
        await page.fill("#login", member.login)
        await page.fill("#password", PASSWORD)
        await page.locator(".ant-segmented-item").nth(1).click()
        await page.fill("#code", member.code())
        await page.click("button[type=submit]")
        await page.wait_for_selector("#page")
        return page

    async def page(self, *, dark: bool = False, width: int = 1440, locale: str = "zh-CN") -> Any:
        """An empty page; what it asks of another origin, or fails at, is a trouble."""
        context = await self.browser.new_context(
            locale=locale,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
        )
        page = await context.new_page()
        page.on("request", self._watch)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        return page

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.troubles.append(f"asked {request.url}")

    async def open(self, page: Any, path: str) -> None:
        """A page of the console, drawn."""
        await page.goto(f"{self.origin}/console{path}")
        await page.wait_for_selector("h1")
        await page.wait_for_load_state("load")


async def serious(page: Any) -> list[str]:
    """What axe-core finds serious or worse."""
    await page.evaluate(AXE.read_text("utf-8"))
    return list(await page.evaluate(_SERIOUS))


async def passkeys(page: Any) -> None:
    """The page's browser has an authenticator."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


@pytest.fixture
async def office(
    database: Database, clock: ManualClock, entropy: SeededEntropy, unused_tcp_port: int
) -> AsyncIterator[Office]:
    """The console of a house with two administrators."""
    origin = f"http://localhost:{unused_tcp_port}"
    policy = Policy(
        development=True,
        party=RelyingParty("localhost", "Anfu", (origin,)),
        console=RelyingParty("localhost", "Anfu", (ORIGIN, origin)),
    )
    async with (
        open_house(database, clock=clock, entropy=entropy, policy=policy) as house,
        served(application(house.desk), unused_tcp_port),
        async_playwright() as tool,
    ):
        browser = await tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        office = Office(house, origin, browser, await two(house))
        yield office
        await browser.close()
        assert office.troubles == []
