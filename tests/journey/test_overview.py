"""The overview: a small economy of known outcome, its targets and its activity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House, by_card

from anfu.entrypoints.worker.rounds import draw_targets
from anfu.operations.figures.count import count
from anfu.payments.document import rfc3339

TARGETS, ACTIVITY = "/v1/overview/targets", "/v1/overview/activity"


async def economy(house: House) -> dict[str, Any]:
    """Five orders: one paid twice tried, one refused, one fraud, one plain, one given back."""
    office = house.office
    payer, other = await office.customer(deposit=9_000), await office.customer()
    shop = await office.merchant()
    stolen = by_card(other, shop, 700, "tok_stolen_card") | {"order": "B-1"}
    first = (await office.post("/v1/payments", stolen)).json()
    house.clock.advance(timedelta(minutes=3))
    assert await count_all(house) == 1
    retry = by_card(other, shop, 700) | {"order": "B-1"}
    second = (await office.post("/v1/payments", retry)).json()
    plain = await office.pay(payer, shop, 4_000)
    poor = await office.pay(payer, shop, 50_000)
    fraud = (await office.post("/v1/payments", by_card(other, shop, 300))).json()
    label = {"payment": fraud["id"], "label": "FRAUD", "source": "dispute"}
    assert (await office.post("/v1/labels", label)).status_code == 201
    back = {"payment": plain["id"], "amount": 1_000}
    assert (await office.post("/v1/refunds", back)).json()["state"] == "SUCCEEDED"
    states = [p["state"] for p in (first, second, plain, poor, fraud)]
    assert states == ["FAILED", "SUCCEEDED", "SUCCEEDED", "REFUSED", "SUCCEEDED"]
    return first


async def count_all(house: House) -> int:
    """Turns until all is counted; 1 where there was one turn's work."""
    turns = 1
    while await count(house.tools, now=house.clock.now()):
        turns += 1
    return min(turns, 1)


async def test_targets_and_activity_of_a_small_economy(house: House) -> None:
    first = await economy(house)
    await count_all(house)
    whole = (await house.office.get(TARGETS)).json()
    for period in ("today", "month"):
        found = {t["name"]: t for t in whole[period]["targets"]}
        assert [(n, t["value"], t["numerator"], t["denominator"], t["met"]) for n, t in
                found.items()] == [
            ("fraud_value", 0.06, 300, 5_000, False),
            ("fraud_count", round(1 / 3, 9), 1, 3, False),
            # the order tried twice is one, the fraud none, the one without money counts
            ("success", round(2 / 3, 9), 2, 3, False),
            ("obligations", None, None, None, None),
            ("satisfaction", None, None, None, None),
            ("response", None, 0, 0, None),
            ("refunds", 1.0, 1, 1, True),
        ]  # fmt: skip
        assert found["fraud_value"]["beside"] == {"not_matured": 5_000, "not_matured_share": 1.0}
        assert found["success"]["beside"] == {"stopped_left_out": 0, "retried": 1}
        assert found["refunds"]["beside"] == {"p95_s": 0.0}
        assert [t["missing"] for t in found.values() if t["missing"]] == [
            "no_catalogue", "no_feedback", "nothing_counted",
        ]  # fmt: skip
        assert all(t["definition"]["en"] and t["definition"]["zh"] for t in found.values())
    await activity_of(house, first["failure"])


