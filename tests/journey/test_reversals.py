"""A payer's code that is given up is undone, whenever that arrives; only what is not paid is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.journey.conftest import House
from tests.journey.networks import Abroad, NetworkWire, abroad
from tests.journey.reconciliation.test_network_bills import books_of, sums
from tests.journey.reconciliation.test_reconciliation import ITEMS, tomorrow
from tests.journey.test_scenes import begin, read, sound

from anfu.payments.recover import recover
from anfu.settlement.reconciliation.advance import advance

# Codes whose payer is asked for a password, and what undoes them.
ASKED = {"wechat": ("134567890123450001", "/reverse"),
         "alipay": ("281234567890120002", "alipay.trade.cancel")}  # fmt: skip


@pytest.fixture
async def away(house: House, tmp_path: Path) -> AsyncIterator[Abroad]:
    async with abroad(house, tmp_path / "networks") as made:
        yield made


class Late:
    """A line on which what undoes a payment is lost, and may arrive later."""

    def __init__(self, wire: NetworkWire, verb: str) -> None:
        self.held: list[httpx.Request] = []
        self.verb, self.on, self._deliver = verb, True, wire.handle_async_request
        wire.handle_async_request = self._handle  # type: ignore[method-assign]

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if self.on and self.verb in f"{request.url}{body.decode()}":
            self.held.append(request)
            raise httpx.ReadTimeout("late")
        return await self._deliver(request)

    async def arrive(self) -> None:
        for request in self.held:
            await self._deliver(request)


async def asked(house: House, network: str) -> dict[str, Any]:
    """A payment whose payer is asked for a password."""
    code, _ = ASKED[network]
    payment = await begin(house, network, "PAYER_CODE", payer_code=code)
    assert payment["state"] == "AWAITING", payment["failure"]
    return payment


@pytest.mark.parametrize("network", ASKED)
async def test_paid_after_we_have_sent_to_undo_it_it_goes_back_and_the_bill_agrees(
    house: House, away: Abroad, network: str
) -> None:
    house.clock.advance(timedelta(hours=2))
    payment = await asked(house, network)
    line = Late(away.wires[network], ASKED[network][1])
    off = await house.office.post(f"/v1/payments/{payment['id']}/cancel")
    assert (off.json()["state"], len(line.held)) == ("AWAITING", 1)
    getattr(away.networks, network).payer.pay(payment["id"])
    await away.tell()
    assert (await read(house, payment))["state"] in ("AWAITING", "UNKNOWN")
    line.on = False
    house.clock.advance(timedelta(seconds=60))
    await recover(house.tools, house.clock)
    for _ in range(2):
        ended = await read(house, payment)
        assert (ended["state"], ended["refunded"]) == ("FAILED", 0)
        await line.arrive()
        await away.tell()
    assert await house.office.balance(payment["payee"]) == (0, 0)
    assert (await house.office.get("/v1/strays")).json()["data"] == []
    tomorrow(house)
    await advance(books_of(house, away, network), house.clock)
    assert {(one["class"], one["lines"]) for one in await sums(house)} == {("MATCHED", 2)}
    items = (await house.office.get(ITEMS)).json()["data"]
    assert [(one["leg"], one["class"]) for one in items if one["leg"] != "BANK"] == []
    await sound(house)


@pytest.mark.parametrize("network", ASKED)
async def test_what_a_dead_network_cannot_tell_is_not_undone(
    house: House, away: Abroad, network: str
) -> None:
    payment = await asked(house, network)
    getattr(away.networks, network).payer.pay(payment["id"])
    house.clock.advance(timedelta(seconds=46))
    away.wires[network].dead = True
    away.back.dead = True
    for _ in range(3):
        await recover(house.tools, house.clock)
        house.clock.advance(timedelta(seconds=60))
    away.wires[network].dead = False
    house.clock.advance(timedelta(minutes=10))
    await recover(house.tools, house.clock)
    assert (await read(house, payment))["state"] == "SUCCEEDED"
    await sound(house)
