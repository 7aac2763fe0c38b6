"""The load: actors who pay, refund, deposit, prove and review, one after another, until stopped.

Each actor has payers of its own, each with a clock of its own (`occurred_at`) on which twenty
minutes pass from payment to payment, so that the rules see people and not a machine. What the
rules are to hold up is provoked on purpose.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.journal import Journal, NeverAnsweredError, Written

from anfu.kernel.errors import OutsideFailure
from anfu.parties.person import citizen_check
from anfu.payments.document import rfc3339

DEPOSIT = 10_000_000
_STEP = timedelta(minutes=20)
_THINK_S = 0.08
_PAYERS = 3
_HOME = 4
# Devices that pay for many people each: the rules ask each of them for a code.
_FARMS = 8
# One card that many people use: the rules send it to a reviewer.
_SHARED_CARD = "tok_shared"
_CODE = re.compile(r"\b([0-9]{6})\b")


@dataclass(slots=True)
class Payer:
    """A customer, the payees it is used to, and its clock."""

    id: str
    account_class: int
    payees: Sequence[str]
    clock: datetime


@dataclass(slots=True)
class Town:
    """The merchants, and when the day began."""

    merchants: Sequence[str]
    start: datetime


class Actor:
    """Does one thing after another. Every write is in the journal."""

    def __init__(self, number: int, journal: Journal, town: Town, seed: int) -> None:
        self.number = number
        self._journal = journal
        self._town = town
        self._dice = random.Random(seed * 1_000 + number)
        self._count = 0
        self._payers: list[Payer] = []
        self._paid: deque[tuple[str, int]] = deque(maxlen=50)

    async def open(self) -> None:
        """Open the payers. The first is of class 1 and soon at its limit of a lifetime."""
        for place in range(_PAYERS):
            digits = f"110105{19500101 + self.number:08d}{place:03d}"
            document = {"type": "CITIZEN_ID", "number": digits + citizen_check(digits)}
            account_class = 1 if place == 0 else 3
            body = {"name": f"付款人{self.number}", "phone": f"138{self.number:04d}{place:04d}",
                    "document": document, "account_class": account_class}  # fmt: skip
            opened = await self._write("customer", "/v1/customers", body)
            payees = self._dice.sample(self._town.merchants, _HOME)
            payer = Payer(opened.answer["id"], account_class, payees, self._town.start)
            self._payers.append(payer)
            await self._deposit(payer, DEPOSIT)

    async def run(self, stop: asyncio.Event) -> None:
        """Act until told to stop; what has been begun is finished."""
        steps = [self._pay_balance, self._pay_card, self._refund, self._top_up, self._step_up,
                 self._review]  # fmt: skip
        while not stop.is_set():
            (step,) = self._dice.choices(steps, weights=(48, 22, 10, 6, 8, 6))
            try:
                await step(self._dice.choice(self._payers))
            except (NeverAnsweredError, OutsideFailure):
                continue  # the journal knows; a read that fails is not asked for again
            await asyncio.sleep(self._dice.expovariate(1 / _THINK_S))

    async def _pay_balance(self, payer: Payer) -> None:
        await self._pay(payer, self._dice.randint(501, 4_000))

    async def _pay_card(self, payer: Payer) -> None:
        await self._pay(payer, self._dice.randint(501, 50_000), card=f"tok_{payer.id[-8:]}")

    async def _refund(self, _payer: Payer) -> None:
        if not self._paid:
            return
        payment, amount = self._dice.choice(self._paid)
        part = None if self._dice.random() < 0.3 else self._dice.randint(1, amount)
        body = {"payment": payment} if part is None else {"payment": payment, "amount": part}
        await self._write("refund", "/v1/refunds", body)

    async def _top_up(self, payer: Payer) -> None:
        await self._deposit(payer, self._dice.randint(1, 5_000))

    async def _step_up(self, payer: Payer) -> None:
        """A payment on a device that many use, and the code that it asks for; or nobody answers."""
        card = f"tok_{payer.id[-8:]}" if self._dice.random() < 0.4 else None
        device = f"farm-{self.number % _FARMS}"
        paid = await self._pay(payer, self._dice.randint(501, 4_000), card=card, device=device)
        if paid.answer.get("state") != "CHALLENGED":
            return
        payment, wish = paid.answer["id"], self._dice.random()
        if wish < 0.1:
            return
        if wish < 0.2:
            await self._write("cancel", f"/v1/payments/{payment}/cancel", None)
            return
        messages = await self._journal.client.messages(payer.id)
        found = _CODE.search(messages.body["data"][0]["text"]) if messages.good else None
        if found is not None:
            body = {"code": found[1]}
            self._note(await self._write("prove", f"/v1/payments/{payment}/challenge", body))

    async def _review(self, payer: Payer) -> None:
        """A payment that goes to a reviewer, and what the reviewer says; or nobody looks."""
        if self._dice.random() < 0.5 and payer.account_class != 1:
            stranger = self._dice.choice([m for m in self._town.merchants if m not in payer.payees])
            device = f"new-{self.number}-{self._count}"
            paid = await self._pay(payer, 100_000, device=device, payee=stranger)
        else:
            paid = await self._pay(payer, self._dice.randint(501, 4_000), card=_SHARED_CARD)
        if paid.answer.get("state") != "IN_REVIEW":
            return
        end = self._dice.choice(["release", "release", "reject", "cancel", None])
        if end is not None:
            body = None if end == "cancel" else {"note": "looked at"}
            self._note(await self._write(end, f"/v1/payments/{paid.answer['id']}/{end}", body))

    async def _pay(
        self,
        payer: Payer,
        amount: int,
        *,
        card: str | None = None,
        device: str | None = None,
        payee: str | None = None,
    ) -> Written:
        payer.clock += _STEP
        body: dict[str, Any] = {
            "payer": payer.id,
            "payee": payee or self._dice.choice(payer.payees),
            "amount": amount,
            "currency": "CNY",
            "method": {"type": "balance"} if card is None else {"type": "sandbox", "card": card},
            "environment": {"device": device or f"phone-{payer.id}", "address": "203.0.113.7"},
            "factors": ["password", "sms_code"],
            "order": f"order-{self.number}-{self._count}",
            "occurred_at": rfc3339(payer.clock),
        }
        paid = await self._write("payment", "/v1/payments", body)
        self._note(paid)
        return paid

    async def _deposit(self, payer: Payer, amount: int) -> None:
        body = {"party": payer.id, "amount": amount, "currency": "CNY"}
        await self._write("deposit", "/v1/deposits", body)

    async def _write(self, kind: str, target: str, body: Any) -> Written:
        key = f"{kind}-{self.number}-{self._count}"
        self._count += 1
        return await self._journal.write(kind, target, body, key)

    def _note(self, written: Written) -> None:
        if written.answer.get("state") == "SUCCEEDED":
            self._paid.append((written.answer["id"], written.answer["amount"]))
