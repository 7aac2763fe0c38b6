"""Bad input: each has its clear answer in both languages, and nothing is written or sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from tests.journey.conftest import Client, House, by_card, order

from anfu.parties.operations import set_customer_status, set_merchant_status
from anfu.parties.party import Status

PAYMENTS = "/v1/payments"
WRONG_FIELDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "amount of a float": ({"amount": 1.0}, "field_invalid", "amount"),
    "amount of an exponent": ({"amount": 1e2}, "field_invalid", "amount"),
    "amount of text": ({"amount": "100"}, "field_invalid", "amount"),
    "amount of a boolean": ({"amount": True}, "field_invalid", "amount"),
    "amount of null": ({"amount": None}, "field_invalid", "amount"),
    "amount of zero": ({"amount": 0}, "field_invalid", "amount"),
    "amount below zero": ({"amount": -1}, "field_invalid", "amount"),
    "amount one above the most": ({"amount": 1 << 53}, "field_invalid", "amount"),
    "amount of 64 bits": ({"amount": (1 << 64) - 1}, "field_invalid", "amount"),
    "currency in small letters": ({"currency": "cny"}, "field_invalid", "currency"),
    "currency with a line end": ({"currency": "CNY\n"}, "field_invalid", "currency"),
    "currency nobody has": ({"currency": "XXQ"}, "currency_unknown", "currency"),
    "currency with three decimals": ({"currency": "KWD"}, "currency_not_supported", "currency"),
    "currency we do not take": ({"currency": "USD"}, "currency_not_supported", "currency"),
    "payer of a number": ({"payer": 1}, "field_invalid", "payer"),
    "payer of nothing": ({"payer": ""}, "field_invalid", "payer"),
    "payer of a list": ({"payer": ["x"]}, "field_invalid", "payer"),
    "payer too long": ({"payer": "x" * 65}, "field_invalid", "payer"),
    "payer unknown": ({"payer": "cus_01kaw000000000000000000000"}, "party_not_found", "payer"),
    "payee unknown": ({"payee": "mer_01kaw000000000000000000000"}, "party_not_found", "payee"),
    "method of text": ({"method": "balance"}, "field_invalid", "method"),
    "method unknown": ({"method": {"type": "cash"}}, "method_unknown", "method.type"),
    "method with another field": (
        {"method": {"type": "balance", "cvv": "123"}}, "field_invalid", "method",
    ),
    "card on the balance": (
        {"method": {"type": "balance", "card": "tok_1"}}, "card_not_allowed", "method.card",
    ),
    "no card": ({"method": {"type": "sandbox"}}, "card_required", "method.card"),
    "a field nobody declared": ({"ammount": 1}, "field_invalid", "ammount"),
    "a factor nobody has": ({"factors": ["tarot"]}, "factor_unknown", "factors"),
    "too many factors": ({"factors": ["password"] * 9}, "field_invalid", "factors"),
    "an address that is none": (
        {"environment": {"address": "999.1.1.1"}}, "field_invalid", "environment.address",
    ),
    "half a place": ({"environment": {"latitude": 1.0}}, "field_invalid", "environment"),
    "a place off the globe": (
        {"environment": {"latitude": 90.1, "longitude": 0}}, "field_invalid",
        "environment.latitude",
    ),
    "a time without a zone": (
        {"occurred_at": "2026-01-01T00:00:00"}, "field_invalid", "occurred_at",
    ),
    "a time before all times": (
        {"occurred_at": "0001-01-01T00:00:00+14:00"}, "field_invalid", "occurred_at",
    ),
    "a time after all times": (
        {"occurred_at": "9999-12-31T23:59:59-14:00"}, "field_invalid", "occurred_at",
    ),
    "a history": ({"occurred_at": "2026-01-01T00:00:00Z"}, "history_not_accepted", "occurred_at"),
    "a description too long": ({"description": "x" * 201}, "field_invalid", "description"),
}  # fmt: skip
CARD_NUMBERS = (
    "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "tok_4111111111111111",
    "5500005555555559", "378282246310005", "6222021234567890128", "4111.1111.1111.1111",
    "４１１１１１１１１１１１１１１１", "4222222222222",
)  # fmt: skip


@pytest.fixture
async def pair(house: House) -> AsyncIterator[tuple[Client, str, str]]:
    office = house.office
    yield office, await office.customer(deposit=100_000), await office.merchant()


def refused(answer: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    """The answer is this problem, as RFC 9457 has it."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"urn:anfu:problem:{code}"
    assert document["status"] == status
    assert field is None or document["field"] == field
    assert document["title"] and document["detail"]
    assert "{" not in document["detail"]


async def test_a_wrong_field_is_named_and_nothing_is_written(
    house: House, pair: tuple[Client, str, str]
) -> None:
    office, payer, payee = pair
    async with house.untouched():
        for name, (wrong, code, field) in WRONG_FIELDS.items():
            wish = {**order(payer, payee, 100), **wrong}
            answer = await office.post(PAYMENTS, wish)
            assert answer.json().get("code") == code, (name, answer.text)
            refused(answer, 422, code, field)


