"""A day at each network closed by its own bill: matched to the fen, and what nobody told us of is
resolved by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.journey.conftest import House
from tests.journey.networks import Abroad, abroad
from tests.journey.reconciliation.test_reconciliation import ITEMS, tomorrow
from tests.journey.test_scenes import AMOUNT, CODES, act, begin, read, sound

from anfu.channels.port import ChannelAnswer
from anfu.kernel.errors import Outcome
from anfu.payments.strays.give_back import give_back
from anfu.settlement.reconciliation.advance import advance
from anfu.settlement.reconciliation.fetch import Desk
from anfu.settlement.reconciliation.terms import Terms

NETWORKS = ("wechat", "alipay", "unionpay")


@pytest.fixture
async def away(house: House, tmp_path: Path) -> AsyncIterator[Abroad]:
    async with abroad(house, tmp_path / "networks") as made:
        yield made


def books_of(house: House, away: Abroad, network: str) -> Desk:
    """Reconciling one network; fees are taken as the bill has them."""
    desk = Desk(house.tools, {network: away.bills[network]}, {network: Terms()})
    house.desk.reconciling = desk
    return desk


async def sums(house: House) -> list[dict[str, Any]]:
    bills = (await house.office.get("/v1/bills")).json()["data"]
    trade = next(bill for bill in bills if bill["kind"] == "TRADE")
    return list((await house.office.get(f"/v1/bills/{trade['id']}")).json()["sums"])


@pytest.mark.parametrize("network", NETWORKS)
async def test_a_days_bill_matches_line_by_line(house: House, away: Abroad, network: str) -> None:
    house.clock.advance(timedelta(hours=2))
    scanned = await begin(house, network, "PAYER_CODE", payer_code=CODES[network])
    shown = await begin(house, network, "DYNAMIC_CODE")
    await act(away, shown)
    await away.tell()
    refund = await house.office.post("/v1/refunds", {"payment": scanned["id"], "amount": 800})
    assert refund.json()["state"] in ("SUCCEEDED", "UNKNOWN")
    await house.recover(seconds=60)
    tomorrow(house)
    assert await advance(books_of(house, away, network), house.clock) == 2
    [matched] = await sums(house)
    assert (matched["class"], matched["lines"], matched["payments"]) == ("MATCHED", 3, 3)
    assert matched["line_sum"] == matched["payment_sum"] == 2 * AMOUNT - 800
    assert matched["fee_sum"] > 0
    items = (await house.office.get(ITEMS)).json()["data"]
    assert [(one["leg"], one["class"]) for one in items if one["leg"] != "BANK"] == []
    await sound(house)


@pytest.mark.parametrize("network", NETWORKS)
async def test_with_everything_killed_a_payment_is_resolved_by_the_bill(
    house: House, away: Abroad, network: str
) -> None:
    """No notice comes, and no worker asks, until the next day's bill."""
    house.clock.advance(timedelta(hours=2))
    away.back.dead = True
    payment = await begin(house, network, "DYNAMIC_CODE")
    await act(away, payment)
    await away.tell()
    assert (await read(house, payment))["state"] == "AWAITING"
    tomorrow(house)
    await advance(books_of(house, away, network), house.clock)
    assert (await read(house, payment))["state"] == "SUCCEEDED"
    assert await house.office.balance(payment["payee"]) == (AMOUNT, AMOUNT)
    items = (await house.office.get(ITEMS, state="MATCHED")).json()["data"]
    assert [(i["class"], i["number"], i["by"]) for i in items] == [("LONG", payment["id"], "auto")]
    await sound(house)


async def test_what_the_bill_says_was_paid_after_we_gave_it_up_goes_back(
    house: House, away: Abroad
) -> None:
    house.clock.advance(timedelta(hours=2))
    payment = await begin(house, "wechat", "DYNAMIC_CODE")
    off = await house.office.post(f"/v1/payments/{payment['id']}/cancel")
    assert off.json()["state"] == "FAILED"
    # The network takes the money all the same.
    simulator = away.networks.wechat
    order = simulator.desk.orders.find(payment["id"], now=house.clock.now())
    simulator.desk.orders.pay(order, now=house.clock.now())
    simulator.desk.paid(order)
    away.back.dead = True
    tomorrow(house)
    await advance(books_of(house, away, "wechat"), house.clock)
    assert (await read(house, payment))["state"] == "FAILED"
    await give_back(house.tools, house.clock, most=10)
    [stray] = (await house.office.get("/v1/strays")).json()["data"]
    assert (stray["payment"], stray["amount"]) == (payment["id"], AMOUNT)
    assert stray["state"] in ("RETURNED", "OWED")  # its fee may be missing to give it back at once
    await sound(house)


async def test_what_a_network_cannot_tell_yet_is_asked_for_again_with_the_next_bill(
    house: House, away: Abroad
) -> None:
    """A long item whose payment was given up is not posted on an unclear word; found by `make
    simulate`."""
    house.clock.advance(timedelta(hours=2))
    await act(away, await begin(house, "wechat", "DYNAMIC_CODE"))  # its money pays for the fee
    payment = await begin(house, "wechat", "DYNAMIC_CODE")
    await house.office.post(f"/v1/payments/{payment['id']}/cancel")
    simulator = away.networks.wechat
    order = simulator.desk.orders.find(payment["id"], now=house.clock.now())
    simulator.desk.orders.pay(order, now=house.clock.now())
    simulator.desk.paid(order)
    away.back.dead = True
    desk = books_of(house, away, "wechat")
    tomorrow(house)
    with patch.object(type(house.tools.channels["wechat"]), "query", _unclear):
        await advance(desk, house.clock)
    [long] = (await house.office.get(ITEMS, state="LONG")).json()["data"]
    assert (long["number"], long["tasked"], long["entries"]) == (payment["id"], True, [])
    tomorrow(house)
    await advance(desk, house.clock)
    await give_back(house.tools, house.clock, most=10)
    [stray] = (await house.office.get("/v1/strays")).json()["data"]
    assert (stray["payment"], stray["state"]) == (payment["id"], "RETURNED")
    await sound(house)


async def _unclear(_channel: object, _order: object) -> ChannelAnswer:
    return ChannelAnswer(Outcome.UNKNOWN, None, "processing")


async def test_what_goes_back_a_day_after_it_was_seen_is_no_second_line(
    house: House, away: Abroad
) -> None:
    """Its own day's bill was matched before it went; found by `make simulate`."""
    house.clock.advance(timedelta(hours=2))
    await act(away, await begin(house, "wechat", "DYNAMIC_CODE"))  # its money pays for the fee
    payment = await begin(house, "wechat", "DYNAMIC_CODE")
    await house.office.post(f"/v1/payments/{payment['id']}/cancel")
    simulator = away.networks.wechat
    order = simulator.desk.orders.find(payment["id"], now=house.clock.now())
    simulator.desk.orders.pay(order, now=house.clock.now())
    simulator.desk.paid(order)
    await away.tell()
    desk = books_of(house, away, "wechat")
    tomorrow(house)
    await advance(desk, house.clock)
    await give_back(house.tools, house.clock, most=10)
    tomorrow(house)
    await advance(desk, house.clock)
    [stray] = (await house.office.get("/v1/strays")).json()["data"]
    assert (stray["payment"], stray["state"]) == (payment["id"], "RETURNED")
    items = (await house.office.get(ITEMS)).json()["data"]
    ends = [(i["class"], i["state"], i["refund"] is None) for i in items]
    assert ends == [("MATCHED", "MATCHED", False), ("LONG", "MATCHED", True)]
    await sound(house)
