"""The three-way check of the reserve fund: whole when it is, and each difference by its name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.journey.settlement.market import Market
from tests.journey.test_scenes import sound

from anfu.channels.banks.messages import Row
from anfu.entrypoints.worker.settling import check_reserve, settle_due
from anfu.kernel.errors import Refused
from anfu.ledger.account import Account, Side
from anfu.ledger.entry import EntryOrder
from anfu.ledger.operations import open_accounts, post
from anfu.settlement.reserve.check import check
from anfu.settlement.reserve.queries import Kept

DAY = date(2026, 2, 11)
DEPOSIT = 90_000_000


async def checked(market: Market, day: date) -> Kept:
    market.at(day + timedelta(days=1), 10)
    return await check(market.house.tools, day, "CNY", now=market.house.clock.now())


async def test_every_day_is_whole_while_merchants_are_paid(market: Market) -> None:
    merchant = await market.merchant(retention={"rate_bp": 1_000, "days": 30})
    market.at(DAY)
    await market.sell(merchant, 10_000)
    tools, clock = market.house.tools, market.house.clock
    market.at(DAY + timedelta(days=1), 9)
    assert await settle_due(tools, clock) == 4  # two days, a batch, and its sending
    assert await check_reserve(tools, clock) == 7
    assert await check_reserve(tools, clock) == 0
    found = (await checked(market, DAY + timedelta(days=1))).parts
    assert found == {
        "clients": {"balance": DEPOSIT - 10_000, "retention": 1_000, "payouts": 0},
        "clients_total": DEPOSIT - 9_000, "bank": DEPOSIT - 8_940, "channels": 0, "own": 60,
        "others": {}, "statement": DEPOSIT - 8_940, "unbooked": 0, "differences": {},
        "whole": True,
    }  # fmt: skip
    await sound(market.house)


async def test_a_difference_has_a_name_and_a_task(market: Market) -> None:
    market.bank.deposit(500, DAY, "stray")
    # Money that left in the name of payouts we know nothing of.
    market.bank.rows.append(Row(DAY, -20, "bk-x", "pyo_x"))
    market.bank.rows.append(Row(DAY, 5, "rtn-x", "pyo_x", returned=True))
    now = market.house.clock.now()
    async with market.house.database.transaction() as tx:
        strange = Account("anfu/suspense/CNY", "CNY", Side.CREDIT)
        await open_accounts(tx, accounts=[strange], now=now)
        moved = EntryOrder("s_1", "anfu/bank/CNY", strange.key, "CNY", 70)
        assert await post(tx, orders=[moved], now=now) == {}
    found = await checked(market, DAY)
    assert found.parts["differences"] == {"OTHERS": 70, "BANK": 415}
    assert found.parts["others"] == {"suspense": 70}
    assert await market.tasks() == [
        ("RESERVE_DIFFERENCE", "2026-02-11/CNY", {"OTHERS": 70, "BANK": 415})
    ]
    listed = (await market.house.office.get("/v1/reserve-checks")).json()["data"]
    assert [(one["day"], one["whole"]) for one in listed] == [("2026-02-11", False)]


async def test_what_came_back_by_the_statement_is_given_back_once(market: Market) -> None:
    merchant = await market.merchant(number="35001234567890123403")
    market.at(DAY)
    await market.sell(merchant, 10_000)
    await market.settle(DAY)
    await market.pay_out(DAY + timedelta(days=1))
    (paid,) = await market.payouts()
    assert paid["state"] == "PAID"
    back = DAY + timedelta(days=2)
    found = await checked(market, back)
    # The bank had it a day before the books did.
    assert (found.parts["unbooked"], found.parts["differences"]) == (9_940, {})
    (returned,) = await market.payouts()
    assert returned["state"] == "RETURNED"
    assert await market.stands(merchant) == (9_940, 0, 0, 0, 60)
    assert await market.tasks() == [
        ("PAYOUT_RETURNED", merchant, {"payout": paid["id"], "reason": "RETURNED"})
    ]
    assert (await checked(market, back)).parts["unbooked"] == 9_940
    assert await market.stands(merchant) == (9_940, 0, 0, 0, 60)
    assert (await checked(market, back + timedelta(days=1))).parts["unbooked"] == 0
    await market.house.check_books()


async def test_without_a_statement_nothing_is_said(market: Market) -> None:
    today = DAY
    market.at(today)
    async with market.house.untouched():
        with pytest.raises(Refused, match="bank_statement_missing"):
            await check(market.house.tools, today, "CNY", now=market.house.clock.now())
