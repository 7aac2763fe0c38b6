"""Merchants are settled: exact numbers over holidays, tiers, negative balances and crashes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from tests.journey.settlement.market import FLAT, FREE, Market, form

from anfu.ledger.entry import EntryOrder
from anfu.ledger.operations import post
from anfu.parties.operations import set_merchant_status
from anfu.parties.party import Status
from anfu.settlement.cycles import settle as journey
from anfu.settlement.cycles.settlement import Settlement, Withheld


def sums(made: Settlement) -> tuple[int, ...]:
    """carried in, payments, refunds, fees, retained, released, paid, carried out."""
    return (made.carried_in, made.payments, made.refunds, made.fees, made.retained, made.released,
            made.paid, made.carried_out)  # fmt: skip


async def test_a_merchant_is_settled_over_the_spring_festival(market: Market) -> None:
    merchant = await market.merchant()
    market.at(date(2026, 2, 13))
    await market.sell(merchant, 10_000, 2_345)
    friday = await market.one(date(2026, 2, 13))
    assert sums(friday) == (0, 12_345, 0, 74, 0, 0, 12_271, 0)
    assert friday.span.payable_on == date(2026, 2, 14)
    for day in range(14, 24):
        market.at(date(2026, 2, day))
        await market.sell(merchant, 1_000)
    for day in range(14, 23):
        assert await market.settle(date(2026, 2, day)) == []
    made = await market.one(date(2026, 2, 23))
    assert sums(made) == (0, 10_000, 0, 60, 0, 0, 9_940, 0)
    assert (made.span.since, made.span.payable_on) == (friday.span.until, date(2026, 2, 24))
    assert await market.stands(merchant) == (0, 0, 0, 12_271 + 9_940, 74 + 60)
    async with market.house.untouched():
        assert await market.settle(date(2026, 2, 23)) == []
        assert await market.settle(date(2026, 2, 20)) == []
    await market.house.check_books()


async def test_tiers_follow_the_volume_of_the_month_and_begin_anew(market: Market) -> None:
    tiers = {"tiers": [{"volume": 0, "rate_bp": 60}, {"volume": 15_000, "rate_bp": 30}],
             "least": 5, "most": 50}  # fmt: skip
    merchant = await market.merchant(cycle={"kind": "NEXT_DAY"}, fee=tiers)
    market.at(date(2026, 2, 27))
    await market.sell(merchant, 10_000, 5_000)
    assert (await market.one(date(2026, 2, 27))).fees == 50 + 30
    market.at(date(2026, 2, 28))
    await market.sell(merchant, 10_000, 100)
    assert (await market.one(date(2026, 2, 28))).fees == 30 + 5
    market.at(date(2026, 3, 1))
    await market.sell(merchant, 10_000)
    assert (await market.one(date(2026, 3, 1))).fees == 50


async def test_refunds_give_the_fee_back_and_more_than_the_sales(market: Market) -> None:
    merchant = await market.merchant(cycle={"kind": "NEXT_DAY"}, minimum=20_000)
    no_return = {**FLAT, "returned": False}
    kept = await market.merchant("Keeps", cycle={"kind": "NEXT_DAY"}, fee=no_return)
    market.at(date(2026, 2, 11))
    (first,) = await market.sell(merchant, 10_000)
    (other,) = await market.sell(kept, 10_000)
    await market.refund(other, 10_000)
    one, two = sorted(await market.settle(date(2026, 2, 11)), key=lambda s: s.merchant != merchant)
    assert sums(one) == (0, 10_000, 0, 60, 0, 0, 0, 9_940)
    assert one.withheld is Withheld.BELOW_MINIMUM
    assert sums(two) == (0, 10_000, 10_000, 60, 0, 0, 0, -60)
    market.at(date(2026, 2, 12))
    await market.sell(merchant, 1_000)
    await market.refund(first, 5_000)
    made = next(m for m in await market.settle(date(2026, 2, 12)) if m.merchant == merchant)
    assert sums(made) == (9_940, 1_000, 5_000, 6 - 30, 0, 0, 0, 5_964)
    assert await market.stands(merchant) == (5_964, 0, 0, 0, 60 + 60 + 6 - 30)


async def test_what_a_merchant_owes_is_carried_forward_and_told_of(market: Market) -> None:
    merchant = await market.merchant(cycle={"kind": "NEXT_DAY"}, fee={**FLAT, "returned": False})
    market.at(date(2026, 2, 11))
    (payment,) = await market.sell(merchant, 100_000)
    await market.refund(payment, 100_000)
    made = await market.one(date(2026, 2, 11))
    assert sums(made) == (0, 100_000, 100_000, 600, 0, 0, 0, -600)
    assert (made.withheld, made.negative_since) == (Withheld.NEGATIVE, date(2026, 2, 11))
    assert await market.stands(merchant) == (0, 0, 600, 0, 600)
    for day in range(12, 18):
        assert (await market.one(date(2026, 2, day))).carried_out == -600
    assert await market.tasks() == []
    await market.one(date(2026, 2, 18))
    assert await market.tasks() == [
        (
            "NEGATIVE_BALANCE", merchant,
            {"amount": -600, "currency": "CNY", "since": "2026-02-11"},
        )
    ]  # fmt: skip
    market.at(date(2026, 2, 19))
    await market.sell(merchant, 1_000)
    made = await market.one(date(2026, 2, 19))
    assert sums(made) == (-600, 1_000, 0, 6, 0, 0, 394, 0)
    assert await market.stands(merchant) == (0, 0, 0, 394, 606)


async def test_a_retention_is_kept_and_given_back(market: Market) -> None:
    merchant = await market.merchant(
        cycle={"kind": "NEXT_DAY"}, retention={"rate_bp": 1_000, "days": 3}
    )
    market.at(date(2026, 2, 11))
    await market.sell(merchant, 10_005)
    assert sums(await market.one(date(2026, 2, 11))) == (0, 10_005, 0, 60, 1_000, 0, 8_945, 0)
    assert await market.stands(merchant) == (0, 1_000, 0, 8_945, 60)
    for day in (12, 13):
        assert (await market.one(date(2026, 2, day))).released == 0
    made = await market.one(date(2026, 2, 14))
    assert sums(made) == (0, 0, 0, 0, 0, 1_000, 1_000, 0)
    assert await market.stands(merchant) == (0, 0, 0, 9_945, 60)


async def test_who_is_suspended_is_not_paid_until_it_is_not(market: Market) -> None:
    merchant = await market.merchant(cycle={"kind": "NEXT_DAY"}, fee=FREE)
    market.at(date(2026, 2, 11))
    await market.sell(merchant, 1_000)
    for status, paid in ((Status.SUSPENDED, 0), (Status.ACTIVE, 1_000)):
        async with market.house.database.transaction() as tx:
            await set_merchant_status(tx, merchant_id=merchant, status=status)
        day = date(2026, 2, 11) if paid == 0 else date(2026, 2, 12)
        made = await market.one(day)
        assert made.paid == paid
        assert made.withheld is (None if paid else Withheld.MERCHANT_NOT_ACTIVE)


async def test_same_day_is_agreed_only_with_who_may_have_it(market: Market) -> None:
    merchant = await market.merchant(cycle={"kind": "NEXT_DAY"}, fee=FREE)
    path = f"/v1/merchants/{merchant}/settlement-terms"
    wish = form(cycle={"kind": "SAME_DAY"}, from_day="2026-02-12")
    proposed = (await market.house.office.post(path, wish)).json()
    async with market.house.untouched():
        refused = await market.second.post(f"{path}/{proposed['id']}/approve", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "same_day_not_allowed")


async def test_who_dies_between_two_steps_has_done_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant = await market.merchant(retention={"rate_bp": 1_000, "days": 3})
    market.at(date(2026, 2, 11))
    await market.sell(merchant, 10_000)
    market.at(date(2026, 2, 12), 1)
    async with market.house.untouched():
        for step in ("_lines", "_standing", "_book", "_watch"):
            with monkeypatch.context() as patch:
                patch.setattr(journey, step, dying(getattr(journey, step)))
                with pytest.raises(KeyboardInterrupt):
                    await market.settle(date(2026, 2, 11))
    assert sums(await market.one(date(2026, 2, 11))) == (0, 10_000, 0, 60, 1_000, 0, 8_940, 0)
    assert await market.stands(merchant) == (0, 1_000, 0, 8_940, 60)
    assert [p["amount"] for p in await market.payouts()] == [8_940]
    await market.house.check_books()


def dying(step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
    """The step, and the process killed behind it."""

    async def die(*args: Any, **kwargs: Any) -> None:
        await step(*args, **kwargs)
        raise KeyboardInterrupt

    return die


async def test_an_entry_that_is_written_late_is_in_the_next_settlement_once(
    market: Market,
) -> None:
    merchant = await market.merchant(cycle={"kind": "NEXT_DAY"}, fee=FREE)
    market.at(date(2026, 2, 11), 23)
    dated = market.house.clock.now()
    assert (await market.one(date(2026, 2, 11))).payments == 0
    async with market.house.database.transaction() as tx:
        late = EntryOrder("pay_late", "anfu/bank/CNY", f"{merchant}/balance/CNY", "CNY", 700)
        assert await post(tx, orders=[late], now=dated) == {}
    for day, payments in ((12, 700), (13, 0)):
        made = await market.one(date(2026, 2, day))
        assert (made.payments, made.paid, made.carried_out) == (payments, payments, 0)


async def test_a_year_without_a_calendar_is_refused_with_a_task(market: Market) -> None:
    merchant = await market.merchant(cycle={"kind": "MONTHLY", "credit_days": 1})
    market.at(date(2026, 12, 31))
    await market.sell(merchant, 1_000)
    assert await market.settle(date(2026, 12, 31)) == []
    assert await market.tasks() == [("SETTLEMENT_REFUSED", merchant, {"code": "calendar_missing"})]
    assert await market.stands(merchant) == (1_000, 0, 0, 0, 0)
