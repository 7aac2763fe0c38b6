"""Customers, firms, merchants and the audit in the console, as roles of the staff meet them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browser.console.people import People, peopled
from tests.browser.console.staff import Office, office
from tests.journey.test_evidence_over_http import seal

__all__ = ["office"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SCRIPT = "<script>document.title='broken in'</script>"
PHONE = "13800000001"


async def opened(office: Office, page: Any, path: str, why: str = "file 117") -> None:
    """A page, after the reason for reading personal data where it asks for one."""
    await page.goto(f"{office.origin}/console{path}")
    await page.wait_for_selector("h1, #reason")
    if await page.locator("#reason").count():
        await page.fill("#reason", why)
        await page.click("#page button[type=submit]")
        await page.wait_for_selector("h1")
    await page.wait_for_load_state("networkidle")


async def test_a_field_is_masked_until_a_reason_is_given_and_the_look_is_logged(
    office: Office,
) -> None:
    async with peopled(office) as people:
        page, member = await office.person("he.ping", "compliance")
        await opened(office, page, f"/customers/{people.customer}")
        assert "138****0001" in await page.inner_text("#page")
        assert PHONE not in await page.content()
        await page.get_by_label("查看明文: 手机号").click()
        await page.get_by_role("dialog").get_by_role("textbox").fill(f"call back {SCRIPT}")
        await page.get_by_role("dialog").locator(".ant-btn-primary").click()
        await page.locator("[data-clear=phone]").wait_for()
        assert await page.locator("[data-clear=phone]").inner_text() == PHONE
        looks = await member.get(f"/v1/customers/{people.customer}/reveals")
        assert [
            (one["field"], one["reason"], one["revealed_by"]) for one in looks.json()["data"]
        ] == [("phone", f"call back {SCRIPT}", member.id)]
        await page.get_by_role("tab", name="查看记录").click()
        await page.get_by_text(f"call back {SCRIPT}").first.wait_for()
        assert "broken" not in await page.title()
        log = (await member.get(f"/v1/access-log?subject={people.customer}")).json()["data"]
        assert ("get_customer", "file 117") in {(one["operation"], one["why"]) for one in log}
        await _stopped(page)
        await _proven(office, page)


async def _stopped(page: Any) -> None:
    await page.get_by_role("tab", name="止付指令").click()
    await page.get_by_role("button", name="登记止付指令").click()
    dialog = page.get_by_role("dialog").last
    await dialog.locator("#authority").fill("福州市公安局")
    await dialog.locator("#reference").fill("2026-0117")
    await dialog.locator(".ant-btn-primary").click()
    await page.get_by_role("cell", name="福州市公安局").wait_for()


async def _proven(office: Office, page: Any) -> None:
    """What was done stands in the audit, and its proof is good."""
    await seal(office.house)
    await opened(office, page, "/audit?kind=reveal")
    assert "he.ping" in await page.inner_text("#page")
    await page.get_by_role("button", name="验证").first.click()
    await page.locator("[data-proof=good]").first.wait_for()


async def test_what_one_applied_for_another_lets_in(office: Office) -> None:
    async with peopled(office) as people:
        page, _ = await office.person("zhou.li", "approver")
        await opened(office, page, f"/applications/{people.application}")
        assert await page.get_by_role("button", name="暂停").count() == 0
        await page.get_by_role("button", name="批准入网").click()
        await page.locator(".ant-popover .ant-btn-primary").click()
        await page.locator("h1 + *").get_by_text("已通过").wait_for()
        found = await people.lines.read(people.application)
        assert found["state"] == "APPROVED"
        assert await page.get_by_role("button", name="批准入网").count() == 0
        await _confirmed(office, people)


async def _confirmed(office: Office, people: People) -> None:
    page, _ = await office.person("lin.yu", "compliance")
    await opened(office, page, f"/firms/{people.firm}")
    await page.get_by_role("button", name="确认", exact=False).first.click()
    await page.locator(".ant-popover .ant-btn-primary").click()
    await page.get_by_text("已确认").wait_for()
    firm = (await office.house.office.get(f"/v1/firms/{people.firm}")).json()
    assert firm["ownerships"][0]["confirmed_at"] is not None


async def test_a_stored_script_stays_text(office: Office) -> None:
    async with peopled(office) as people:
        made = await office.house.office.post("/v1/merchants", {"name": SCRIPT, "mcc": "5814"})
        applied = await people.lines.apply(name=SCRIPT, address=SCRIPT)
        page, _ = await office.person("wu.di", "compliance")
        for path in ("/merchants", f"/merchants/{made.json()['id']}", "/applications",
                     f"/applications/{applied['id']}"):  # fmt: skip
            await opened(office, page, path)
            await page.get_by_text(SCRIPT).first.wait_for()
            assert await page.title() != "broken in"
