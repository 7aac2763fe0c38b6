"""Every page of the console, with something on it: in both languages and themes, on a telephone and
a desk, nothing is too wide, untold, broken, or hard to read.

Screenshots are left in the folder `ANFU_SCREENSHOTS`, where whoever looks at them says so.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser.console.people import People, peopled
from tests.browser.console.staff import Office, office, serious
from tests.browser.console.test_people import opened
from tests.journey.access.steps import hired, strict
from tests.journey.cases.case_floor import hold, queue
from tests.journey.conftest import House, by_card
from tests.journey.reconciliation.test_reconciliation import (
    ITEMS,
    reckoning,
    take,
    tomorrow,
    trade_bill,
)
from tests.journey.rule_steps import proposed, through_backtest, written
from tests.journey.test_models import brought

__all__ = ["office"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# No one person may have every role.
MOST = ("analyst", "approver", "compliance", "finance", "reviewer")
ADMINS = {
    "/staff",
    "/staff-changes",
    "/emergencies",
    "/keys",
    "/webhooks",
    "/deliveries",
    "/requests",
}
AREAS = Path(__file__).parents[3] / "web/console/src/pages"
_PATH = re.compile(r'\bpath: "([^"]*)"')
_CHINESE = re.compile(r"[一-鿿]")
_GO = """path => {
    history.pushState(null, "", "/console" + path);
    dispatchEvent(new PopStateEvent("popstate"));
}"""
_DRAWING = ".ant-spin-spinning, .ant-skeleton, #page[aria-busy=true]"
# What the console itself says, and not what others have written.
_OWN = """() => [...document.querySelectorAll(
    "th, label, nav, .ant-descriptions-item-label, .ant-card-head-title, .ant-btn")]
    .map((one) => one.innerText.trim()).filter(Boolean)"""
# Names that are written the same in both languages.
_SAME = ("安付", "CSV", "SQL", "ID", "AUC", "PSI", "MCC", "API", "Webhook", "EN", "中")


def patterns() -> set[str]:
    """The addresses of all pages, as the areas declare them."""
    return {
        f"/{path}"
        for file in AREAS.glob("*/area.tsx")
        for path in _PATH.findall(file.read_text("utf-8"))
    }


async def addresses(house: House, people: People, folder: Path) -> dict[str, str]:
    """Of each page that is about one thing, where one is shown."""
    office = house.office
    rule = (await written(house))["id"]
    proposal = await proposed(office, rule, "shadow")
    await through_backtest(house, proposal, folder)
    [backtest] = (await office.get("/v1/backtests")).json()["data"]
    model = await brought(office, [1.0], "amount")
    rules = (await office.get("/v1/rule_sets/in_force")).json()["version"]
    lists = (await office.get("/v1/lists")).json()["data"]
    paid = (
        await office.post("/v1/payments", by_card(people.customer, people.merchant, 5_000))
    ).json()
    refund = (await office.post("/v1/refunds", {"payment": paid["id"], "amount": 800})).json()
    async with reckoning(house) as books:
        day = tomorrow(house)
        content = await trade_bill(house, books, day)
        await take(house, books, content.replace(b'"number":"pay_', b'"number":"pay_x', 1), day)
    item = (await office.get(ITEMS)).json()["data"][0]["id"]
    await strict(house)
    held = await hold(house)
    [case] = await queue(office, event=held["id"])
    return {
        "/accounts/:account": f"/accounts/{people.merchant}:balance:CNY",
        "/applications/:application": f"/applications/{people.application}",
        "/backtests/:backtest": f"/backtests/{backtest['id']}",
        "/cases/:case": f"/cases/{case['id']}",
        "/customers/:customer": f"/customers/{people.customer}",
        "/decisions/:decision": f"/decisions/{held['decision']}",
        "/devices/:device": f"/devices/{people.device}",
        "/firms/:firm": f"/firms/{people.firm}",
        "/items/:item": f"/items/{item}",
        "/lists/:list": f"/lists/{lists[0]['name']}",
        "/merchants/:merchant": f"/merchants/{people.merchant}",
        "/models/:model": f"/models/{model}",
        "/payments/:payment": f"/payments/{paid['id']}",
        "/proposals/:proposal": f"/proposals/{proposal['id']}",
        "/refunds/:refund": f"/refunds/{refund['id']}",
        "/rule-drafts/:rule": f"/rule-drafts/{rule}",
        "/rule-sets/:before/:after": f"/rule-sets/{rules}/{rules}",
        "/rules/:rule": f"/rules/{rule}",
        "/devices": f"/devices?payer={people.customer}",
        "/search": f"/search?q={people.customer}",
    }


async def gone_to(page: Any, path: str) -> None:
    """Another page, without loading the console anew."""
    await page.evaluate(_GO, path)
    await page.wait_for_timeout(120)
    await page.wait_for_selector("h1, #reason")
    if await page.locator("#reason").count():
        await page.fill("#reason", "every page")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1")
    await expect(page.locator(_DRAWING), path).to_have_count(0, timeout=10_000)


async def untold(page: Any, chinese: bool) -> list[str]:
    """What the console says in the other language."""
    said = [one for one in await page.evaluate(_OWN) if one not in _SAME]
    if chinese:
        return [one for one in said if re.fullmatch(r"[A-Za-z][a-z]+( [a-z]+)+", one)]
    return [one for one in said if _CHINESE.search(one.replace("中文", ""))]


async def faults_of(page: Any, pattern: str, path: str, language: str) -> list[str]:
    """What is wrong with a page in either theme and width; axe looks at it once."""
    await gone_to(page, path)
    faults, chinese = [], language == "zh-CN"
    name = pattern.strip("/").replace("/", "_").replace(":", "") or "home"
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await page.wait_for_timeout(300)  # colours fade
        for width in (1440, 390):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.wait_for_timeout(150)
            faults += await look(page, path, width, chinese, f"{name}-{language}-{theme}-{width}")
        if (theme == "light") is chinese:
            faults += [f"{path}: {one}" for one in await serious(page)]
    return faults


async def look(page: Any, path: str, width: int, chinese: bool, name: str) -> list[str]:
    """What is wrong with a page as it stands."""
    faults = []
    wide = await page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        faults.append(f"{path} is {wide} wide")
    if await page.get_by_text("页面无法显示").or_(page.get_by_text("could not be shown")).count():
        faults.append(f"{path} is broken")
    faults += [f"{path} says {one!r}" for one in await untold(page, chinese)]
    if folder := os.environ.get("ANFU_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    return faults


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
async def test_every_page_in_both_themes_on_any_screen(
    office: Office, language: str, tmp_path: Path
) -> None:
    house = office.house
    async with peopled(office) as people:
        member = await hired(house, office.admins, "al.l", *MOST)
        admin = await hired(house, office.admins, "ad.min", "admin")
        places = await addresses(house, people, tmp_path)
        assert {p for p in patterns() if ":" in p} <= places.keys()
        faults: list[str] = []
        for who, shown in ((member, patterns() - ADMINS), (admin, ADMINS)):
            page = await office.enter(who, locale=language)
            await opened(office, page, "/")
            for pattern in sorted(shown):
                faults += await faults_of(page, pattern, places.get(pattern, pattern), language)
        assert sorted(set(faults)) == [], "\n".join(sorted(set(faults)))
