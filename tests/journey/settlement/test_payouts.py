"""Payouts reach the bank once, whatever dies or is lost on the way; what returns is given back."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
from tests.journey.settlement.market import FREE, Market
from tests.journey.waits import shown

from anfu.entrypoints.api.waiting_kinds import Name
from anfu.ledger.entry import EntryOrder
from anfu.ledger.operations import post
from anfu.settlement.payouts import send as journey
from anfu.settlement.payouts.gather import gather

DAY = date(2026, 2, 11)
BANK = "anfu/bank/CNY"
DEPOSIT = 90_000_000


async def prepared(market: Market, amount: int = 10_000, **terms: object) -> str:
    """A merchant with a payout that is payable on the next day."""
    merchant = await market.merchant(fee=FREE, **terms)
    market.at(DAY)
    await market.sell(merchant, amount)
    assert (await market.one(DAY)).paid == amount
    return merchant


def states(payouts: list[dict[str, object]]) -> list[object]:
    return [payout["state"] for payout in payouts]


async def test_a_payout_is_paid_once_and_leaves_the_bank(market: Market) -> None:
    merchant = await prepared(market)
    await market.pay_out(DAY + timedelta(days=1))
    (payout,) = await market.payouts()
    assert (payout["state"], payout["reference"]) == ("PAID", f"bk-{payout['id']}")
    assert await market.stands(merchant) == (0, 0, 0, 0, 0)
    assert await market.posted(BANK) == (DEPOSIT - 10_000,)
    async with market.house.untouched():
        await market.pay_out(DAY + timedelta(days=1))
        assert await market.ask() == 0
    assert len(market.bank.received) == 1
    await market.house.check_books()


async def test_two_people_release_a_batch_above_the_policy(market: Market) -> None:
    merchant = await prepared(market)
    extra = {"party": merchant, "amount": 9_990_001, "currency": "CNY"}
    assert (await market.house.office.post("/v1/deposits", extra)).status_code == 201
    made = await market.one(DAY + timedelta(days=1))
    assert (made.other, made.paid) == (9_990_001, 9_990_001)
    tools, clock = market.house.tools, market.house.clock
    (batch,) = await gather(tools, DAY + timedelta(days=2), now=clock.now())
    path = f"/v1/payout-batches/{batch.id}/release"
    people = market.house.office.key, market.second.key
    assert await shown(market.house, Name.PAYOUT_BATCH, *people) == [[batch.id], [batch.id]]
    async with market.house.untouched():
        assert await journey.send_released(tools, clock) == 0
    assert (await market.house.office.post(path, {})).json()["released_at"] is None
    async with market.house.untouched():
        again = await market.house.office.post(path, {})
        assert (again.status_code, again.json()["code"]) == (403, "second_person_needed")
        assert await journey.send_released(tools, clock) == 0
    assert await shown(market.house, Name.PAYOUT_BATCH, *people) == [[], [batch.id]]
    released = (await market.second.post(path, {})).json()
    assert await shown(market.house, Name.PAYOUT_BATCH, *people) == [[], []]
    assert (released["people"], released["total"]) == (2, 10_000_001)
    assert released["released_at"] is not None
    async with market.house.untouched():
        late = await market.second.post(path, {})
        assert (late.status_code, late.json()["code"]) == (409, "payout_batch_released")
    assert await journey.send_released(tools, clock) == 1
    assert states(await market.payouts()) == ["PAID", "PAID"]


async def test_who_dies_after_it_was_sent_asks_and_never_pays_twice(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared(market)

    async def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journey, "_book", die)
        with pytest.raises(KeyboardInterrupt):
            await market.pay_out(DAY + timedelta(days=1))
    assert states(await market.payouts()) == ["SENT"]
    assert await market.posted("anfu/payouts/CNY", BANK) == (10_000, DEPOSIT)
    await market.pay_out(DAY + timedelta(days=1))
    assert await market.ask() == 1
    assert states(await market.payouts()) == ["PAID"]
    assert await market.posted("anfu/payouts/CNY", BANK) == (0, DEPOSIT - 10_000)
    assert len(market.bank.received) == 1
    assert sum(row.amount for row in market.bank.rows) == DEPOSIT - 10_000


async def test_who_dies_before_it_was_sent_sends_the_very_same_file(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared(market)

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journey, "_submit", die)
        with pytest.raises(KeyboardInterrupt):
            await market.pay_out(DAY + timedelta(days=1))
    assert market.bank.received == []
    assert await market.ask() == 1
    (payout,) = await market.payouts()
    assert (payout["state"], market.bank.received) == ("PAID", [payout["batch"]])
    assert sum(row.amount for row in market.bank.rows) == DEPOSIT - 10_000


async def test_a_bank_that_does_not_answer_is_asked_until_it_does(market: Market) -> None:
    await prepared(market)
    market.cable.after = httpx.ReadTimeout("lost")
    await market.pay_out(DAY + timedelta(days=1))
    assert states(await market.payouts()) == ["UNKNOWN"]
    assert await market.ask() == 1
    assert states(await market.payouts()) == ["UNKNOWN"]
    market.cable.after = None
    assert await market.ask() == 1
    assert states(await market.payouts()) == ["PAID"]
    assert len(market.bank.received) == 1


async def test_what_is_pending_is_asked_about(market: Market) -> None:
    await prepared(market, number="35001234567890123402")
    await market.pay_out(DAY + timedelta(days=1))
    assert states(await market.payouts()) == ["SENT"]
    assert await market.ask() == 1
    assert states(await market.payouts()) == ["PAID"]


async def test_a_rejected_payout_is_the_merchants_again_and_waits_for_a_person(
    market: Market,
) -> None:
    merchant = await prepared(market, number="35001234567890123401")
    await market.pay_out(DAY + timedelta(days=1))
    (payout,) = await market.payouts()
    assert (payout["state"], payout["reason"]) == ("RETURNED", "AC04")
    assert await market.stands(merchant) == (10_000, 0, 0, 0, 0)
    assert await market.tasks() == [
        ("PAYOUT_RETURNED", merchant, {"payout": payout["id"], "reason": "AC04"})
    ]
    made = await market.one(DAY + timedelta(days=1))
    assert (made.returned, made.paid, made.carried_out) == (10_000, 0, 10_000)
    assert made.withheld == "PAYOUT_RETURNED"
    await market.agree(merchant, fee=FREE, from_day="2026-02-13")
    tasks = (await market.house.office.get("/v1/tasks")).json()["data"]
    close = f"/v1/tasks/{tasks[0]['id']}/done"
    closed = await market.second.post(close, {"note": "new account"})
    assert (closed.status_code, closed.json()["note"]) == (200, "new account")
    async with market.house.untouched():
        again = await market.second.post(close, {"note": "new account"})
        assert (again.status_code, again.json()["code"]) == (409, "task_done")
    made = await market.one(date(2026, 2, 13))
    assert (made.carried_in, made.paid, made.carried_out) == (10_000, 10_000, 0)
    await market.pay_out(date(2026, 2, 14))
    assert states(await market.payouts(state="PAID")) == ["PAID"]
    await market.house.check_books()


async def test_a_bank_that_is_ahead_of_the_books_leaves_the_payout_open(market: Market) -> None:
    """A payment by card: the channel owes us the money until reconciliation books it."""
    merchant = await market.merchant(fee=FREE)
    market.at(DAY)
    async with market.house.database.transaction() as tx:
        drain = EntryOrder("x_1", f"{market.payer}/balance/CNY", BANK, "CNY", DEPOSIT)
        sale = EntryOrder("pay_x", "anfu/channel-sandbox/CNY", f"{merchant}/balance/CNY", "CNY", 9)
        assert await post(tx, orders=[drain, sale], now=market.house.clock.now()) == {}
    await market.one(DAY)
    await market.pay_out(DAY + timedelta(days=1))
    (payout,) = await market.payouts()
    assert payout["state"] == "SENT"
    assert await market.tasks() == [("BANK_SHORT", payout["id"], {"amount": 9, "currency": "CNY"})]
    async with market.house.database.transaction() as tx:
        settled = EntryOrder("chs_1", BANK, "anfu/channel-sandbox/CNY", "CNY", 9)
        await post(tx, orders=[settled], now=market.house.clock.now())
    assert await market.ask() == 1
    assert states(await market.payouts()) == ["PAID"]
    assert await market.posted(BANK) == (0,)
