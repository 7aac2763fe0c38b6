"""A customer shows payer's codes to a till, in a real Chromium; the till is the API's."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from tests.browser.looks import look
from tests.browser.payer import Payer, payer
from tests.journey.factors.steps import LARGE
from tests.journey.test_challenge import code_of
from tests.journey.test_devices import open_session
from tests.journey.test_showings import Shop

__all__ = ["payer"]  # the fixture
pytestmark = pytest.mark.slow


class Shopper(Shop):
    """A customer before a till, telephone in hand."""

    def __init__(self, payer: Payer, customer: str, merchant: str, till: Any) -> None:
        super().__init__(payer.house, customer, merchant, till)
        self.payer, self.page = payer, payer.page

    async def open(self, **more: Any) -> None:
        made = await self.show(**more)
        await self.page.goto("about:blank")
        await self.page.goto(made["url"])
        await self.page.wait_for_selector("#show")

    async def scanned(self) -> str:
        """What a scanner reads off the screen: the bars and the QR code say the same digits."""
        await self.page.wait_for_selector("#open .bars")
        picture = Image.open(BytesIO(await self.page.screenshot(full_page=True)))
        read = {str(code.format): code.text for code in zxingcpp.read_barcodes(picture)}
        assert set(read) == {"Code 128", "QR Code"}
        [digits] = set(read.values())
        return digits


@pytest.fixture
async def shopper(payer: Payer) -> Shopper:
    office = payer.house.office
    customer, merchant = await office.customer(deposit=LARGE), await office.merchant()
    return Shopper(payer, customer, merchant, await payer.house.client(merchant=merchant))


async def test_hidden_until_asked_for_then_scanned_and_paid(shopper: Shopper) -> None:
    page, asked = shopper.page, []
    page.on("request", lambda request: asked.append(request.url))
    await shopper.open()
    assert await page.locator(".bars, .code").count() == 0
    assert not [url for url in asked if url.endswith("/showing/code")]
    await look(page, "show-closed")
    await page.dblclick("#show")
    code = await shopper.scanned()
    assert await page.locator("#digits").count() == 0
    await page.click("#spell")
    assert (await page.inner_text("#digits")).replace(" ", "") == code
    await look(page, "show-open")
    assert len([url for url in asked if url.endswith("/showing/code")]) == 1
    payment = (await shopper.take(code)).json()
    assert payment["state"] == "SUCCEEDED"
    await page.wait_for_selector("#result[data-state=SUCCEEDED]")
    assert await page.locator(".bars, #digits").count() == 0
    shown = await page.inner_text("main")
    for words in ("付款成功", "Corner Tea", "12.50", "再付一笔"):
        assert words in shown
    assert shopper.customer not in await page.content()
    await look(page, "show-paid")
    await page.reload()
    await page.wait_for_selector("#result[data-state=SUCCEEDED]")
    await page.click("#show")
    assert (await shopper.take(await shopper.scanned())).json()["state"] == "SUCCEEDED"
    await page.wait_for_selector("#closed")
    assert {url.split("/")[2] for url in asked if "://" in url} == {shopper.payer.origin[7:]}


async def test_what_is_held_for_a_proof_is_proven_in_place(shopper: Shopper) -> None:
    page = shopper.page
    session = await open_session(shopper.house.office, shopper.customer)  # and no profile
    await shopper.open(session=session["id"])
    await page.click("#show")
    payment = (await shopper.take(await shopper.scanned())).json()
    assert payment["state"] == "CHALLENGED"
    await page.click("button[data-factor=sms_code]")
    await look(page, "show-proof")
    await shopper.payer.type(await code_of(shopper.house, shopper.customer))
    await page.wait_for_selector("#result[data-state=SUCCEEDED]")
    assert await shopper.house.office.balance(shopper.merchant) == (1_250, 1_250)


async def test_a_refused_payment_says_why(shopper: Shopper) -> None:
    page = shopper.page
    shopper.customer = await shopper.house.office.customer(deposit=1_249)
    await shopper.open()
    await page.click("#show")
    refused = (await shopper.take(await shopper.scanned())).json()
    await page.wait_for_selector("#result[data-state=REFUSED]")
    assert refused["refusal"]["code"] == "insufficient_funds"
    assert "余额不足" in await page.inner_text("#result")
    await look(page, "show-refused")
    assert await page.is_visible("#show")


async def test_the_next_code_comes_by_itself_and_none_stays_when_the_screen_is_left(
    shopper: Shopper,
) -> None:
    page = shopper.page
    await page.clock.install()
    await shopper.open()
    await page.click("#show")
    first = await shopper.scanned()
    await page.click("#spell")
    shopper.house.clock.advance(timedelta(seconds=50))
    async with page.expect_response("**/showing/code"):
        await page.clock.run_for(50_500)
    await page.wait_for_function(
        "code => document.querySelector('#digits').innerText.replace(/\\s/g, '') !== code",
        arg=first,
    )
    await page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden'});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    await page.wait_for_selector("#closed")
    assert await page.locator(".bars, .code, #digits").count() == 0
    assert (await shopper.take(first)).json()["state"] == "SUCCEEDED"  # ten seconds more


async def test_without_a_line_no_code_outlives_its_minute(shopper: Shopper) -> None:
    page = shopper.page
    await page.clock.install()
    await shopper.open()
    await page.click("#show")
    await shopper.scanned()
    await page.context.set_offline(True)
    await page.clock.run_for(61_000)
    await page.wait_for_selector("#open .trouble.shown[data-state=offline]")
    assert await page.locator(".bars, .code, #digits").count() == 0
    await page.context.set_offline(False)
    await page.clock.run_for(5_000)
    await page.wait_for_selector("#open .bars")


async def test_in_the_end_it_says_to_open_it_again(shopper: Shopper) -> None:
    await shopper.open()
    shopper.house.clock.advance(timedelta(minutes=15))
    await shopper.page.click("#show")
    await shopper.page.wait_for_selector("#result[data-state=ticket_expired]")
    await shopper.page.reload()
    assert await shopper.payer.result() == "ticket_expired"
    assert "请在应用中重新打开付款码" in await shopper.page.inner_text("#result")
    await look(shopper.page, "show-over")
