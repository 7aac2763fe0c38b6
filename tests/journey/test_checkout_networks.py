"""A guest pays a checkout at a network; an aggregate code leads to a checkout of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journey.checkout_steps import AMOUNT, Page, made
from tests.journey.conftest import House
from tests.journey.networks import Abroad, abroad
from tests.journey.test_scenes import sound

from anfu.payments.recover import recover

WECHAT, ALIPAY, UNIONPAY = ({"type": name} for name in ("wechat", "alipay", "unionpay"))
UA = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 AlipayClient/10.5.88"}


@pytest.fixture
async def away(house: House, tmp_path: Path) -> AsyncIterator[Abroad]:
    async with abroad(house, tmp_path / "networks") as made_:
        yield made_


async def opened(house: House, *methods: Any) -> tuple[str, Page]:
    """Payee and page of a guest's checkout."""
    payee = await house.office.merchant()
    return payee, Page(house, (await made(house.office, payee, methods=list(methods)))["url"])


async def test_a_guest_gives_one_network_up_and_pays_at_another(house: House, away: Abroad) -> None:
    payee, page = await opened(house, WECHAT, ALIPAY, UNIONPAY)
    assert (await page.see())["guest"] is True
    first = await page.pay(0, scene="PAGE")
    assert (first["state"], first["payment"]["state"]) == ("PAYING", "AWAITING")
    assert first["payment"]["handover"]["kind"] == "CODE" and len(first["payment"]["code"]) > 20
    async with house.untouched():
        assert (await page.tap(1)).json()["code"] == "checkout_paying"
    given_up = (await page.ask("cancel", once="x")).json()
    assert (given_up["state"], given_up["payment"]["state"]) == ("OPEN", "FAILED")
    second = await page.pay(1, scene="H5")
    assert second["payment"]["handover"]["kind"] == "LINK"
    payment = second["payment"]["id"]
    away.networks.alipay.payer.open(second["payment"]["handover"]["values"]["url"])
    away.networks.alipay.payer.pay(payment)
    await away.tell()
    done = await page.see()
    assert (done["state"], done["tries"], done["payment"]["handover"]) == ("PAID", 2, None)
    assert (await house.office.balance(payee))[0] == AMOUNT
    read = (await house.office.get(f"/v1/payments/{payment}")).json()
    assert read["payer"] == "gst_" + page.checkout[4:]
    await sound(house)


async def test_unionpay_sends_its_payer_back_to_the_page_and_is_not_told_its_key(
    house: House, away: Abroad
) -> None:
    _, page = await opened(house, UNIONPAY)
    handover = (await page.pay(0, scene="PAGE"))["payment"]["handover"]
    assert handover["kind"] == "FORM"
    assert handover["values"]["frontUrl"].endswith(f"/pay/{page.checkout}")
    assert page.key not in str(handover)


async def test_a_guest_s_money_goes_back_the_way_it_came(house: House, away: Abroad) -> None:
    _, page = await opened(house, ALIPAY)
    shown = (await page.pay(0, scene="H5"))["payment"]
    away.networks.alipay.payer.open(shown["handover"]["values"]["url"])
    away.networks.alipay.payer.pay(shown["id"])
    await away.tell()
    wish = {"payment": shown["id"], "amount": 100}
    refund = (await house.office.post("/v1/refunds", wish)).json()
    for _ in range(4):
        house.clock.advance(timedelta(minutes=2))
        await recover(house.tools, house.clock)
    assert (await house.office.get(f"/v1/refunds/{refund['id']}")).json()["state"] == "SUCCEEDED"


async def test_whoever_pays_after_giving_up_gets_it_back(house: House, away: Abroad) -> None:
    """The line is dead while the order is closed: it may have been paid, so nothing else begins."""
    _, page = await opened(house, ALIPAY, WECHAT)
    shown = (await page.pay(0, scene="H5"))["payment"]
    away.networks.alipay.payer.open(shown["handover"]["values"]["url"])
    away.wires["alipay"].dead = True
    await page.ask("cancel", once="x")
    assert (await page.see())["state"] == "PAYING"
    async with house.untouched():
        assert (await page.tap(1)).json()["code"] == "checkout_paying"
    away.networks.alipay.payer.pay(shown["id"])
    away.wires["alipay"].dead = False
    await away.tell()
    assert (await page.see())["state"] == "PAID"
    await sound(house)


async def scan(house: House, path: str, body: dict[str, Any], **headers: str) -> Any:
    return await house.http.post(f"/v1/checkout/{path}", json=body, headers=headers or None)


async def code_of(house: House, **more: Any) -> str:
    form = {"merchant": await house.office.merchant(), **more}
    return str((await house.office.post("/v1/codes", form)).json()["url"].split("/code/")[1])


async def test_a_static_code_asks_the_payer_for_the_amount_and_keeps_its_limit(
    house: House, away: Abroad
) -> None:
    code = await code_of(house)
    seen = (await scan(house, "scan", {"code": code, "draw": True}, **UA)).json()
    assert (seen["kind"], seen["payee_name"], seen["amount"]) == ("static", "Corner Tea", None)
    assert (seen["network"], seen["networks"]) == ("alipay", ["wechat", "alipay", "unionpay"])
    assert len(seen["drawn"]) == len(seen["drawn"][0])
    async with house.untouched():
        missing = await scan(house, "scan/begin", {"code": code, "once": "1"})
        assert (missing.json()["code"], missing.json()["field"]) == ("field_invalid", "amount")
        forged = await scan(house, "scan/begin", {"code": code[:-1] + "A", "once": "1"})
        assert forged.json()["code"] == "aggregate_code_invalid"
    wish = {"code": code, "once": "1", "amount": 50_100, "currency": "CNY"}
    begun = (await scan(house, "scan/begin", wish)).json()
    assert (await scan(house, "scan/begin", wish)).json() == begun
    page = Page(house, "x" + begun["path"])
    large = {"amount": 50_100, "currency": "CNY"}
    refused = await page.pay(1, shown=large)
    assert refused["payment"]["state"] == "REFUSED"  # 银发〔2017〕296号: 500 yuan by static codes
    assert refused["payment"]["refusal"]["limit"] == 50_000
    small = await scan(house, "scan/begin", {**wish, "once": "2", "amount": AMOUNT})
    paid = await Page(house, "x" + small.json()["path"]).pay(1)
    assert paid["payment"]["state"] == "AWAITING"


async def test_a_dynamic_code_is_one_checkout_whoever_scans_it(house: House, away: Abroad) -> None:
    code = await code_of(house, amount=AMOUNT, currency="CNY", order="T1")
    async with house.untouched():
        other = {"code": code, "once": "0", "amount": 1, "currency": "CNY"}
        assert (await scan(house, "scan/begin", other)).json()["code"] == "field_invalid"
    one = (await scan(house, "scan/begin", {"code": code, "once": "1"})).json()
    assert (await scan(house, "scan/begin", {"code": code, "once": "2"})).json() == one
    page = Page(house, "x" + one["path"])
    seen = await page.see()
    assert (seen["amount"], seen["order"], seen["guest"]) == (AMOUNT, "T1", True)
    assert [method["method"] for method in seen["methods"]] == ["wechat", "alipay", "unionpay"]
    house.clock.advance(timedelta(minutes=10))
    assert (await scan(house, "scan", {"code": code})).json()["code"] == "aggregate_code_expired"
