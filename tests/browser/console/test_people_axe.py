"""Every part of a customer's page: accessible in both themes, and whole on a telephone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browser.console.people import People, peopled
from tests.browser.console.staff import Office, office, serious
from tests.browser.console.test_people import opened

__all__ = ["office"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def addresses(people: People) -> list[str]:
    """Every part of a customer's page; the other pages are in `test_every_page`."""
    parts = ("limits", "payments", "money", "means", "identity", "stops", "reads")
    return [f"/customers/{people.customer}?part={part}" for part in parts]


_GO = """path => {
    history.pushState(null, "", "/console" + path);
    dispatchEvent(new PopStateEvent("popstate"));
}"""
_DRAWING = ".ant-spin-spinning, .ant-skeleton, #page[aria-busy=true]"


async def _gone_to(page: Any, path: str) -> None:
    """Another page without loading the console anew."""
    await page.evaluate(_GO, path)
    await page.wait_for_timeout(100)
    await page.wait_for_selector("h1")
    await page.locator(_DRAWING).first.wait_for(state="detached")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_nothing_serious_and_small_screens_hold_everything(
    office: Office, dark: bool
) -> None:
    async with peopled(office) as people:
        page, _ = await office.person("su.han", "compliance", dark=dark, width=390)
        found: dict[str, Any] = {}
        await opened(office, page, "/customers")
        for path in addresses(people):
            await _gone_to(page, path)
            if problems := await serious(page):
                found[path] = problems
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, (path, wide)
        assert found == {}
