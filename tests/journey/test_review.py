"""A review: a person lets a payment go on, or ends it; the money waits with it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.kernel.periods import civil_date
from anfu.parties.operations import set_customer_status, set_merchant_status
from anfu.parties.party import Status
from anfu.storage.transaction import Tx

AMOUNT = 100_000


async def in_review(house: House) -> tuple[Client, dict[str, Any]]:
    """A payment from the balance, by a new device to a new payee, far above habit."""
    office = house.office
    payer, payee = await office.customer(deposit=500_000), await office.merchant()
    known = {"environment": {"device": "dev_known"}}
    habit = await office.merchant("Habit")
    for _ in range(3):
        assert (await office.pay(payer, habit, 1_000, **known))["state"] == "SUCCEEDED"
    payment = await office.pay(payer, payee, AMOUNT, environment={"device": "dev_new"})
    assert (payment["state"], payment["reasons"][0]) == ("IN_REVIEW", "ACCOUNT_TAKEOVER")
    return office, payment


async def by_card_in_review(house: House, card: str = "tok_shared") -> tuple[Client, Any]:
    """A payment with a card that two others used before."""
    office, payee = house.office, await house.office.merchant()
    for _ in range(2):
        wish = by_card(await office.customer(), payee, 700, card)
        await office.post("/v1/payments", wish)
    wish = by_card(await office.customer(), payee, AMOUNT, card)
    payment = (await office.post("/v1/payments", wish)).json()
    assert (payment["state"], payment["reasons"]) == ("IN_REVIEW", ["CARD_SHARED"])
    return office, payment


async def end(office: Client, payment: dict[str, Any], how: str, **more: Any) -> Any:
    body = None if how == "cancel" else {"note": "called back"}
    return await office.post(f"/v1/payments/{payment['id']}/{how}", body, **more)


async def used(house: House, payment: dict[str, Any]) -> int:
    """What the payer has used of the day's limit."""
    async with house.database.transaction(readonly=True) as tx:
        return int(
            await tx.fetchval(
                "SELECT amount FROM limits.counter WHERE subject = $1 AND span = 'natural_day'"
                " AND metric = 'balance_payment/CNY'",
                payment["payer"],
            )
        )


async def test_money_in_review_is_held(house: House) -> None:
    office, payment = await in_review(house)
    assert await office.balance(payment["payer"]) == (497_000, 397_000)
    assert await office.balance(payment["payee"]) == (0, 0)
    assert await used(house, payment) == 103_000
    assert await house.count("limits.reservation") == 1
    assert await house.kinds(payment["id"]) == ["payment.in_review"]
    await house.check_books()


async def test_released_money_arrives_once(house: House) -> None:
    office, payment = await in_review(house)
    answer = await end(office, payment, "release", key="one")
    assert (answer.status_code, answer.json()["state"]) == (200, "SUCCEEDED")
    async with house.untouched():
        again = await end(office, payment, "release", key="one")
        assert (again.status_code, again.content) == (200, answer.content)
        for how in ("release", "reject", "cancel"):
            late = await end(office, payment, how)
            assert (late.status_code, late.json()["code"]) == (409, "payment_not_waiting")
            assert late.json()["details"] == {"state": "SUCCEEDED"}
    assert await office.balance(payment["payer"]) == (397_000, 397_000)
    assert await office.balance(payment["payee"]) == (AMOUNT, AMOUNT)
    assert await used(house, payment) == 103_000
    assert await house.count("limits.reservation") == 0
    assert await house.kinds(payment["id"]) == ["payment.in_review", "payment.succeeded"]
    assert await house.recover(seconds=3_600) == 0
    await house.check_books()


@pytest.mark.parametrize(
    ("how", "state"), [("reject", "REJECTED"), ("cancel", "CANCELLED"), ("wait", "EXPIRED")]
)
async def test_ended_otherwise_everything_comes_back_once(
    house: House, how: str, state: str
) -> None:
    office, payment = await in_review(house)
    if how == "wait":
        assert await house.recover(seconds=1_799) == 0
        assert await house.recover(seconds=1) == 1
    else:
        answer = await end(office, payment, how, key="one")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        async with house.untouched():
            assert (await end(office, payment, how, key="one")).content == answer.content
    assert (await office.get(f"/v1/payments/{payment['id']}")).json()["state"] == state
    assert await office.balance(payment["payer"]) == (497_000, 497_000)
    assert await office.balance(payment["payee"]) == (0, 0)
    assert await used(house, payment) == 3_000
    assert await house.count("limits.reservation") == 0
    assert await house.kinds(payment["id"]) == ["payment.in_review", f"payment.{state.lower()}"]
    async with house.untouched():
        for late in ("release", "reject", "cancel"):
            assert (await end(office, payment, late)).json()["code"] == "payment_not_waiting"
        assert await house.recover(seconds=3_600) == 0
    await house.check_books()


async def test_parallel_endings_end_it_once(house: House) -> None:
    office, payment = await in_review(house)
    hows = ["release", "reject", "cancel"] * 5
    answers = await asyncio.gather(*(end(office, payment, how) for how in hows))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 14
    state = next(a.json()["state"] for a in answers if a.status_code == 200)
    arrived = AMOUNT if state == "SUCCEEDED" else 0
    assert await office.balance(payment["payee"]) == (arrived, arrived)
    assert await used(house, payment) == 3_000 + arrived
    assert len(await house.kinds(payment["id"])) == 2
    await house.check_books()


