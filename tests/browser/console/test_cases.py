"""The reviewers' working day: cases are cleared by keyboard, large ones by two people."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from tests.browser.console.staff import Office, office, serious
from tests.journey.access.steps import strict
from tests.journey.cases.case_floor import adopt, hold, queue, state_of
from tests.journey.conftest import House

__all__ = ["office"]
pytestmark = pytest.mark.slow
CLEARED_S = 30


async def case_of(house: House, payment: dict[str, Any]) -> str:
    [case] = await queue(house.office, event=payment["id"])
    return f"/cases/{case['id']}"


async def look(office: Office, page: Any, path: str) -> None:
    """Open a page, and say why where it asks."""
    await page.goto(f"{office.origin}/console{path}")
    await page.wait_for_selector("#reason, h1")
    if await page.locator("#reason").count():
        await page.fill("#reason", "case review")
        await page.keyboard.press("Enter")
    await page.wait_for_selector("h1")


async def clear(page: Any, verdict: str, end: str) -> tuple[int, float]:
    """Claim, say with the first reason; how many keys that took, and how many seconds."""
    began = time.monotonic()
    await page.keyboard.press("c")
    await page.wait_for_selector("[data-case=CLAIMED]")
    await page.keyboard.press(verdict)
    await page.wait_for_selector(".ant-modal input[type=radio]")
    await page.keyboard.press("1")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f"[data-case={end}]")
    return 4, time.monotonic() - began


async def test_cases_are_cleared_by_keyboard_and_large_ones_by_two(office: Office) -> None:
    house = office.house
    await strict(house)
    await adopt(house, two_people={"CNY": 50_000})
    small, large, bad = [await hold(house, amount=a) for a in (10_000, 60_000, 20_000)]
    page, _ = await office.person("re.view", "reviewer")
    await look(office, page, "/cases")
    due = await page.locator("tbody .ant-tag time").first.inner_text()
    assert re.fullmatch(r"\d\d分钟后", due), due  # by our clock, days before the browser's
    await look(office, page, await case_of(house, small))
    strokes, seconds = await clear(page, "r", "CLOSED")
    assert (strokes, seconds < CLEARED_S) == (4, True), seconds
    assert await state_of(house, small) == "SUCCEEDED"
    await page.keyboard.press("n")
    await page.wait_for_selector("[data-case=OPEN]")

    await look(office, page, await case_of(house, bad))
    await clear(page, "x", "CLOSED")
    assert await state_of(house, bad) == "REJECTED"

    case = await case_of(house, large)
    await look(office, page, case)
    await clear(page, "r", "CONFIRMING")
    assert await page.get_by_text("复核通过 (y)").count() == 0
    assert await state_of(house, large) == "IN_REVIEW"
    second, _ = await office.person("se.cond", "approver")
    await look(office, second, case)
    await second.keyboard.press("y")
    await second.wait_for_selector(".ant-modal-confirm")
    await second.keyboard.press("Enter")
    await second.wait_for_selector("[data-case=CLOSED]")
    assert await state_of(house, large) == "SUCCEEDED"
    await house.check_books()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everybody_can_read_cases_on_any_screen(office: Office, dark: bool) -> None:
    house = office.house
    await strict(house)
    payment = await hold(house)
    await hold(house, payer=payment["payer"])
    page, _ = await office.person("re.view", "reviewer", dark=dark, width=390, locale="en-GB")
    case = await case_of(house, payment)
    await look(office, page, case)
    await page.wait_for_selector("canvas")
    found = {"case": await serious(page)}
    wide = [await page.evaluate("document.documentElement.scrollWidth")]
    for path in ("/cases", "/case-figures", f"/decisions/{payment['decision']}"):
        await look(office, page, path)
        await page.wait_for_timeout(250)
        found[path] = await serious(page)
        wide.append(await page.evaluate("document.documentElement.scrollWidth"))
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert max(wide) <= 390
