"""Decisions are found by what was said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.journey.conftest import House

LARGE = 1_000_000  # from a payer hardly known


async def test_decisions_are_listed_by_outcome_reason_and_time(house: House) -> None:
    office = house.office
    payer, shop = await office.customer(deposit=9_000), await office.merchant()
    one = await office.pay(payer, shop, 4_000)
    house.clock.advance(timedelta(hours=1))
    noon = house.clock.now().isoformat()
    two = await office.pay(payer, shop, 700)
    house.clock.advance(timedelta(hours=1))
    later = house.clock.now().isoformat()
    stranger, strong = await office.customer(deposit=2 * LARGE), ["password", "certificate"]
    large = await office.pay(stranger, await office.merchant(), LARGE, factors=strong)
    assert (one["outcome"], large["outcome"]) == ("ALLOW", "CHALLENGE")

    async def found(**query: Any) -> list[tuple[str, str]]:
        answer = await office.get("/v1/decisions", **query)
        assert answer.status_code == 200, answer.text
        return [(line["id"], line["event"]) for line in answer.json()["data"]]

    first, second = (one["decision"], one["id"]), (two["decision"], two["id"])
    third = (large["decision"], large["id"])
    assert await found() == [third, second, first]
    for query, lines in (
        ({"limit": 1}, [third]),
        ({"after": two["decision"]}, [first]),
        ({"until": noon}, [first]),
        ({"from": noon}, [third, second]),
        ({"outcome": "ALLOW"}, [second, first]),
        ({"outcome": "CHALLENGE"}, [third]),
        ({"outcome": "CHALLENGE", "until": later}, []),
        ({"outcome": "CHALLENGE", "reason": "FIRST_PAYMENT_LARGE"}, [third]),
        ({"outcome": "BLOCK"}, []),
        ({"reason": "NO_SUCH_REASON"}, []),
        ({"score": 1000}, []),
    ):
        assert await found(**query) == lines, query
    merchant = await house.client(merchant=shop)
    async with house.untouched():
        assert (await merchant.get("/v1/decisions")).json()["code"] == "institution_only"
        wrong = await office.get("/v1/decisions", **{"from": "1969-01-01T00:00:00Z"})
        assert wrong.json()["code"] == "query_invalid"
