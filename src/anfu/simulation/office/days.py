"""Days that go by: the test clock is moved on, and a few people pay meanwhile."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.kernel.clock import MovableClock
from anfu.kernel.periods import SHANGHAI
from anfu.simulation.client import BALANCE, Client, Method, Pay, Place
from anfu.simulation.register import CURRENCY, done

# Longer than each pause between two deliveries to an endpoint that does not answer, so that the
# last one is DEAD at the end, and two to spare: nearly five days in all.
STEPS = (
    *(timedelta(minutes=m) for m in (1, 2, 4, 14, 80)),
    *(timedelta(hours=h) for h in (4, 8, 15, 15, 15, 15, 15, 15, 15)),
)
_CAUGHT_UP_S = 3.0
_CARD_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Town:
    """The institution's own programs: `client` and, where two are needed, `second`; the clock they
    go by; some of its customers and merchants, by id."""

    client: Client
    second: Client
    clock: MovableClock
    dice: random.Random
    customers: Sequence[str]
    merchants: Sequence[str]

    async def post(self, path: str, body: object = None) -> dict[str, object]:
        """Write once. Raises OutsideFailure for a no."""
        return dict(done(await self.client.post(path, body, key=self._key())).body)

    async def agree(self, path: str) -> None:
        """The second person approves what lies at `path`. Raises OutsideFailure for a no."""
        done(await self.second.post(f"{path}/approve", {}, key=self._key()))

    async def sell(self, sales: int, *, merchants: Sequence[str] = ()) -> list[dict[str, object]]:
        """So many payments at once, from the balance or by card; the answers."""
        among = merchants or self.merchants
        orders = [self._order(among) for _ in range(sales)]
        answers = await asyncio.gather(
            *(self.client.pay(order, key=order.order or "") for order in orders)
        )
        return [dict(answer.body) for answer in answers if answer.good]

    def _order(self, merchants: Sequence[str]) -> Pay:
        thrown = self.dice
        payer = thrown.choice(self.customers)
        card = thrown.random() < _CARD_SHARE
        return Pay(
            payer=payer,
            payee=thrown.choice(merchants),
            amount=round(thrown.lognormvariate(8.3, 0.7)),
            currency=CURRENCY,
            method=Method("sandbox", f"card-{payer[-6:]}") if card else BALANCE,
            environment=Place(device=f"phone-{payer[-6:]}"),
            factors=("password", "device_key"),
            order=self._key(),
        )

    def _key(self) -> str:
        return f"office-{self.dice.getrandbits(64):016x}"


def until_morning(*, now: datetime) -> timedelta:
    """How long it is until the next half past nine in Shanghai."""
    here = now.astimezone(SHANGHAI)
    morning = here.replace(hour=9, minute=30, second=0, microsecond=0)
    return (morning if morning > here else morning + timedelta(days=1)) - here


async def move(town: Town, step: timedelta) -> None:
    """Let `step` go by, and wait until what came due is done: a few seconds at the most."""
    answer = await town.post("/v1/test_clock/advance", {"seconds": int(step.total_seconds())})
    town.clock.move(timedelta(seconds=int(str(answer["ahead_s"]))))
    deadline = time.monotonic() + _CAUGHT_UP_S
    while time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        if not done(await town.client.get("/v1/test_clock")).body["due"]:
            return


async def go_by(town: Town, steps: Sequence[timedelta], *, sales: int) -> None:
    """The steps one after another, with so many payments after each."""
    for step in steps:
        await move(town, step)
        await town.sell(sales)
