"""Paying from the balance: from the order to the books."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.journey.conftest import House, order


async def test_a_payment_moves_the_money_once_and_is_answered_again_the_same(house: House) -> None:
    office = house.office
    payee, payer = await office.merchant(), await office.customer(deposit=10_000)
    wish = order(payer, payee, 1_250)
    first = await office.post("/v1/payments", wish, key="one")
    again = await office.post("/v1/payments", wish, key="one")
    assert (first.status_code, first.json()["state"]) == (201, "SUCCEEDED")
    assert (again.status_code, again.content) == (201, first.content)
    assert await office.balance(payer) == (8_750, 8_750)
    assert await office.balance(payee) == (1_250, 1_250)
    assert await house.count("payments.payment") == 1
    await house.check_books()


async def test_a_key_used_for_other_content_is_refused_and_nothing_changes(house: House) -> None:
    office = house.office
    payee, payer = await office.merchant(), await office.customer(deposit=10_000)
    await office.post("/v1/payments", order(payer, payee, 100), key="one")
    before = await house.rows()
    other = await office.post("/v1/payments", order(payer, payee, 101), key="one")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await house.rows() == before


async def test_too_little_balance_is_refused_and_moves_nothing(house: House) -> None:
    office = house.office
    payee, payer = await office.merchant(), await office.customer(deposit=999)
    payment = await office.pay(payer, payee, 1_000)
    assert payment["state"] == "REFUSED"
    assert payment["refusal"]["code"] == "insufficient_funds"
    assert await office.balance(payer) == (999, 999)
    assert (await office.pay(payer, payee, 999))["state"] == "SUCCEEDED"
    await house.check_books()


async def test_one_fen_over_the_limit_names_its_article(house: House) -> None:
    office = house.office
    payee, payer = await office.merchant(), await office.customer(deposit=1_000_000)
    one_factor: dict[str, Any] = {"factors": ["password"]}
    allowed = await office.pay(payer, payee, 100_000, **one_factor)
    assert (allowed["state"], allowed["liability"]) == ("SUCCEEDED", "institution")
    refused = await office.pay(payer, payee, 1, **one_factor)
    assert refused["state"] == "REFUSED"
    refusal = refused["refusal"]
    assert (refusal["code"], refusal["article"], refusal["remaining"]) == (
        "limit_exceeded", "24(3)", 0,
    )  # fmt: skip
    assert refusal["resets_at"] == "2026-11-23T16:00:00.000Z"
    assert (await office.pay(payer, payee, 1))["state"] == "SUCCEEDED"


async def test_a_thousand_parallel_payments_spend_exactly_the_balance(house: House) -> None:
    office = house.office
    payee, payer = await office.merchant(), await office.customer(deposit=33_300)
    answers = await asyncio.gather(
        *(office.post("/v1/payments", order(payer, payee, 100)) for _ in range(1_000))
    )
    assert {a.status_code for a in answers} == {201}
    states = [a.json()["state"] for a in answers]
    spent = 100 * states.count("SUCCEEDED")
    posted, available = await office.balance(payer)
    assert posted == available == 33_300 - spent
    assert (await office.balance(payee))[0] == spent
    await house.check_books()
