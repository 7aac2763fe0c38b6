"""The pages of codes in a real Chromium: a till, a counter, a payer who scans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.browser.looks import look
from tests.browser.payer import Payer, payer, served
from tests.browser.test_one_tap import take_back
from tests.journey.checkout_steps import AMOUNT, made
from tests.journey.networks import Abroad, abroad
from tests.journey.test_scenes import sound

from anfu.simulation.networks import NAMES

__all__ = ["payer"]  # the fixture
pytestmark = pytest.mark.slow
NETWORKS = [{"type": name} for name in ("wechat", "alipay", "unionpay")]


@pytest.fixture
async def away(payer: Payer, tmp_path: Path, unused_tcp_port_factory: Any) -> AsyncIterator[Abroad]:
    """The networks, each on a port that the browser reaches, which a program drives."""
    await take_back(payer.house, "device_automated", "device_contradictory")
    ports = {name: unused_tcp_port_factory() for name in NAMES}
    origins = {name: f"http://localhost:{port}" for name, port in ports.items()}
    async with AsyncExitStack() as stack:
        made_ = await stack.enter_async_context(abroad(payer.house, tmp_path / "networks", origins))
        for name, app in made_.networks.apps.items():
            await stack.enter_async_context(served(app, ports[name]))
        yield made_


async def ask(payer: Payer) -> dict[str, Any]:
    """A guest's checkout."""
    return await made(payer.house.office, await payer.house.office.merchant(), methods=NETWORKS)


async def test_a_till_shows_a_code_and_by_itself_that_it_is_paid(
    payer: Payer, away: Abroad
) -> None:
    checkout = await ask(payer)
    till, phone = payer.page, await payer.page.context.new_page()
    path, key = checkout["url"].split("#")
    await till.goto(f"{path}/code#{key}")
    await till.wait_for_selector("svg.code")
    await look(till, "till")
    await phone.goto(checkout["url"])
    await phone.check("label[data-method='0'] input")
    await phone.click("#pay")
    await phone.wait_for_selector("#result svg.code")  # a computer is shown WeChat Pay's code
    await look(phone, "wechat")
    payment = (await payer.house.office.get(f"/v1/checkouts/{checkout['id']}")).json()["payments"]
    away.networks.wechat.payer.pay(payment[0]["payment"])
    await away.tell()
    for page, name in ((till, "till-paid"), (phone, "guest-paid")):
        await page.wait_for_selector("#result[data-state=SUCCEEDED]", timeout=15_000)
        await look(page, name)
    await sound(payer.house)


@pytest.mark.parametrize("network", ["alipay", "unionpay"])
async def test_a_payer_goes_to_the_network_and_comes_back_to_the_result(
    payer: Payer, away: Abroad, network: str
) -> None:
    page = payer.page
    checkout = await ask(payer)
    await page.goto(f"{checkout['url'].replace('#', f'?method={network}#')}")
    await page.click("#pay")
    await page.get_by_role("button").first.wait_for()
    await page.wait_for_url(lambda url: not url.startswith(payer.origin))
    await page.go_back()  # changed one's mind, and again
    await page.wait_for_selector("#open")
    await look(page, f"handover-{network}")
    await page.click("#open")
    await page.wait_for_url(lambda url: not url.startswith(payer.origin))
    await page.get_by_role("button").first.click()
    await page.wait_for_url(f"{payer.origin}/pay/{checkout['id']}**")
    assert await away.tell() >= 1
    await page.wait_for_selector("#result[data-state=SUCCEEDED]", timeout=15_000)
    await sound(payer.house)


async def test_a_static_code_is_scanned_the_amount_typed_and_the_network_chosen(
    payer: Payer, away: Abroad
) -> None:
    page, office = payer.page, payer.house.office
    merchant = await office.merchant("<b>Corner</b> Tea")
    url = (await office.post("/v1/codes", {"merchant": merchant})).json()["url"]
    address = payer.origin + "/code/" + url.split("/code/")[1]
    await page.goto(address + "/show")
    await page.wait_for_selector("svg.code")
    await look(page, "counter")
    await page.goto(address)
    assert await page.inner_text("#payee", timeout=10_000) == "<b>Corner</b> Tea"
    await page.fill("#typed", "0.001")
    assert await page.is_disabled("#next")
    await look(page, "typed-wrong")
    await page.fill("#typed", f"{AMOUNT / 100}")
    await page.click("#next")
    await page.wait_for_selector("#pay")
    assert "46.00" in await page.inner_text("#amount")
    await page.goto(address[:-2] + "xx")
    await page.wait_for_selector("#result[data-state=aggregate_code_invalid]")
