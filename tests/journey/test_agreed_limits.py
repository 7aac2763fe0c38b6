"""What a customer agreed to: lowered at once, raised after a cooling-off; orders to stop payment
(G15); refunds to where the money came from (G18); multipliers that two people change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House, by_card, order

STRONG = ["password", "certificate"]
DAY = {"metric": "balance_payment", "window": "natural_day", "currency": "CNY"}


@pytest.fixture(autouse=True)
def _without_risk(house: House) -> None:
    """Only limits are asked here."""
    house.tools.engine.use(replace(house.tools.engine.rule_set, rules=()))


async def people(house: House, **more: Any) -> tuple[str, str]:
    return await house.office.customer(deposit=1_000_000, **more), await house.office.merchant()


async def agree(house: House, payer: str, most: int | None, **key: str) -> dict[str, Any]:
    wish = {**DAY, **key, "most": most}
    answer = await house.office.post(f"/v1/customers/{payer}/limits", wish)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def pay(house: House, who: tuple[str, str], amount: int) -> Any:
    return await house.office.pay(*who, amount, factors=STRONG)


async def test_an_agreed_limit_holds_at_once_and_rises_after_a_day(house: House) -> None:
    who = await people(house)
    assert (await agree(house, who[0], 10_000))["most"] == 10_000
    said = (await pay(house, who, 10_001))["refusal"]
    assert (said["rule"], said["law"], said["article"], said["remaining"]) == (
        "AGREED-BALANCE-PAYMENT-NATURAL-DAY", "银发〔2016〕261号", "二(十)", 10_000,
    )  # fmt: skip
    assert said["raise_by"] == ["agreed_limit"]
    waiting = await agree(house, who[0], 50_000)
    begun = house.clock.now()
    assert (waiting["most"], waiting["next_most"]) == (10_000, 50_000)
    assert (await pay(house, who, 10_001))["state"] == "REFUSED"
    house.clock.set(begun + timedelta(hours=24) - timedelta(milliseconds=10))
    assert (await pay(house, who, 10_001))["state"] == "REFUSED"
    house.clock.set(begun + timedelta(hours=24))
    assert (await pay(house, who, 50_001))["refusal"]["limit"] == 50_000
    assert (await pay(house, who, 50_000))["state"] == "SUCCEEDED"
    assert await house.kinds(who[0]) == ["agreed_limit.changed"] * 2


async def test_a_limit_is_lifted_after_a_day_and_lowering_ends_the_wait(house: House) -> None:
    who = await people(house)
    await agree(house, who[0], 10_000)
    lifted = await agree(house, who[0], None)
    assert lifted["most"] == 10_000 and lifted["next_most"] is None and lifted["next_at"]
    lowered = await agree(house, who[0], 5_000)
    assert (lowered["most"], lowered["next_at"]) == (5_000, None)
    house.clock.advance(timedelta(hours=48))
    assert (await pay(house, who, 5_001))["state"] == "REFUSED"
    await agree(house, who[0], None)
    house.clock.advance(timedelta(hours=24))
    assert (await pay(house, who, 600_000))["state"] == "SUCCEEDED"
    shown = (await house.office.get(f"/v1/customers/{who[0]}/limits")).json()
    assert shown["agreed"] == []
    assert {"metric": "balance_payment", "window": "natural_day", "currency": "CNY",
            "pocket": None, "amount": 600_000} in shown["used"]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "most", "good", "bad", "law"),
    [
        ({"window": "payment"}, 100, 100, 101, None),
        ({"window": "natural_month"}, 200, 100, 101, None),
        ({"metric": "balance_count"}, 1, None, 1, "二(十)"),
    ],
)
async def test_each_agreed_limit_at_its_boundary(
    house: House, key: dict[str, str], most: int, good: int | None, bad: int, law: str | None
) -> None:
    who = await people(house)
    assert (await pay(house, who, 100))["state"] == "SUCCEEDED"  # counted before it was agreed
    await agree(house, who[0], most, **key)
    said = (await pay(house, who, bad))["refusal"]
    assert (said["article"], said["raise_by"]) == (law, ["agreed_limit"])
    if good is not None:
        assert (await pay(house, who, good))["state"] == "SUCCEEDED"


async def test_debits_of_bank_accounts_have_agreed_limits_of_their_own(house: House) -> None:
    who = await people(house)
    await agree(house, who[0], 100, metric="bank_payment")
    await agree(house, who[0], 2, metric="bank_count")
    for amount, state, article in ((101, "REFUSED", "10(2)"), (60, "SUCCEEDED", None),
                                   (41, "REFUSED", "10(2)"), (39, "SUCCEEDED", None),
                                   (1, "REFUSED", None)):  # fmt: skip
        payment = (await house.office.post("/v1/payments", by_card(*who, amount))).json()
        assert payment["state"] == state
        assert (payment["refusal"] or {}).get("article") == article
    assert (await pay(house, who, 5_000))["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("key", "most", "passed"),
    [
        ({}, 1_000, 10),
        ({"window": "natural_month"}, 1_050, 10),
        ({"metric": "balance_count"}, 7, 7),
    ],
)
async def test_a_hundred_parallel_payments_against_an_agreed_limit(
    house: House, key: dict[str, str], most: int, passed: int
) -> None:
    who = await people(house)
    await agree(house, who[0], most, **key)
    wish = order(*who, 100)
    answers = await asyncio.gather(*(house.office.post("/v1/payments", wish) for _ in range(100)))
    states = [answer.json()["state"] for answer in answers]
    assert (states.count("SUCCEEDED"), states.count("REFUSED")) == (passed, 100 - passed)
    assert await house.office.balance(who[0]) == (1_000_000 - 100 * passed,) * 2


async def test_raises_that_race_never_escape_their_cooling_off(house: House) -> None:
    who = await people(house)
    await agree(house, who[0], 1_000)
    wishes = [2_000, 500, None, 3_000, 400, 9_000] * 3
    await asyncio.gather(*(agree(house, who[0], most) for most in wishes))
    shown = (await house.office.get(f"/v1/customers/{who[0]}/limits")).json()["agreed"]
    assert [limit["most"] for limit in shown] == [400]
    assert (await pay(house, who, 401))["state"] == "REFUSED"
    assert (await pay(house, who, 400))["state"] == "SUCCEEDED"


async def test_a_limit_nobody_can_agree_on_changes_nothing(house: House) -> None:
    who = await people(house)
    path = f"/v1/customers/{who[0]}/limits"
    own = await house.client(merchant=who[1])
    async with house.untouched():
        for wrong, code in (
            ({"metric": "balance_count", "window": "natural_month"}, "agreed_limit_unknown"),
            ({"currency": "XXQ"}, "currency_unknown"),
            ({"metric": "balance_out"}, "field_invalid"),
            ({"most": 0}, "field_invalid"),
        ):
            answer = await house.office.post(path, {**DAY, "most": 1, **wrong})
            assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        nobody = await house.office.post("/v1/customers/cus_none/limits", {**DAY, "most": 1})
        assert nobody.json()["code"] == "customer_not_found"
        assert (await own.post(path, {**DAY, "most": 1})).status_code == 403
        assert (await own.get(path)).status_code == 403


ORDER = {"authority": "Haidian Public Security Bureau", "reference": "2026-0117"}


async def test_g15_a_stop_lasts_forty_eight_hours_and_a_third_is_refused(house: House) -> None:
    who = await people(house)
    path = f"/v1/customers/{who[0]}/stop_orders"
    for number in (1, 2):
        made = await house.office.post(path, ORDER)
        begun = house.clock.now()
        assert (made.status_code, made.json()["number"]) == (201, number)
        said = (await pay(house, who, 1))["refusal"]
        assert (said["rule"], said["law"], said["limit"], said["remaining"]) == (
            "CN-P86-2-2", "银发〔2016〕86号", 0, 0,
        )  # fmt: skip
        assert (said["resets_at"], said["raise_by"]) == (made.json()["ends_at"], [])
        house.clock.set(begun + timedelta(hours=48) - timedelta(milliseconds=10))
        assert (await pay(house, who, 1))["state"] == "REFUSED"
        house.clock.set(begun + timedelta(hours=48))
        assert (await pay(house, who, 1))["state"] == "SUCCEEDED"
    async with house.untouched():
        third = await house.office.post(path, ORDER)
        assert (third.status_code, third.json()["code"]) == (409, "stop_order_third")
    assert len((await house.office.get(path)).json()["data"]) == 2


async def test_of_orders_that_race_two_hold(house: House) -> None:
    payer, _ = await people(house)
    path = f"/v1/customers/{payer}/stop_orders"
    answers = await asyncio.gather(*(house.office.post(path, ORDER) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 6


async def test_g18_a_refund_goes_back_to_the_account_it_came_from(house: House) -> None:
    who = await people(house)
    paid = (await house.office.post("/v1/payments", by_card(*who, 1_000))).json()
    wish = {"payment": paid["id"], "amount": 400}
    async with house.untouched():
        for to in ({"type": "sandbox", "card": "tok_other"}, {"type": "balance"}):
            answer = await house.office.post("/v1/refunds", {**wish, "to": to})
            assert (answer.status_code, answer.json()["code"]) == (422, "refund_other_account")
            assert answer.json()["details"]["article"] == "15"
    same = {"type": "sandbox", "card": "tok_good"}
    answer = await house.office.post("/v1/refunds", {**wish, "to": same})
    assert (answer.status_code, answer.json()["state"]) == (201, "SUCCEEDED")


async def test_a_multiplier_holds_when_a_second_key_approves_it(house: House) -> None:
    who = await people(house)
    wish = {"rule": "CN-NP43-24-2", "hundredths": 200, "reason": "rated A in 2026"}
    path = "/v1/limits/multipliers"
    made = (await house.office.post(path, wish)).json()
    one = f"{path}/{made['id']}"
    paid = await house.office.pay(*who, 500_001)
    assert paid["refusal"]["limit"] == 500_000
    async with house.untouched():
        own = await house.office.post(one + "/approve")
        assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
        for wrong, code in (({"rule": "CN-NP43-11-2"}, "multiplier_rule_unknown"),
                            ({"hundredths": 199}, "multiplier_invalid"),
                            ({"hundredths": 201}, "field_invalid")):  # fmt: skip
            answer = await house.office.post(path, {**wish, **wrong})
            assert (answer.status_code, answer.json()["code"]) == (422, code)
    second = await house.client()
    assert (await second.post(one + "/approve")).json()["approved"] is True
    async with house.untouched():
        again = await second.post(one + "/reject")
        assert (again.status_code, again.json()["code"]) == (409, "multiplier_decided")
    assert (await house.office.pay(*who, 1_000_001))["refusal"]["limit"] == 1_000_000
    assert (await house.office.pay(*who, 500_001))["state"] == "SUCCEEDED"
    back = (await house.office.post(path, {**wish, "hundredths": 100})).json()
    await second.post(f"{path}/{back['id']}/approve")
    assert (await house.office.pay(*who, 1))["refusal"]["limit"] == 500_000
    assert [m["hundredths"] for m in (await second.get(path)).json()["data"]] == [100, 200]
    async with house.database.transaction(readonly=True) as tx:
        count = "SELECT count(*) FROM evidence.leaf WHERE convert_from(body, 'UTF8') LIKE $1"
        assert await tx.fetchval(count, '%"kind":"multiplier"%') == 4
