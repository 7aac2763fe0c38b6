"""The customer's page of mandates over HTTP, and a mandate agreed with a code by SMS."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.steps import COOLED, begin
from tests.journey.test_challenge import code_of, wrong
from tests.journey.test_mandates import PASSWORD, Rider, rider, terms_of

__all__ = ["rider"]  # the fixture


async def page(house: House, path: str, ticket: str, **more: Any) -> Any:
    return await house.http.post(f"/v1/checkout/{path}", json={"ticket": ticket, **more})


async def ticket_of(house: House, customer: str) -> str:
    answer = await house.office.post(f"/v1/customers/{customer}/mandates/ticket")
    assert answer.status_code == 200, answer.text
    assert answer.json()["path"] == f"/checkout/mandates#{answer.json()['ticket']}"
    return str(answer.json()["ticket"])


async def test_a_code_and_a_password_agree_to_what_the_text_names(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=10_000), await office.merchant("City Rides")
    async with house.untouched():
        terms = terms_of(house, payer, payee)
    refused = await office.post("/v1/mandates", terms)
    assert (refused.status_code, refused.json()["code"]) == (409, "mandate_factors_missing")
    await begin(office, payer, "password", password=PASSWORD)
    mandate = (await office.post("/v1/mandates", terms)).json()["id"]
    told = (await office.get("/v1/development/messages", to=payer)).json()["data"][0]
    assert told["kind"] == "mandate_code"
    for words in ("City Rides", "20.00", "50.00", "80.00", "免密支付", "without asking you"):
        assert words in told["text"]
    path = f"/v1/mandates/{mandate}/challenge"
    assert (await office.get(path)).json()["ways"] == [["sms_code", "password"]]
    old = await code_of(house, payer)
    assert (await office.post(f"{path}/code")).status_code == 200
    new = await code_of(house, payer)
    amiss = old if old != new else wrong(new)
    failed = await office.post(path, {"factor": "sms_code", "code": amiss})
    assert (failed.status_code, failed.json()["details"]) == (422, {"attempts_left": 4})
    one = await office.post(path, {"factor": "sms_code", "code": new})
    assert (one.status_code, one.json()["state"]) == (200, "PENDING")
    two = await office.post(path, {"factor": "password", "password": PASSWORD})
    assert (two.status_code, two.json()["state"]) == (200, "ACTIVE")
    async with house.untouched():
        late = await office.post(f"{path}/code")
        assert (late.status_code, late.json()["code"]) == (409, "mandate_not_pending")


@pytest.mark.parametrize(
    ("ends_at", "last"),
    [("2027-02-01T00:00:00+08:00", "2027-01-31"), ("2027-02-01T00:00:01+08:00", "2027-02-01")],
)
async def test_the_text_names_the_last_day_a_mandate_is_good_on(
    house: House, ends_at: str, last: str
) -> None:
    """It once named the day that begins as the mandate ends."""
    office = house.office
    payer, payee = await office.customer(), await office.merchant("City Rides")
    await begin(office, payer, "password", password=PASSWORD)
    terms = {**terms_of(house, payer, payee), "ends_at": ends_at}
    assert (await office.post("/v1/mandates", terms)).status_code == 201
    told = (await office.get("/v1/development/messages", to=payer)).json()["data"][0]
    assert f"until {last}." in told["text"]
    assert f"有效期至 {last}。" in told["text"]


async def test_the_page_shows_terms_and_every_use_and_ends_it_at_once(
    house: House, rider: Rider
) -> None:
    mandate = await rider.agreed(device="dev_phone")
    tap = {"environment": {"device": "dev_phone"}}
    paid = await rider.draw(mandate, **tap)
    assert paid["state"] == "SUCCEEDED"
    over = await rider.draw(mandate, 2_001, **tap)
    ticket = await ticket_of(house, rider.payer)
    (shown,) = (await page(house, "mandates", ticket)).json()["data"]
    assert (shown["merchant_name"], shown["one_tap"], shown["per_payment"]) == (
        "City Rides", True, 2_000,
    )  # fmt: skip
    assert "dev_phone" not in str(shown) and rider.payer not in str(shown)
    uses = (await page(house, "mandates/uses", ticket, mandate=mandate)).json()
    assert [(use["id"], use["state"]) for use in uses["data"]] == [
        (over["id"], "REFUSED"), (paid["id"], "SUCCEEDED"),
    ]  # fmt: skip
    assert uses["more"] is False
    ended = await page(house, "mandates/revoke", ticket, mandate=mandate, once="a")
    assert (ended.status_code, ended.json()["state"]) == (200, "REVOKED")
    async with house.untouched():
        again = await page(house, "mandates/revoke", ticket, mandate=mandate, once="a")
        assert again.content == ended.content
        twice = await page(house, "mandates/revoke", ticket, mandate=mandate, once="b")
        assert (twice.status_code, twice.json()["code"]) == (409, "mandate_ended")
    refused = await rider.draw(mandate, **tap)
    assert refused["refusal"]["code"] == "mandate_not_active"
    assert await house.kinds(mandate) == ["mandate.pending", "mandate.active", "mandate.revoked"]


async def test_a_ticket_is_for_one_customer_one_purpose_and_a_quarter_of_an_hour(
    house: House, rider: Rider
) -> None:
    mandate = await rider.agreed()
    stranger = await ticket_of(house, await house.office.customer())
    mine = await ticket_of(house, rider.payer)
    merchant = await house.client(merchant=rider.payee)
    async with house.untouched():
        assert (await page(house, "mandates", stranger)).json()["data"] == []
        for path, more in (("mandates/uses", {}), ("mandates/revoke", {"once": "a"})):
            answer = await page(house, path, stranger, mandate=mandate, **more)
            assert (answer.status_code, answer.json()["code"]) == (404, "mandate_not_found")
        answer = await page(house, "challenge", mine)
        assert (answer.status_code, answer.json()["code"]) == (401, "ticket_invalid")
        answer = await merchant.post(f"/v1/customers/{rider.payer}/mandates/ticket")
        assert answer.status_code == 403
    house.clock.advance(COOLED)
    async with house.untouched():
        answer = await page(house, "mandates", mine)
        assert (answer.status_code, answer.json()["code"]) == (401, "ticket_expired")