async def test_every_problem_speaks_both_languages(
    house: House, pair: tuple[Client, str, str]
) -> None:
    office, payer, payee = pair
    wish = order(payer, payee, 100, currency="KWD")
    async with house.untouched():
        for header, title in {
            "zh-CN,zh;q=0.9,en;q=0.1": "不支持该货币。",
            "en;q=0.9, zh;q=0.1": "This currency is not taken here.",
            "fr": "This currency is not taken here.",
        }.items():
            answer = await office.post(PAYMENTS, wish, headers={"Accept-Language": header})
            refused(answer, 422, "currency_not_supported", "currency")
            assert answer.json()["title"] == title
            assert answer.json()["details"] == {"supported": ["CNY"]}


async def test_every_required_field_is_missed(house: House, pair: tuple[Client, str, str]) -> None:
    office, payer, payee = pair
    wish = order(payer, payee, 100)
    async with house.untouched():
        for name in ("payer", "payee", "amount", "currency", "method"):
            answer = await office.post(PAYMENTS, {k: v for k, v in wish.items() if k != name})
            refused(answer, 422, "field_invalid", name)
        for other in ([], "x", 1, None, [wish]):
            answer = await office.post(PAYMENTS, msgspec.json.encode(other))
            refused(answer, 422, "field_invalid", "body")


async def test_a_payer_who_is_the_payee_or_a_merchant_is_refused(
    house: House, pair: tuple[Client, str, str]
) -> None:
    office, payer, payee = pair
    other = await office.merchant("Other")
    async with house.untouched():
        refused(
            await office.post(PAYMENTS, order(payer, payer, 100)), 422, "payer_is_payee", "payee"
        )
        answer = await office.post(PAYMENTS, order(payee, other, 100))
        refused(answer, 422, "payer_not_customer", "payer")


async def test_suspended_parties_neither_pay_nor_are_paid(
    house: House, pair: tuple[Client, str, str]
) -> None:
    office, payer, payee = pair
    for field, work in {
        "payer": lambda tx, status: set_customer_status(
            tx, customer_id=payer, merchant=None, status=status
        ),
        "payee": lambda tx, status: set_merchant_status(tx, merchant_id=payee, status=status),
    }.items():
        await house.database.run(lambda tx, w=work: w(tx, Status.SUSPENDED))
        async with house.untouched():
            answer = await office.post(PAYMENTS, order(payer, payee, 100))
            refused(answer, 422, "party_suspended", field)
            wish = {"party": payer if field == "payer" else payee, "amount": 1, "currency": "CNY"}
            refused(await office.post("/v1/deposits", wish), 422, "party_suspended", "party")
        await house.database.run(lambda tx, w=work: w(tx, Status.ACTIVE))
    assert (await office.pay(payer, payee, 100))["state"] == "SUCCEEDED"


async def test_card_numbers_are_refused_and_stored_nowhere(
    house: House, pair: tuple[Client, str, str]
) -> None:
    office, payer, payee = pair
    decision = {"event": "e", "payer": "a", "payee": "b", "amount": 1, "currency": "CNY",
                "method": "card"}  # fmt: skip
    async with house.untouched():
        for number in CARD_NUMBERS:
            answer = await office.post(PAYMENTS, by_card(payer, payee, 100, number))
            refused(answer, 422, "card_number_refused", "method.card")
            assert number not in answer.text
            answer = await office.post("/v1/decisions", {**decision, "card": number})
            refused(answer, 422, "card_number_refused", "card")
    for token in ("4111111111111112", "tok_411111111111", "6222"):
        payment = (await office.post(PAYMENTS, by_card(payer, payee, 100, token))).json()
        assert payment["state"] == "SUCCEEDED", token


async def test_a_large_amount_is_a_payment_and_not_an_error(
    house: House, pair: tuple[Client, str, str]
) -> None:
    office, payer, payee = pair
    most = (1 << 53) - 1
    answers = [await office.post(PAYMENTS, by_card(payer, payee, most)) for _ in range(6)]
    states = [answer.json()["state"] for answer in answers]
    assert states == ["CHALLENGED"] * 3 + ["IN_REVIEW"] * 3
    assert await office.balance(payee) == (0, 0)
    [case] = (await office.get("/v1/cases")).json()["data"]
    assert case["amount"] == most
    await house.check_books()


@pytest.mark.parametrize("path", ["/v1/refunds", "/v1/deposits", "/v1/labels", "/v1/customers"])
async def test_other_writes_miss_their_fields_too(house: House, path: str) -> None:
    async with house.untouched():
        refused(await house.office.post(path, {}), 422, "field_invalid")
        refused(await house.office.post(path, {"zzz": 1}), 422, "field_invalid", "zzz")
