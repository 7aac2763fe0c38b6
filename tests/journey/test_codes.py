"""One code for all networks: made for a merchant, opened by any app, changed by nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.networks import Abroad, abroad
from tests.journey.test_scenes import CODES, begin

APPS = {
    "WECHAT": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.49 NetType/WIFI",
    "ALIPAY": "Mozilla/5.0 (Linux; Android 14) AlipayClient/10.6.20 Language/zh-Hans",
    "UNIONPAY": "Mozilla/5.0 (Linux) UnionPay/1.0 CloudPay Chrome/120",
    None: "Mozilla/5.0 (X11; Linux) Chrome/130",
}


@pytest.fixture
async def away(house: House, tmp_path: Path) -> AsyncIterator[Abroad]:
    async with abroad(house, tmp_path / "networks") as made:
        yield made


async def scan(house: House, url: str, app: str | None) -> Any:
    text = url.rpartition("/code/")[2]
    return await house.office.post("/v1/codes/read", {"code": text, "user_agent": APPS[app]})


async def test_each_app_opens_its_own_network(house: House) -> None:
    shop = await house.office.merchant()
    made = (await house.office.post("/v1/codes", {"merchant": shop})).json()
    assert (made["kind"], made["expires_at"]) == ("static", None)
    assert made["svg"].startswith("<svg")
    for app in APPS:
        read = (await scan(house, made["url"], app)).json()
        assert (read["merchant"], read["network"], read["kind"]) == (shop, app, "static")


async def test_a_dynamic_code_ends_and_says_amount_and_order(house: House) -> None:
    shop = await house.office.merchant()
    wish = {"merchant": shop, "amount": 1_250, "currency": "CNY", "order": "T1", "minutes": 5}
    made = (await house.office.post("/v1/codes", wish)).json()
    read = (await scan(house, made["url"], "WECHAT")).json()
    assert (read["amount"], read["currency"], read["order"]) == (1_250, "CNY", "T1")
    house.clock.advance(timedelta(minutes=5))
    late = await scan(house, made["url"], "WECHAT")
    assert (late.status_code, late.json()["code"]) == (410, "aggregate_code_expired")


async def test_nobody_makes_a_code_for_another_or_changes_one(house: House) -> None:
    shop, other = await house.office.merchant(), await house.office.merchant("Other")
    made = (await house.office.post("/v1/codes", {"merchant": shop})).json()
    own = await house.client(merchant=other)
    async with house.untouched():
        refused = await own.post("/v1/codes", {"merchant": shop})
        assert (refused.status_code, refused.json()["code"]) == (422, "party_not_found")
        changed = await scan(house, made["url"].replace(shop, other), "WECHAT")
        assert (changed.status_code, changed.json()["code"]) == (404, "aggregate_code_invalid")
        half = {"merchant": shop, "amount": 1}
        assert (await house.office.post("/v1/codes", half)).json()["field"] == "currency"


@pytest.mark.parametrize("network", CODES)
async def test_a_scanned_code_finds_its_network(house: House, away: Abroad, network: str) -> None:
    payment = await begin(house, "payer_code", "PAYER_CODE", payer_code=CODES[network])
    assert (payment["method"]["type"], payment["state"]) == (network, "SUCCEEDED")


async def test_a_code_of_no_network_is_refused_and_not_quoted(house: House, away: Abroad) -> None:
    payer, payee = await house.office.customer(), await house.office.merchant()
    shown = "9" * 18
    method = {"type": "payer_code", "scene": "PAYER_CODE", "payer_code": shown}
    wish = {"payer": payer, "payee": payee, "amount": 1, "currency": "CNY", "method": method}
    async with house.untouched():
        answer = await house.office.post("/v1/payments", wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "payer_code_invalid")
    assert shown not in answer.text
