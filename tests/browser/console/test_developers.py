"""Keys in the console: one is rotated, and the old one ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.browser.console.staff import Office, office, serious

__all__ = ["office"]
pytestmark = pytest.mark.slow


async def test_a_key_is_rotated_and_the_old_one_ends(office: Office) -> None:
    admin = office.admins[0]
    form = {"label": "till", "scopes": ["webhooks:read"], "networks": []}
    made = (await admin.post("/v1/keys", form)).json()
    old = f"{made['id']}.{made['secret']}"
    page = await office.enter(admin)
    await office.open(page, "/keys")
    await page.get_by_role("button", name="轮换").first.click()
    hours = page.get_by_role("dialog").get_by_role("spinbutton")
    await hours.fill("1")
    await page.get_by_role("dialog").locator(".ant-btn-primary").click()
    await page.locator(".ant-modal code").wait_for()
    new = (await page.locator(".ant-modal code").inner_text()).strip()
    assert new.startswith("key_") and new != old
    hooks = "/v1/webhook_endpoints"
    assert [await _reads(office, key, hooks) for key in (old, new)] == [200, 200]
    office.house.clock.advance(timedelta(hours=1, seconds=2))
    assert [await _reads(office, key, hooks) for key in (old, new)] == [401, 200]
    assert await page.get_by_text(made["secret"]).count() == 0


async def _reads(office: Office, key: str, path: str) -> int:
    answer = await office.house.http.get(path, headers={"Authorization": f"Bearer {key}"})
    return answer.status_code


async def test_a_request_is_found_by_how_it_failed(office: Office) -> None:
    await _reads(office, "key_00000000000000000000000000.sk_none", "/v1/keys")
    await office.house.desk.journal.write(now=office.house.clock.now())
    page = await office.enter(office.admins[0])
    await office.open(page, "/requests?failed=1")
    await page.get_by_text("GET /v1/keys").first.wait_for()
    found: list[Any] = await serious(page)
    assert found == []