async def test_what_the_worker_has_drawn_up_is_read_until_it_draws_again(house: House) -> None:
    await economy(house)
    await count_all(house)
    drawn = (await house.office.get(TARGETS)).json()
    at = drawn["drawn_at"]
    assert at == rfc3339(house.clock.now())
    await draw_targets(house.tools, house.clock)
    assert await house.count("operations.sheet") == 1
    payer, shop = await house.office.customer(), await house.office.merchant()
    assert (await house.office.post("/v1/payments", by_card(payer, shop, 900))).status_code == 201
    house.clock.advance(timedelta(seconds=59))
    await count_all(house)
    async with house.untouched():
        await draw_targets(house.tools, house.clock)
    assert (await house.office.get(TARGETS)).json() == drawn
    house.clock.advance(timedelta(seconds=1))
    await draw_targets(house.tools, house.clock)
    anew = (await house.office.get(TARGETS)).json()
    assert anew["drawn_at"] == rfc3339(house.clock.now()) > at
    assert [t["denominator"] for t in anew["today"]["targets"]][:2] == [5_900, 4]
    other = (await house.office.get(TARGETS, currency="EUR")).json()
    assert (other["currency"], other["today"]["targets"][0]["missing"]) == (
        "EUR", "nothing_counted",
    )  # fmt: skip
    assert await house.count("operations.sheet") == 1


async def activity_of(house: House, failure: str) -> None:
    activity = (await house.office.get(ACTIVITY)).json()
    assert activity["outcomes"] == {"FAILED": 1, "REFUSED": 1, "SUCCEEDED": 3}
    assert [(p["count"], p["amount"], p["outcomes"]) for p in activity["points"]] == [
        (1, 0, {"FAILED": 1}), (4, 5_000, {"REFUSED": 1, "SUCCEEDED": 3}),
    ]  # fmt: skip
    assert activity["points"][1]["per_second"] == round(4 / 60, 4)
    assert [(r["kind"], r["code"], r["count"]) for r in activity["reasons"]] == [
        ("REFUSAL", "insufficient_funds", 1), ("FAILURE", failure, 1),
    ]  # fmt: skip
    assert all(r["text"]["en"] and r["text"]["zh"] for r in activity["reasons"])
    (sandbox,) = activity["channels"]
    assert sandbox == {
        "channel": "sandbox", "breaker": "CLOSED", "heard_share": 1.0, "succeeded": 2,
        "failed": 1, "success_share": 0.666667, "p50_s": 0.0, "p95_s": 0.0, "last_bill": None,
    }  # fmt: skip
    assert activity["cases"] == {"open": [], "late": 0, "oldest_s": 0.0}
    day = (await house.office.get(ACTIVITY, span="day")).json()
    assert (day["width_s"], sum(p["count"] for p in day["points"])) == (300, 5)
    month = (await house.office.get(ACTIVITY, span="month")).json()
    assert [(p["count"], p["amount"]) for p in month["points"]] == [(5, 5_000)]


async def test_counting_twice_changes_nothing_and_late_moves_are_counted_again(
    house: House,
) -> None:
    office = house.office
    payer, shop = await office.customer(deposit=9_000), await office.merchant()
    network = await office.customer()
    await office.pay(payer, shop, 4_000)
    house.wire.before = TimeoutError()
    waiting = (await office.post("/v1/payments", by_card(network, shop, 700))).json()
    house.wire.before = None
    assert waiting["state"] in ("SENDING", "UNKNOWN")
    await count_all(house)
    async with house.untouched("operations.counted"):
        await count_all(house)
    rows = await house.rows()
    for _ in range(5):
        await house.recover(seconds=600)
    ended = (await office.get(f"/v1/payments/{waiting['id']}")).json()["state"]
    assert ended == "FAILED"
    await count_all(house)
    day = (await office.get(ACTIVITY, span="day")).json()
    assert day["outcomes"] == {"FAILED": 1, "SUCCEEDED": 1}
    assert (await house.rows())["operations.bucket"] != rows["operations.bucket"]


@pytest.mark.parametrize("path", [TARGETS, ACTIVITY])
async def test_the_overview_is_the_institution_s(house: House, path: str) -> None:
    merchant = await house.client(merchant=await house.office.merchant())
    async with house.untouched():
        assert (await merchant.get(path)).json()["code"] == "institution_only"
        assert (await house.office.get(path, span="week")).json()["code"] == "query_invalid"
