"""Payments and refunds are found by what is known of them, a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.storage import window


async def found(office: Client, path: str = "/v1/payments", **query: Any) -> list[str]:
    answer = await office.get(path, **query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


async def test_every_filter_finds_its_own(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    office = house.office
    payer, other = await office.customer(deposit=9_000), await office.customer()
    shop, tea = await office.merchant(), await office.merchant("Tea")
    one = (await office.pay(payer, shop, 4_000, order="A-1"))["id"]
    house.clock.advance(timedelta(hours=1))
    noon = house.clock.now().isoformat()
    two = (await office.post("/v1/payments", by_card(other, tea, 700))).json()["id"]
    poor = await office.pay(payer, shop, 50_000, order="A-1")
    assert poor["state"] == "REFUSED"
    bad = (await office.post("/v1/payments", by_card(other, shop, 900, "tok_stolen_card"))).json()
    assert bad["state"] == "FAILED"
    three = poor["id"]
    for query, ids in (
        ({}, [bad["id"], three, two, one]),
        ({"payer": payer}, [three, one]),
        ({"payee": tea}, [two]),
        ({"party": shop}, [bad["id"], three, one]),
        ({"party": payer}, [three, one]),
        ({"order": "A-1"}, [three, one]),
        ({"order": "A-2"}, []),
        ({"state": "REFUSED"}, [three]),
        ({"state": "IN_REVIEW"}, []),
        ({"method": "sandbox"}, [bad["id"], two]),
        ({"channel": "sandbox", "state": "SUCCEEDED"}, [two]),
        ({"least": 800, "most": 4_000}, [bad["id"], one]),
        ({"from": noon}, [bad["id"], three, two]),
        ({"until": noon}, [one]),
        ({"reason": bad["failure"]}, [bad["id"]]),
        ({"scene": "H5"}, []),
    ):
        assert await found(office, **query) == ids, query

    page = (await office.get("/v1/payments", limit=2)).json()
    assert (page["more"], page["next"]) == (True, three)
    assert await found(office, after=page["next"]) == [two, one]

    # of four rows a page looks at three: it says where it stopped, and the next one goes on
    monkeypatch.setattr(window, "DEPTH", 3)
    page = (await office.get("/v1/payments", state="SUCCEEDED", method="balance")).json()
    assert (page["data"], page["more"], page["next"]) == ([], True, two)
    assert await found(office, state="SUCCEEDED", method="balance", after=two) == [one]


async def test_refunds_are_found_and_refusals_change_nothing(house: House) -> None:
    office = house.office
    payer, shop = await office.customer(deposit=9_000), await office.merchant()
    paid = (await office.pay(payer, shop, 4_000))["id"]
    refunds = [
        (await office.post("/v1/refunds", {"payment": paid, "amount": amount})).json()["id"]
        for amount in (100, 200)
    ]
    for query, ids in (
        ({"payment": paid}, refunds[::-1]),
        ({"merchant": shop, "least": 150}, refunds[1:]),
        ({"state": "FAILED"}, []),
        ({"from": house.clock.now().isoformat()}, refunds[1:]),
    ):
        assert await found(office, "/v1/refunds", **query) == ids, query
    async with house.untouched():
        for query in ({"from": "1969-01-01T00:00:00Z"}, {"least": "x"}, {"sort": "asc"}):
            answer = await office.get("/v1/payments", **query)
            assert (answer.status_code, answer.json()["code"]) == (400, "query_invalid"), query
    merchant = await house.client(merchant=await office.merchant("Other"))
    assert await found(merchant, payer=payer) == []
