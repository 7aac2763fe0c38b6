"""A payment's story: everything that happened, in its order, and only what the caller may read."""

from __future__ import annotations

import json
from typing import Any

from tests.journey.conftest import Client, House, by_card
from tests.journey.test_challenge import challenged, prove
from tests.journey.test_evidence_over_http import seal

from anfu.entrypoints.api.story import SCOPES
from anfu.parties.access.role import ROLES

LEFT_OUT_OF_A_VIEWER = ["ledger", "events", "deliveries", "tasks", "evidence"]
PERSONAL = {"address", "203.0.113.7", "dev_phone", "latitude", "phone", "document", "name"}


async def story(client: Client, payment: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/payments/{payment}/story")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def kinds(told: dict[str, Any], part: str | None = None) -> list[str]:
    return [step["kind"] for step in told["steps"] if part in (None, step["part"])]


def data(told: dict[str, Any], kind: str) -> dict[str, Any]:
    return dict(next(step["data"] for step in told["steps"] if step["kind"] == kind))


async def test_a_payment_through_a_network_and_its_refund(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    shop = await house.client(merchant=payee)
    await shop.post("/v1/webhook_endpoints", {"url": "https://shop.example/anfu"})
    wish = by_card(payer, payee, 5_000, "tok_lose_answer")
    payment = (await office.post("/v1/payments", wish)).json()["id"]
    await house.recover()
    refund = (await office.post("/v1/refunds", {"payment": payment, "amount": 700})).json()["id"]
    await seal(house)
    told = await story(office, payment)
    assert (told["object"], told["payment"], told["left_out"]) == ("story", payment, [])
    assert kinds(told, "payment") == [
        "ordered", "sending", "unknown", "succeeded", "refunded", "refund", "refund_ended"
    ]  # fmt: skip
    assert kinds(told, "ledger") == ["held", "hold_ended", "entry", "held", "hold_ended", "entry"]
    assert [step["data"]["kind"] for step in told["steps"] if step["part"] == "events"] == [
        "payment.succeeded", "refund.succeeded"
    ]  # fmt: skip
    assert [step["data"]["state"] for step in told["steps"] if step["part"] == "deliveries"] == [
        "WAITING", "WAITING"
    ]  # fmt: skip
    leaves = [step["data"] for step in told["steps"] if step["part"] == "evidence"]
    assert [leaf["subject"] for leaf in leaves] == [payment] * 4 + [refund] * 2
    assert all(leaf["sealed"] for leaf in leaves)
    assert data(told, "attempt")["reference"] is not None
    assert data(told, "decided")["outcome"] == "ALLOW"
    assert [step["at"] for step in told["steps"]] == sorted(step["at"] for step in told["steps"])
    assert told["steps"][0]["title"] == {"en": "The payment was ordered", "zh": "收到支付请求"}


async def test_limits_say_their_law_and_what_is_left(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=900_000), await office.merchant()
    paid = await office.pay(payer, payee, 30_000, factors=["password"])
    over = await office.pay(payer, payee, 80_000, factors=["password"])
    rules = data(await story(office, paid["id"]), "limits")["rules"]
    (day,) = (rule for rule in rules if rule["rule"] == "CN-NP43-24-3")
    found = day["law"], day["article"], day["window"]
    assert found == ("公告〔2015〕43号", "24(3)", "natural_day")
    assert (day["limit"], day["used"], day["left"]) == (100_000, 30_000, 70_000)
    assert day["broken"] is False
    refused = data(await story(office, over["id"]), "limits")
    assert [rule["rule"] for rule in refused["rules"] if rule["broken"]] == ["CN-NP43-24-3"]
    assert refused["refusal"]["remaining"] == 70_000


async def test_a_viewer_reads_no_personal_data_and_is_told_what_is_left_out(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=900_000), await office.merchant()
    seen = {"device": "dev_phone", "address": "203.0.113.7", "latitude": 31.2, "longitude": 121.5}
    paid = await office.pay(payer, payee, 5_000, environment=seen, description="name of Zhang")
    viewer = await house.client(scopes=ROLES["viewer"])
    async with house.untouched():
        told = await story(viewer, paid["id"])
    assert [out["part"] for out in told["left_out"]] == LEFT_OUT_OF_A_VIEWER
    assert {out["part"]: out["scope"] for out in told["left_out"]} == {
        part: scope for part, scope in SCOPES.items() if part in LEFT_OUT_OF_A_VIEWER
    }
    assert {step["part"] for step in told["steps"]} == {"payment", "limits", "decision"}
    text = json.dumps(told, ensure_ascii=False)
    assert "张" not in text and "Zhang" not in text
    assert [word for word in PERSONAL if f'"{word}"' in text] == []
    none = await viewer.get("/v1/payments/pay_01kaw000000000000000000000/story")
    assert (none.status_code, none.json()["code"]) == (404, "payment_not_found")
    shop = await house.client(merchant=payee)
    own = await shop.get(f"/v1/payments/{paid['id']}/story")
    assert (own.status_code, own.json()["code"]) == (403, "institution_only")


async def test_a_challenge_is_told_without_its_code(house: House) -> None:
    office, asked, code = await challenged(house)
    assert (await prove(office, asked, code)).status_code == 200
    told = await story(office, asked["id"])
    assert kinds(told, "payment") == [
        "ordered", "challenged", "challenge_opened", "proof", "succeeded", "challenge_ended"
    ]  # fmt: skip
    assert code not in json.dumps(told)
    assert data(told, "challenge_ended")["proven"] == ["sms_code"]
