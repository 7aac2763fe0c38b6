"""A payer before the page of a checkout, in a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.browser.payer import Payer, payer
from tests.browser.test_one_tap import take_back
from tests.journey.checkout_steps import made

__all__ = ["payer", "shopper"]
CARD = {"type": "sandbox", "card": "tok_good", "label": "招商银行 ··6411"}
BAD = {"type": "sandbox", "card": "tok_insufficient_funds", "label": "工商银行 ··0027"}
SLOW = {"type": "sandbox", "card": "tok_lose_answer", "label": "建设银行 ··8810"}
BALANCE = {"type": "balance"}


class Shopper:
    """`asked` are the addresses that the browser has asked for."""

    def __init__(self, payer: Payer, customer: str, merchant: str) -> None:
        self.payer, self.house, self.page = payer, payer.house, payer.page
        self.customer, self.merchant = customer, merchant
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.made: dict[str, Any] = {}

    async def open(self, *methods: dict[str, str], **more: Any) -> None:
        """A checkout of the merchant's, and its page before the payer."""
        wish = {"payer": self.customer, "methods": list(methods), **more}
        self.made = await made(self.house.office, self.merchant, **wish)
        await self.page.goto("about:blank")
        await self.page.goto(self.made["url"])
        await self.page.wait_for_selector("#pay, #result")

    async def choose(self, number: int) -> None:
        """The payer takes that method."""
        await self.page.check(f"label[data-method='{number}'] input")
        await self.page.click("#pay")

    async def state(self, state: str) -> None:
        """Wait until the page says so."""
        await self.page.wait_for_selector(f"#result[data-state={state}]", timeout=15_000)

    async def stands(self) -> tuple[str, list[str]]:
        """The checkout, and its payments, as the merchant reads them."""
        read = (await self.house.office.get(f"/v1/checkouts/{self.made['id']}")).json()
        return read["state"], [payment["state"] for payment in read["payments"]]


@pytest.fixture
async def shopper(payer: Payer) -> AsyncIterator[Shopper]:
    """A customer with a passkey, whose browser a program drives: the rules that see that watch."""
    await take_back(payer.house, "device_automated", "device_contradictory")
    customer = await payer.house.office.customer(deposit=20_000)
    await payer.set_up_passkey(customer)
    yield Shopper(payer, customer, await payer.house.office.merchant("古树茶行 Old Tree Tea"))
