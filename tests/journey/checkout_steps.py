"""Steps of a checkout, over HTTP: as its merchant makes it and as its payer's page asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from tests.journey.conftest import Client, House

AMOUNT = 4_600
LINES = [
    {"name": "乌龙茶", "quantity": 2, "amount": 3_600},
    {"name": "茶点", "quantity": 1, "amount": 1_000},
]
BALANCE: list[dict[str, str]] = [{"type": "balance"}]


async def made(by: Client, payee: str, **more: Any) -> dict[str, Any]:
    """A checkout, as its merchant is answered."""
    wish = {"payee": payee, "amount": AMOUNT, "currency": "CNY", "lines": LINES, "order": "T-1041",
            "methods": BALANCE}  # fmt: skip
    answer = await by.post("/v1/checkouts", {**wish, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


class Page:
    """The page of a checkout, opened by the address that the merchant was told."""

    def __init__(self, house: House, url: str) -> None:
        self.house = house
        self.checkout, self.key = url.split("/pay/")[1].split("#")
        self.count = 0

    async def ask(self, path: str, **more: Any) -> httpx.Response:
        """A request of the page, as it is answered."""
        self.house.clock.advance(timedelta(milliseconds=1))
        self.count += 1
        body = {"checkout": self.checkout, "key": self.key, **more}
        return await self.house.http.post(f"/v1/checkout/{path}", json=body)

    async def see(self, **more: Any) -> dict[str, Any]:
        return dict((await self.ask("session", **more)).json())

    async def tap(self, method: int = 0, *, once: str | None = None, **more: Any) -> httpx.Response:
        """The payer chooses a method."""
        shown = {"amount": AMOUNT, "currency": "CNY"}
        wish = {"method": method, "shown": shown, "once": once or f"tap-{self.count}", **more}
        return await self.ask("pay", **wish)

    async def pay(self, method: int = 0, **more: Any) -> dict[str, Any]:
        """The page after the payer has chosen a method."""
        answer = await self.tap(method, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def answer(self, ticket: str, code: str) -> httpx.Response:
        """The payer types a code."""
        self.count += 1
        body = {"ticket": ticket, "once": f"code-{self.count}", "answer": {"code": code}}
        return await self.house.http.post("/v1/checkout/answer", json=body)
