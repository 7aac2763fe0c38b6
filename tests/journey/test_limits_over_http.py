"""Limits as callers meet them: G1 to G4 of the regulation, a merchant's own, and a crowd."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.journey.conftest import Client, House, by_card, order

TWO = ["password", "sms_code"]
ONE = ["password"]
STRONG = ["password", "certificate"]


async def pair(house: House, account_class: int, deposit: int) -> tuple[Client, str, str]:
    office = house.office
    payer = await office.customer(account_class=account_class, deposit=deposit)
    return office, payer, await office.merchant()


async def refusal(house: House, payer: str, payee: str, amount: int, factors: list[str]) -> Any:
    payment = await house.office.pay(payer, payee, amount, factors=factors)
    assert payment["state"] == "REFUSED", payment
    return payment["refusal"]


async def test_g1_class_one_spends_a_thousand_yuan_in_its_life(house: House) -> None:
    office, payer, payee = await pair(house, 1, 300_000)
    assert (await office.pay(payer, payee, 100_000, factors=TWO))["state"] == "SUCCEEDED"
    for year in (2026, 2027):  # a year changes nothing
        house.clock.set(datetime(year, 12, 1, tzinfo=UTC))
        said = await refusal(house, payer, payee, 1, TWO)
        assert (said["rule"], said["article"], said["law"]) == (
            "CN-NP43-11-1", "11(1)", "公告〔2015〕43号",
        )  # fmt: skip
        assert (said["limit"], said["used"], said["remaining"]) == (100_000, 100_000, 0)
        assert (said["resets_at"], said["raise_by"]) == (None, ["higher_class"])
        assert "1000元" in said["quote"] and set(said["title"]) == {"en", "zh"}


async def test_g2_class_two_spends_a_hundred_thousand_yuan_in_a_year(house: House) -> None:
    office, payer, payee = await pair(house, 2, 30_000_000)
    house.clock.set(datetime.fromisoformat("2026-12-31T15:59:00+00:00"))
    async with house.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO limits.counter (metric, subject, span, starts_on, amount) VALUES"
            " ('balance_payment/CNY', $1, 'calendar_year', DATE '2026-01-01', 9900000)",
            payer,
        )
    said = await refusal(house, payer, payee, 100_001, TWO)
    assert (said["rule"], said["remaining"]) == ("CN-NP43-11-2", 100_000)
    assert said["resets_at"] == "2026-12-31T16:00:00.000Z"
    assert (await office.pay(payer, payee, 100_000, factors=TWO))["state"] == "SUCCEEDED"
    assert (await refusal(house, payer, payee, 1, TWO))["remaining"] == 0
    house.clock.set(datetime.fromisoformat("2026-12-31T16:00:00+00:00"))
    assert (await office.pay(payer, payee, 100_001, factors=TWO))["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("factors", "limit", "article", "steps", "liability"),
    [
        (TWO, 500_000, "24(2)", ["certificate"], None),
        (ONE, 100_000, "24(3)", ["second_factor", "certificate"], "institution"),
        ([], 100_000, "24(3)", ["second_factor", "certificate"], "institution"),
    ],
    ids=["G3", "G4", "G4 without a factor"],
)
async def test_g3_and_g4_a_day_is_bounded_by_the_factors(
    house: House, factors: list[str], limit: int, article: str, steps: list[str], liability: Any
) -> None:
    office, payer, payee = await pair(house, 3, 2_000_000)
    part = await office.pay(payer, payee, limit - 1, factors=factors)
    assert (part["state"], part["liability"]) == ("SUCCEEDED", liability)
    said = await refusal(house, payer, payee, 2, factors)
    assert (said["article"], said["used"], said["remaining"]) == (article, limit - 1, 1)
    assert (said["resets_at"], said["raise_by"]) == ("2026-11-23T16:00:00.000Z", steps)
    assert (await office.pay(payer, payee, 1, factors=factors))["state"] == "SUCCEEDED"
    assert (await refusal(house, payer, payee, 1, factors))["remaining"] == 0
    assert (await office.pay(payer, payee, 1, factors=STRONG))["state"] == "SUCCEEDED"
    house.clock.set(datetime.fromisoformat("2026-11-23T15:59:59.990+00:00"))
    assert (await refusal(house, payer, payee, 1, factors))["remaining"] == 0
    house.clock.set(datetime.fromisoformat("2026-11-23T16:00:00+00:00"))
    assert (await office.pay(payer, payee, limit, factors=factors))["state"] == "SUCCEEDED"
    await house.check_books()


async def test_a_card_is_not_bounded_by_the_limits_of_balances(house: House) -> None:
    office, payer, payee = await pair(house, 1, 0)
    for _ in range(3):
        wish = by_card(payer, payee, 500_000)
        # Whatever risk asks for: no limit refuses it.
        answer = (await office.post("/v1/payments", wish)).json()
        assert (answer["state"] in ("SUCCEEDED", "CHALLENGED"), answer["refusal"]) == (True, None)


async def test_a_merchant_bounds_what_it_takes(house: House) -> None:
    office, payer, payee = await pair(house, 3, 400_000)
    own = await house.client(merchant=payee)
    path = f"/v1/merchants/{payee}/limits"
    for window, most in (("payment", 50_000), ("natural_day", 80_000)):
        answer = await own.post(path, {"window": window, "currency": "CNY", "most": most})
        assert (answer.status_code, answer.json()) == (
            200,
            {"object": "merchant_limit", "merchant": payee, "window": window, "currency": "CNY",
             "most": most},
        )  # fmt: skip
    said = await refusal(house, payer, payee, 50_001, TWO)
    assert (said["rule"], said["law"], said["article"]) == ("MERCHANT-PAYMENT", None, None)
    assert (await office.pay(payer, payee, 50_000))["state"] == "SUCCEEDED"
    said = await refusal(house, payer, payee, 30_001, TWO)
    assert (said["rule"], said["remaining"]) == ("MERCHANT-DAY", 30_000)
    assert (await office.pay(payer, payee, 30_000))["state"] == "SUCCEEDED"
    lifted = {"window": "natural_day", "currency": "CNY", "most": None}
    assert (await own.post(path, lifted)).status_code == 200
    assert (await office.pay(payer, payee, 50_000))["state"] == "SUCCEEDED"
    async with house.untouched():
        for wrong in ({"window": "week"}, {"most": 0}, {"currency": "XXQ"}, {"most": "1"}):
            answer = await own.post(
                path, {"window": "payment", "currency": "CNY", "most": 1} | wrong
            )
            assert answer.status_code == 422


async def test_a_payment_that_fails_gives_its_part_of_the_limit_back(house: House) -> None:
    office, payer, payee = await pair(house, 3, 0)
    limit = {"window": "natural_day", "currency": "CNY", "most": 10_000}
    await office.post(f"/v1/merchants/{payee}/limits", limit)
    for card in ("tok_stolen_card", "tok_lose_request", "tok_good"):
        payment = (await office.post("/v1/payments", by_card(payer, payee, 10_000, card))).json()
        assert payment["state"] in ("FAILED", "UNKNOWN", "SUCCEEDED")
        if payment["state"] == "UNKNOWN":
            full = (await office.post("/v1/payments", by_card(payer, payee, 1))).json()
            assert full["refusal"]["remaining"] == 0
            await house.recover()
    assert (await office.balance(payee)) == (10_000, 10_000)
    full = (await office.post("/v1/payments", by_card(payer, payee, 1))).json()
    assert full["refusal"]["rule"] == "MERCHANT-DAY"
    await house.check_books()


async def test_a_thousand_parallel_payments_against_one_limit_and_one_balance(
    house: House,
) -> None:
    office, payer, payee = await pair(house, 1, 77_700)
    # Without rules of risk, which would stop so many payments before the limit does.
    house.tools.engine.use(replace(house.tools.engine.rule_set, rules=()))
    answers = await asyncio.gather(
        *(office.post("/v1/payments", order(payer, payee, 300)) for _ in range(1_000))
    )
    found = [answer.json() for answer in answers]
    assert [a.status_code for a in answers] == [201] * 1_000
    states = [payment["state"] for payment in found]
    assert (states.count("SUCCEEDED"), states.count("REFUSED")) == (259, 741)
    # In one batch the limit is counted first: it may be what is named, though the balance is less.
    codes = {p["refusal"]["code"] for p in found if p["refusal"]}
    assert "insufficient_funds" in codes <= {"insufficient_funds", "limit_exceeded"}
    assert await office.balance(payer) == (0, 0)
    assert await office.balance(payee) == (77_700, 77_700)
    wish = {"party": payer, "amount": 100_000, "currency": "CNY"}
    assert (await office.post("/v1/deposits", wish)).status_code == 201
    answers = await asyncio.gather(
        *(office.post("/v1/payments", order(payer, payee, 100)) for _ in range(500))
    )
    found = [answer.json() for answer in answers]
    states = [payment["state"] for payment in found]
    assert (states.count("SUCCEEDED"), states.count("REFUSED")) == (223, 277)
    assert {p["refusal"]["article"] for p in found if p["refusal"]} == {"11(1)"}
    assert await office.balance(payer) == (77_700, 77_700)
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch("SELECT * FROM limits.counter WHERE subject = $1", payer)
        assert {(row["metric"], row["span"]): row["amount"] for row in rows} == {
            ("balance_payment/CNY", "natural_day"): 100_000,
            ("balance_payment/CNY", "natural_month"): 100_000,
            ("balance_payment/CNY", "calendar_year"): 100_000,
            ("balance_out/CNY", "lifetime"): 100_000,
            ("balance_count/CNY", "natural_day"): 482,
        }
        assert await tx.fetchval("SELECT sum(amount) FROM ledger.entry WHERE id LIKE 'pay%'") == (
            100_000
        )
    await house.check_books()
