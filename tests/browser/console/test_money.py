"""Finance's working day: a day is reconciled, and a difference is cleared by two people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser.console.staff import Office, office
from tests.journey.access.steps import hired
from tests.journey.reconciliation.test_reconciliation import (
    ITEMS,
    paid,
    posted,
    reckoning,
    take,
    trade_bill,
)
from tests.journey.test_scenes import sound

from anfu.kernel.clock import ManualClock
from anfu.kernel.periods import civil_date
from anfu.settlement.reconciliation.suspense import long_key

__all__ = ["office"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def clock() -> ManualClock:
    """The browser's own clock is the real one; the payments are of two days before."""
    return ManualClock(datetime.now(UTC) - timedelta(days=1, hours=4))


async def choose(page: Any, label: str, option: str) -> None:
    """An option of a choice in the window that is open."""
    await page.get_by_role("dialog").get_by_label(label).click()
    await page.locator(".ant-select-item-option:visible", has_text=option).first.click()


async def test_a_day_is_reconciled_and_a_difference_is_cleared_by_two(office: Office) -> None:
    house = office.house
    finance = await hired(house, office.admins, "fi.n", "finance")
    approver = await hired(house, office.admins, "se.cond", "approver")
    async with reckoning(house) as books:
        await paid(house, 10_000, 2_500)
        day = civil_date(house.clock.now())
        house.clock.set(datetime.now(UTC))
        content = await trade_bill(house, books, day)
        await take(house, books, content.replace(b'"number":"pay_', b'"number":"pay_x', 1), day)

        page = await office.enter(finance)
        await office.open(page, "/bills")
        row = page.get_by_role("row").filter(has_text=day.isoformat())
        await row.get_by_text("长款").click()
        await page.get_by_role("heading", name="差异与挂账").wait_for()
        await page.get_by_role("row").filter(has_text="长款").dblclick()
        await page.wait_for_url("**/items/rci_*")
        await page.get_by_text("账单记录").wait_for()
        await page.get_by_role("button", name="提议处理").click()
        await choose(page, "处理方式", "销账")
        await choose(page, "销账对方科目", "渠道（已由渠道调整）")
        await page.get_by_label("理由").fill("refunded by the network")
        await page.locator(".ant-modal .ant-btn-primary").dblclick()
        await page.get_by_text("待批准").wait_for()
        assert await page.get_by_role("button", name="批准").count() == 0
        assert await posted(house, long_key("sandbox", "CNY")) == -10_000

        second = await office.enter(approver)
        await office.open(second, "/waiting")
        await second.get_by_role("row").filter(has_text="fi.n").get_by_role("link").first.click()
        await second.wait_for_url("**/items/rci_*")
        await second.get_by_role("button", name="批准").click()
        await expect(second.get_by_text("已销账").first).to_be_visible()
        await expect(second.get_by_text("fi.n").first).to_be_visible()
        [item] = (await house.office.get(ITEMS, state="CLEARED")).json()["data"]
        assert (item["class"], item["acts"]) == ("LONG", [])
        assert await posted(house, long_key("sandbox", "CNY")) == 0
        await sound(house)