async def test_one_key_ends_it_the_same_for_all_who_send_it_at_once(house: House) -> None:
    office, payment = await in_review(house)
    same = await asyncio.gather(*(end(office, payment, "release", key="one") for _ in range(10)))
    assert {(a.status_code, a.content) for a in same} == {(200, same[0].content)}
    await house.check_books()


async def test_a_release_by_card_goes_on_to_the_network(house: House) -> None:
    office, payment = await by_card_in_review(house)
    house.wire.sent.clear()
    assert await office.balance(payment["payee"]) == (1_400, 1_400)
    answer = await end(office, payment, "release", key="one")
    assert (answer.status_code, answer.json()["state"]) == (200, "SUCCEEDED")
    assert house.wire.sent == ["/v1/payments"]
    assert await office.balance(payment["payee"]) == (101_400, 101_400)
    async with house.untouched():
        assert (await end(office, payment, "release", key="one")).content == answer.content
    await house.check_books()


async def test_a_release_by_card_whose_answer_is_lost_is_asked_about(house: House) -> None:
    office, payment = await by_card_in_review(house, "tok_lose_answer")
    await house.recover()
    answer = await end(office, payment, "release", key="one")
    assert (answer.status_code, answer.json()["state"]) == (200, "UNKNOWN")
    assert await house.recover() == 1
    after = (await office.get(f"/v1/payments/{payment['id']}")).json()
    assert (after["state"], after["failure"]) == ("SUCCEEDED", None)
    assert (await end(office, payment, "release", key="one")).content == answer.content
    await house.check_books()


async def test_a_rejection_by_card_never_reaches_the_network(house: House) -> None:
    office, payment = await by_card_in_review(house)
    house.wire.sent.clear()
    assert (await end(office, payment, "reject")).json()["state"] == "REJECTED"
    assert house.wire.sent == []
    assert await house.count("limits.reservation") == 0
    await house.check_books()


async def test_a_suspended_payee_gets_no_release(house: House) -> None:
    office, payment = await in_review(house)
    await house.database.run(
        lambda tx: set_merchant_status(tx, merchant_id=payment["payee"], status=Status.SUSPENDED)
    )
    async with house.untouched():
        answer = await end(office, payment, "release")
        assert (answer.status_code, answer.json()["code"]) == (422, "party_suspended")
    assert (await end(office, payment, "reject")).json()["state"] == "REJECTED"


STOP = {"authority": "Haidian Public Security Bureau", "reference": "2026-0117"}


async def test_a_payment_stopped_by_the_police_while_it_waits_is_not_released(
    house: House,
) -> None:
    """A release once went past an order that came after the payment had been taken for review."""
    office, payment = await in_review(house)
    made = await office.post(f"/v1/customers/{payment['payer']}/stop_orders", STOP)
    assert made.status_code == 201
    for language, title in (("en", "An order of the police"), ("zh", "紧急止付")):
        async with house.untouched():
            headers = {"Accept-Language": language}
            answer = await end(office, payment, "release", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (409, "payment_stopped")
            assert title in answer.json()["title"]
            assert answer.json()["details"] == {
                "payment": payment["id"], "law": "银发〔2016〕86号", "article": "二(一)2",
                "until": made.json()["ends_at"],
            }  # fmt: skip
    assert (await end(office, payment, "reject")).json()["state"] == "REJECTED"
    assert await office.balance(payment["payer"]) == (497_000, 497_000)
    await house.check_books()


async def test_a_suspended_payer_gets_no_release(
    house: House,
) -> None:
    office, payment = await in_review(house)

    async def change(tx: Tx) -> None:
        await set_customer_status(
            tx, customer_id=payment["payer"], merchant=None, status=Status.SUSPENDED
        )

    await house.database.run(change)
    async with house.untouched():
        answer = await end(office, payment, "release")
        assert (answer.status_code, answer.json()["code"]) == (422, "party_suspended")


async def test_a_payment_whose_payers_document_expires_while_it_waits_is_not_released(
    house: House,
) -> None:
    office, payment = await in_review(house)
    today = civil_date(house.clock.now())

    async def expires(on: date) -> None:
        """No operation of ours changes this alone: the day comes from an onboarding."""
        await house.database.run(
            lambda tx: tx.execute(
                "UPDATE parties.customer SET document_until = $2 WHERE id = $1",
                payment["payer"], on,
            )
        )  # fmt: skip

    await expires(today - timedelta(days=1))
    for language in ("en", "zh"):
        async with house.untouched():
            headers = {"Accept-Language": language}
            answer = await end(office, payment, "release", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (409, "payer_document_expired")
            assert "令〔2025〕11号" in answer.json()["detail"]
    assert await office.balance(payment["payer"]) == (497_000, 397_000)
    await expires(today)
    assert (await end(office, payment, "release")).json()["state"] == "SUCCEEDED"
    await house.check_books()


async def test_a_card_payment_is_no_business_of_a_stop_on_the_account(house: House) -> None:
    office, payment = await by_card_in_review(house)
    await office.post(f"/v1/customers/{payment['payer']}/stop_orders", STOP)
    assert (await end(office, payment, "release")).json()["state"] == "SUCCEEDED"


async def test_another_merchant_ends_nothing(house: House) -> None:
    office, payment = await in_review(house)
    other = await house.client(merchant=await office.merchant("Other"))
    async with house.untouched():
        for how in ("release", "reject", "cancel"):
            answer = await end(other, payment, how)
            assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")
