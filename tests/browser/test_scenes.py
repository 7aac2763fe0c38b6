"""A payer at the networks' own pages in a real Chromium: what a payment hands over is opened, the
payer presses the button, comes back to the shop, and the notice books it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.browser.payer import Payer, payer, served
from tests.journey.networks import Abroad, abroad
from tests.journey.test_scenes import AMOUNT, begin, read, sound

from anfu.simulation.networks import NAMES

__all__ = ["payer"]  # the fixture
pytestmark = pytest.mark.slow


@pytest.fixture
async def away(payer: Payer, tmp_path: Path, unused_tcp_port_factory: Any) -> AsyncIterator[Abroad]:
    """The networks, each on a port that the browser reaches."""
    ports = {name: unused_tcp_port_factory() for name in NAMES}
    origins = {name: f"http://localhost:{port}" for name, port in ports.items()}
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(abroad(payer.house, tmp_path / "networks", origins))
        for name, app in made.networks.apps.items():
            await stack.enter_async_context(served(app, ports[name]))
        yield made


async def hand_over(payer: Payer, handover: dict[str, Any]) -> None:
    """What the payer's device does with it: opens it, or posts it from a page of the shop."""
    values = handover["values"]
    if handover["kind"] == "FORM":
        inputs = "".join(
            f'<input type="hidden" name="{name}">' for name in values if name != "action"
        )
        await payer.page.set_content(f'<form method="post" action="{values["action"]}">{inputs}')
        for name in values.keys() - {"action"}:
            script = "([name, value]) => { document.forms[0].elements[name].value = value }"
            await payer.page.evaluate(script, [name, values[name]])
        await payer.page.evaluate("document.forms[0].submit()")
    else:
        await payer.page.goto(values.get("url") or values["text"])


@pytest.mark.parametrize(
    ("network", "scene"),
    [
        ("wechat", "H5"), ("wechat", "DYNAMIC_CODE"), ("wechat", "PAGE"),
        ("alipay", "H5"), ("alipay", "PAGE"), ("alipay", "DYNAMIC_CODE"),
        ("unionpay", "H5"), ("unionpay", "PAGE"), ("unionpay", "DYNAMIC_CODE"),
    ],
)  # fmt: skip
async def test_the_payer_pays_at_the_network_and_comes_back(
    payer: Payer, away: Abroad, network: str, scene: str, tmp_path: Path
) -> None:
    house, back = payer.house, f"{payer.origin}/ready"
    comes_back = scene in ("H5", "PAGE") and (network, scene) != ("wechat", "PAGE")
    more = {"return_url": back} if comes_back else {}
    payment = await begin(house, network, scene, **more)
    await hand_over(payer, payment["handover"])
    await payer.page.get_by_role("button").first.wait_for()
    assert f"{AMOUNT / 100:.2f}" in await payer.page.inner_text("body")
    await payer.page.screenshot(path=tmp_path / "network.png")
    await payer.page.get_by_role("button").first.click()
    if comes_back:
        await payer.page.wait_for_url(f"{back}**")
    else:
        await payer.page.wait_for_load_state("networkidle")
    assert await away.tell() >= 1
    assert (await read(house, payment))["state"] == "SUCCEEDED"
    await sound(house)
