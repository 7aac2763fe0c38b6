"""A rule's working day at the console: written in the builder, back-tested, watched, approved by
another person, and seen to block."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser.console.staff import Office, office, serious

from anfu.lab.backtests.backtest import Laboratory, backtest
from anfu.lab.engines.single import SingleMachine
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.ruling.follow import follow

__all__ = ["office"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CONDITION = "amount = 10000 AND payer_count = 1"
GROUPED = f"{CONDITION} AND NOT (hour >= 24 OR payer_sum_1h > 2 * payer_sum_24h)"
FIELDS = {"id": "first_of_hundred", "reason": "FIRST_OF_HUNDRED", "zh": "首笔支付一百元",
          "en": "A first payment of a hundred"}  # fmt: skip


async def choose(page: Any, label: str, option: str) -> None:
    """An option of the last choice of that name."""
    await page.get_by_label(label, exact=True).last.click()
    await page.locator(".ant-select-item-option:visible", has_text=option).first.click()


async def build(page: Any) -> None:
    """Two rows of the builder, and what follows from them."""
    for fact, value in (("amount", "10000"), ("payer_count", "1")):
        await page.get_by_title("添加条件", exact=True).first.click()
        await page.get_by_label("特征", exact=True).last.click()
        await page.keyboard.type(fact)
        await (
            page.locator(".ant-select-item-option:visible")
            .filter(has=page.get_by_text(fact, exact=True))
            .first.click()
        )
        await choose(page, "比较方式", "等于 =")
        await page.get_by_label("值", exact=True).last.fill(value)
    for field, value in FIELDS.items():
        await page.fill(f"#rule-{field}", value)
    await choose(page, "风险等级", "一般风险")


async def give(page: Any, **fields: str) -> None:
    """Fill in the question that is open, and answer it."""
    for field, value in fields.items():
        await page.fill(f"#{field}", value)
    await page.locator(".ant-modal-footer .ant-btn-primary").click()


async def propose(page: Any, move: str) -> str:
    """The address of the proposal that the rule goes on."""
    await page.get_by_role("button", name="提议").click()
    await page.get_by_role("menuitem", name=move, exact=True).click()
    await give(page, why="见于近期案件")
    await page.wait_for_url("**/proposals/*")
    await expect(page.get_by_role("button", name="批准")).to_have_count(0)
    return str(page.url.partition("/console")[2])


async def approve(office: Office, page: Any, place: str) -> None:
    await office.open(page, place)
    await page.get_by_role("button", name="批准").click()
    await give(page, note="已阅附件")
    await expect(page.locator("h1 + span .ant-tag")).to_have_text("已批准")
    assert await follow(office.house.database, office.house.tools.engine) == 1


async def pay(office: Office) -> dict[str, Any]:
    shop = office.house.office
    return await shop.pay(await shop.customer(deposit=20_000), await shop.merchant(), 10_000)


async def test_a_rule_goes_from_the_builder_to_blocking(office: Office, tmp_path: Path) -> None:
    author, _ = await office.person("li.wei", "analyst")
    second, _ = await office.person("wang.fang", "approver")
    await author.clock.set_fixed_time(office.house.clock.now())
    await office.open(author, "/rule-drafts/new")
    await build(author)
    text = author.locator(".sql textarea")
    await expect(text).to_have_value(CONDITION)
    await expect(author.get_by_role("alert").filter(has_text="SQL")).to_have_count(0)
    await author.get_by_role("button", name="保存草稿").click()
    await author.wait_for_url("**/rules/first_of_hundred")

    await approve(office, second, await propose(author, "影子运行"))
    watched = await pay(office)
    assert watched["state"] == "SUCCEEDED"
    fraud = {"payment": watched["id"], "label": "FRAUD"}
    assert (await office.house.office.post("/v1/labels", fraud)).status_code == 201

    await office.open(author, "/rules/first_of_hundred")
    place = await propose(author, "生效")
    await office.open(second, place)
    await expect(second.get_by_role("button", name="批准")).to_be_disabled()
    await author.get_by_role("button", name="回测并附上").click()
    await give(author, delay="0")
    await author.wait_for_url("**/backtests/*")
    office.house.clock.advance(timedelta(minutes=6))  # the history keeps some minutes behind
    lab = Laboratory(office.house.database, tmp_path / "history", CATALOGUE, SingleMachine)
    assert await backtest(lab, office.house.clock) == 1
    await expect(author.locator("h1 + span .ant-tag")).to_have_text("已完成")
    await approve(office, second, place)
    caught = second.locator(".ant-card", has_text="命中欺诈").last
    await expect(caught).to_contain_text("1")

    blocked = await pay(office)
    assert (blocked["state"], blocked["reasons"]) == ("BLOCKED", ["FIRST_OF_HUNDRED"])


async def test_rows_and_text_of_a_condition_follow_one_another(office: Office) -> None:
    page, _ = await office.person("li.wei", "analyst")
    await office.open(page, "/rule-drafts/new")
    text, rows = page.locator(".sql textarea"), page.locator(".condition .rule")
    await text.fill(GROUPED)
    await expect(rows).to_have_count(4)
    await expect(page.get_by_label("SQL 表达式")).to_have_value("payer_sum_1h > 2 * payer_sum_24h")
    await expect(page.get_by_text("部分条件只能以 SQL 表示")).to_be_visible()
    await expect(page.locator(".sql mark").first).to_be_visible()
    await page.get_by_label("值", exact=True).first.fill("20000")
    await expect(text).to_have_value(GROUPED.replace("10000", "20000"))
    await text.fill("amount > 5 AND (")
    await expect(rows).to_have_count(4)
    await expect(page.get_by_text("文本尚未写完")).to_be_visible()
    await expect(page.get_by_role("button", name="保存草稿")).to_be_disabled()
    told = ["mcc IN ('5944', '6011')", "card IN LIST stolen_cards", "IN_WINDOW(hour, 23, 5)",
            "amount BETWEEN 100 AND 200", "device IS NOT NULL", "payer_sum_1h > payer_max_7d",
            "STARTS_WITH(card, '62')", "NOT device_bound",
            "device_signals LIKE '%ROOTED%'"]  # fmt: skip
    await text.fill(" AND ".join(told))
    await expect(rows).to_have_count(len(told))
    await expect(page.get_by_label("SQL 表达式")).to_have_count(0)
    await page.get_by_label("移除此条件").first.click()
    await expect(text).to_have_value(" AND ".join(told[1:]))


@pytest.mark.parametrize("dark", [False, True])
async def test_pages_are_in_order_for_everybody(office: Office, dark: bool) -> None:
    page, _ = await office.person("li.wei", "analyst", dark=dark, width=390)
    for path in ("/rules", "/rules/velocity_count", "/rule-drafts/new", "/rule-drafts/import",
                 "/rule-sets", "/backtests", "/features", "/lists", "/lists/stolen_cards",
                 "/models", "/proposals", "/waiting"):  # fmt: skip
        await office.open(page, path)
        assert await serious(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
