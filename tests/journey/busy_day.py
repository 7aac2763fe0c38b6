"""A day on which everything happens: payments, refunds and deposits of every fate."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from tests.journey.conftest import Client, House


class Day:
    """What was done: documents of payments and refunds by their state at last."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.office: Client = house.office
        self.payments: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.refunds: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.decision = ""
        self.count = 0

    async def round(self) -> None:
        """Some 35 requests, of every kind there is."""
        self.count += 1
        payee = await self.office.merchant()
        payers = [await self.office.customer(deposit=2_000_000) for _ in range(4)]
        await self._balance(payers[0], payee)
        await self._channel(payers, payee)
        await self._challenges(payers[3], payee)
        await self._assessment()

    async def pay(self, payer: str, payee: str, amount: int, **more: Any) -> dict[str, Any]:
        payment = await self.office.pay(payer, payee, amount, **more)
        self.payments[payment["state"]].append(payment)
        return payment

    async def move(self, payment: dict[str, Any], what: str, body: Any = None) -> None:
        """Send a payment on and file it under its new state."""
        answer = await self.office.post(f"/v1/payments/{payment['id']}/{what}", body)
        assert answer.status_code == 200, answer.text
        self.payments[payment["state"]].remove(payment)
        self.payments[answer.json()["state"]].append(answer.json())

    async def refund(self, payment: dict[str, Any], amount: int | None = None) -> None:
        wish = {"payment": payment["id"], "amount": amount, "reason": "wrong size"}
        answer = await self.office.post("/v1/refunds", wish)
        assert answer.status_code == 201, answer.text
        self.refunds[answer.json()["state"]].append(answer.json())

    async def _balance(self, payer: str, payee: str) -> None:
        await self.pay(payer, payee, 1_200, order="A-1", description="two teas")
        kept = await self.pay(payer, payee, 3_000)
        await self.refund(kept, 1_000)
        await self.refund(kept, 500)
        await self.refund(await self.pay(payer, payee, 700))
        await self.pay(payer, payee, 90_000, factors=["password"])
        await self.pay(payer, payee, 90_000, factors=["password"])
        await self.pay(await self.office.customer(), payee, 100)

    async def _channel(self, payers: list[str], payee: str) -> None:
        shared = card(f"tok_shared_{self.count}")
        paid = await self.pay(payers[0], payee, 5_000, **shared)
        await self.refund(paid, 2_000)
        await self.pay(payers[1], payee, 6_000, **shared)
        reviews = [await self.pay(payers[2], payee, 7_000 + n, **shared) for n in range(4)]
        await self.move(reviews[0], "release", {"note": "called back"})
        await self.move(reviews[1], "reject", {"note": "payer denies it"})
        await self.move(reviews[2], "cancel")
        await self.pay(payers[1], payee, 800, **card("tok_stolen_card"))
        await self.pay(payers[2], payee, 900, **card("tok_server_error"))

    async def _challenges(self, payer: str, payee: str) -> None:
        for amount in range(600, 610):
            await self.pay(payer, payee, amount)
        asked = [p for p in self.payments["CHALLENGED"] if p["payer"] == payer]
        messages = await self.office.get("/v1/development/messages", to=payer)
        codes = [
            code[0]
            for message in messages.json()["data"]
            if (code := re.search(r"\b\d{6}\b", message["text"]))
        ]
        await self.move(asked[0], "cancel")
        for code in codes:
            answer = await self.office.post(
                f"/v1/payments/{asked[1]['id']}/challenge", {"code": code}
            )
            if answer.status_code == 200:
                self.payments["CHALLENGED"].remove(asked[1])
                self.payments[answer.json()["state"]].append(answer.json())
                break

    async def _assessment(self) -> None:
        wish = {"event": f"order-{self.count}", "payer": "alice", "payee": "tea-shop",
                "amount": 1250, "currency": "CNY", "method": "card", "card": "tok_1"}  # fmt: skip
        answer = await self.office.post("/v1/decisions", wish)
        assert answer.status_code == 201, answer.text
        self.decision = answer.json()["id"]


def card(token: str) -> dict[str, Any]:
    """The part of an order that pays by card."""
    return {"method": {"type": "sandbox", "card": token}}
