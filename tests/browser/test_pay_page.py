"""The page of a checkout, in a real Chromium: paid, failed, tried again, said how it was."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from tests.browser.looks import look
from tests.browser.shopper import BAD, BALANCE, CARD, SLOW, Shopper, payer, shopper
from tests.journey.checkout_steps import AMOUNT
from tests.journey.checkout_steps import made as checkout

from anfu.payments.recover import recover

__all__ = ["payer", "shopper"]  # the fixtures
pytestmark = pytest.mark.slow
SCRIPT = "<img src=x onerror='window.bad=1'><script>window.bad=1</script>"


async def test_fails_is_tried_another_way_paid_with_a_passkey_and_rated(shopper: Shopper) -> None:
    page, office = shopper.page, shopper.house.office
    await shopper.open(BAD, CARD, BALANCE)
    shown = await page.inner_text("main")
    for words in ("古树茶行 Old Tree Tea", "46.00", "乌龙茶", "× 2", "¥36.00", "茶点", "T-1041"):
        assert words in shown, words
    await look(page, "choose")
    await shopper.choose(0)
    await page.wait_for_selector("button[data-factor=passkey]")
    await look(page, "prove")
    await page.click("button[data-factor=passkey]")
    await shopper.state("FAILED")
    assert await shopper.stands() == ("OPEN", ["FAILED"])
    await look(page, "failed")
    assert not await page.is_checked("label[data-method='0'] input")  # another one is proposed
    await shopper.choose(2)
    await page.click("button[data-factor=passkey]")
    await shopper.state("SUCCEEDED")
    assert await shopper.stands() == ("PAID", ["FAILED", "SUCCEEDED"])
    await look(page, "paid")
    await page.check("input[name=score][value='4']")
    await page.fill("#comment", SCRIPT)
    await look(page, "rated")
    await page.click("#rate button")
    await page.wait_for_selector("#rate .done")
    (said,) = (await office.get("/v1/feedback")).json()["data"]
    assert (said["score"], said["comment"], said["paid"]) == (4, SCRIPT, True)
    await page.reload()
    await shopper.state("SUCCEEDED")
    assert await page.is_checked("input[name=score][value='4']")
    assert await office.balance(shopper.merchant) == (AMOUNT, AMOUNT)
    here = shopper.payer.origin
    assert {url for url in shopper.asked if not url.startswith((here, "about:", "data:"))} == set()


async def test_a_second_tap_and_the_back_button_and_a_reload_pay_nothing_more(
    shopper: Shopper,
) -> None:
    page = shopper.page
    await shopper.open(BALANCE)
    await page.dblclick("#pay")
    await page.wait_for_selector("button[data-factor=passkey]")
    await page.reload()
    await page.wait_for_selector("button[data-factor=passkey]")
    await page.goto("about:blank")
    await page.go_back()
    await page.dblclick("button[data-factor=passkey]")
    await shopper.state("SUCCEEDED")
    await page.goto("about:blank")
    await page.go_back()
    await shopper.state("SUCCEEDED")
    assert await page.locator("#pay").count() == 0
    assert await shopper.stands() == ("PAID", ["SUCCEEDED"])
    assert await shopper.house.count("payments.payment") == 1


async def test_two_windows_of_one_checkout_pay_once(shopper: Shopper) -> None:
    await shopper.open(BALANCE)
    other = await shopper.page.context.new_page()
    await other.goto(shopper.made["url"])
    await other.wait_for_selector("#pay")
    await asyncio.gather(other.click("#pay"), shopper.page.click("#pay"))
    for window in (other, shopper.page):
        await window.wait_for_selector("button[data-factor=passkey]")
    assert await shopper.stands() == ("PAYING", ["CHALLENGED"])


async def test_not_known_yet_it_is_followed_through_a_reload(shopper: Shopper) -> None:
    page, house = shopper.page, shopper.house
    await shopper.open(SLOW, BALANCE)
    await shopper.choose(0)
    await page.click("button[data-factor=passkey]")
    await shopper.state("UNKNOWN")
    await look(page, "unknown")
    await page.reload()
    await shopper.state("UNKNOWN")
    assert await page.locator("#pay, #cancel").count() == 0  # nobody pays twice
    house.clock.advance(timedelta(seconds=31))
    await recover(house.tools, house.clock)
    await shopper.state("SUCCEEDED")
    assert await shopper.stands() == ("PAID", ["SUCCEEDED"])


async def test_given_up_by_the_payer_it_is_paid_another_way(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open(CARD, BALANCE)
    await shopper.choose(0)
    await page.click("#cancel")
    await shopper.state("CANCELLED")
    await look(page, "cancelled")
    await page.click("#pay")
    await page.click("button[data-factor=passkey]")
    await shopper.state("SUCCEEDED")
    assert await shopper.stands() == ("PAID", ["CANCELLED", "SUCCEEDED"])


async def test_not_me_blocks_it(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open(BALANCE)
    await page.click("#pay")
    await page.click("#refuse")
    await page.wait_for_selector("dialog[open]")
    await page.click("#deny")
    await shopper.state("BLOCKED")
    await look(page, "blocked")
    assert await shopper.stands() == ("CLOSED", ["BLOCKED"])


async def test_without_the_sdk_it_is_paid_all_the_same(shopper: Shopper) -> None:
    page = shopper.page
    await page.route("**/assets/device-*.js", lambda route: route.abort())
    await shopper.open(BALANCE)
    await page.click("#pay")
    await page.click("button[data-factor=passkey]")
    await shopper.state("SUCCEEDED")
    assert not any(url.endswith("/v1/checkout/device") for url in shopper.asked)


async def test_the_sdk_tells_risk_which_device_it_is(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open(BALANCE)
    async with page.expect_response("**/v1/checkout/profile") as told:
        pass
    assert (await told.value).status == 200
    await page.click("#pay")
    await page.wait_for_selector("button[data-factor=passkey]")
    known = await shopper.house.office.get("/v1/devices", payer=shopper.customer)
    assert [tie["payer"] for tie in known.json()["data"]] == [shopper.customer], known.text


async def test_a_changed_file_does_not_run(shopper: Shopper) -> None:
    async def changed(route: Any) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=await answer.text() + "\nwindow.changed = 1;")

    page = shopper.page
    for name in ("index-*.js", "device-*.js"):
        await page.route(f"**/assets/{name}", changed)
        made = await checkout(shopper.house.office, shopper.merchant, payer=shopper.customer)
        await page.goto("about:blank")
        await page.goto(made["url"])
        await page.wait_for_timeout(700)
        assert await page.evaluate("window.changed") is None
        assert await page.locator("#pay").count() == (0 if name.startswith("index") else 1)
        await page.unroute(f"**/assets/{name}")


async def test_what_a_merchant_writes_stays_text(shopper: Shopper) -> None:
    page = shopper.page
    shopper.merchant = await shopper.house.office.merchant(SCRIPT)
    line = {"name": SCRIPT, "quantity": 1, "amount": AMOUNT}
    await shopper.open(BALANCE, {**CARD, "label": "<b onclick=bad()>x</b>"}, lines=[line],
                       order=SCRIPT)  # fmt: skip
    assert (await page.inner_text("#payee"), await page.inner_text(".what")) == (SCRIPT, SCRIPT)
    assert await page.locator("main img, main script, main b").count() == 0
    assert await page.evaluate("window.bad") is None


async def test_offline_and_too_late_and_not_whole_say_what_to_do(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open(BALANCE)
    await page.context.set_offline(True)
    await page.click("#pay")
    await page.wait_for_selector(".trouble[data-state=offline]")
    await look(page, "offline")
    await page.context.set_offline(False)
    shopper.house.clock.advance(timedelta(minutes=30))
    with suppress(PlaywrightTimeoutError):  # back on the line the page may look by itself
        await page.click("#pay", timeout=2_000)
    await shopper.state("EXPIRED")
    await look(page, "expired")
    await page.goto("about:blank")
    await page.evaluate("0")
    await page.goto(shopper.made["url"][:-3])
    await shopper.state("checkout_link_invalid")
    await look(page, "link")


async def test_on_a_slow_line_it_can_be_used_within_a_few_seconds(shopper: Shopper) -> None:
    """Fast 3G as Chromium's developer tools have it: 1.6 Mbit/s down, 750 kbit/s up, 562.5 ms."""
    page = shopper.page
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    slow = {"offline": False, "latency": 562.5, "downloadThroughput": 1.6e6 / 8 * 0.9,
            "uploadThroughput": 750e3 / 8 * 0.9}  # fmt: skip
    await line.send("Network.emulateNetworkConditions", slow)
    sizes: list[int] = []
    line.on("Network.loadingFinished", lambda e: sizes.append(int(e["encodedDataLength"])))
    await shopper.open(BALANCE)
    usable_ms = await page.evaluate("performance.now()")
    await page.wait_for_load_state("networkidle")
    print(json.dumps({"usable_ms": round(usable_ms), "bytes": sum(sizes)}))
    assert sum(sizes) < 120_000
    assert usable_ms < 8_000
