"""T+0: who may have it is settled at 18:00; who may no longer, with the next working day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from tests.journey.settlement.market import FREE, Market, form

from anfu.settlement.cycles.settle import Run, settle_day
from anfu.settlement.cycles.settlement import Settlement
from anfu.settlement.terms.approve import approve
from anfu.storage.transaction import Tx

DAY = date(2026, 2, 11)


async def may(_tx: Tx, merchant_id: str, *, now: datetime) -> bool:
    """As 261号 二(十二) would have it for a merchant of 90 days; the night is in the question."""
    return bool(merchant_id) and now.day != 13


async def settled(market: Market, day: date, hour: int) -> list[Settlement]:
    market.at(day, hour)
    return await settle_day(market.house.tools, Run(day, may), now=market.house.clock.now())


@pytest.fixture
async def merchant(market: Market) -> str:
    made = await market.house.office.merchant()
    path = f"/v1/merchants/{made}/settlement-terms"
    wish = form(cycle={"kind": "SAME_DAY"}, fee=FREE)
    terms = (await market.house.office.post(path, wish)).json()["id"]

    async def work(tx: Tx) -> None:
        now = market.house.clock.now()
        await approve(tx, market.house.tools, (made, terms), "bo", same_day=may, now=now)

    await market.house.database.run(work)
    return made


async def test_a_day_closes_at_18_and_is_paid_on_it(market: Market, merchant: str) -> None:
    market.at(DAY, 17)
    await market.sell(merchant, 1_000)
    async with market.house.untouched():
        assert await settled(market, DAY, 17) == []
    market.at(DAY, 18)
    await market.sell(merchant, 50)
    (made,) = await settled(market, DAY, 18)
    assert (made.payments, made.paid, made.span.payable_on) == (1_000, 1_000, DAY)
    assert made.span.cycle == "SAME_DAY"
    (made,) = await settled(market, DAY + timedelta(days=1), 19)
    assert (made.payments, made.paid) == (50, 50)


async def test_who_may_no_longer_has_the_next_working_day(market: Market, merchant: str) -> None:
    market.at(date(2026, 2, 13), 12)
    await market.sell(merchant, 1_000)
    async with market.house.untouched():
        assert await settled(market, date(2026, 2, 13), 19) == []
    market.at(date(2026, 2, 14), 1)
    (made,) = await settled(market, date(2026, 2, 13), 1)
    assert (made.span.cycle, made.span.payable_on) == ("NEXT_WORKING_DAY", date(2026, 2, 14))
    assert made.payments == 1_000
