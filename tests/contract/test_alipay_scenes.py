"""What each scene hands over at Alipay, and what a payer does with it."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from tests.contract.alipay_rig import (
    DONE,
    NOT_DONE,
    NUMBER,
    ORDER,
    UNKNOWN,
    Rig,
    make_rig,
    said,
)

from anfu.channels.port import ChannelOrder, HandoverKind, Scene

MINI = replace(ORDER, scene=Scene.MINI_PROGRAM, code=None, payer="2088000000009999")


@pytest.fixture
def rig() -> Rig:
    return make_rig()


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, scene=Scene.ON_FILE),
        replace(MINI, payer=None),
    ],
    ids=["on file", "no payer"],
)
async def test_an_order_alipay_cannot_take_is_not_sent(rig: Rig, order: ChannelOrder) -> None:
    assert said(await rig.channel.pay(order)) == (NOT_DONE, "request_refused")
    assert said(await rig.channel.pay(replace(order, first=False))) == (UNKNOWN, "request_refused")
    assert said(await rig.channel.pay(replace(ORDER, code=None))) == (NOT_DONE, "request_refused")
    dollars = replace(ORDER, currency="USD")
    assert said(await rig.channel.pay(dollars)) == (NOT_DONE, "currency_mismatch")
    assert rig.simulator.book.trades == {}


@pytest.mark.parametrize(
    ("scene", "kind", "names"),
    [
        (Scene.PAGE, HandoverKind.LINK, {"url"}),
        (Scene.H5, HandoverKind.LINK, {"url"}),
        (Scene.STATIC_CODE, HandoverKind.LINK, {"url"}),
        (Scene.APP, HandoverKind.CALL, {"orderStr"}),
        (Scene.DYNAMIC_CODE, HandoverKind.CODE, {"text"}),
    ],
)
async def test_what_is_handed_over_can_be_opened_and_paid(
    rig: Rig, scene: Scene, kind: HandoverKind, names: set[str]
) -> None:
    order = replace(ORDER, scene=scene, code=None, return_url="https://shop.example/back?x=1")
    answer = await rig.channel.pay(order)
    assert answer.handover is not None
    assert (answer.handover.kind, set(answer.handover.values)) == (kind, names)
    [text] = answer.handover.values.values()
    assert text not in repr(answer)
    assert rig.simulator.payer.open(text) == NUMBER
    rig.simulator.payer.pay(NUMBER)
    done = await rig.channel.query(order)
    assert (done.outcome, done.amount) == (DONE, 1234)
    [notice] = await rig.notices()
    assert (notice.payment, notice.outcome, notice.amount) == (NUMBER, DONE, 1234)


async def test_a_payer_inside_the_app_behind_a_static_code_gets_a_call(rig: Rig) -> None:
    order = replace(MINI, scene=Scene.STATIC_CODE)
    answer = await rig.channel.pay(order)
    assert answer.handover is not None and answer.handover.kind is HandoverKind.CALL
    assert answer.handover.values == {"tradeNO": rig.simulator.book.trades[NUMBER].reference}


async def test_a_browser_pays_on_the_page_and_comes_back(rig: Rig) -> None:
    back = "https://shop.example/back?x=1"
    order = replace(ORDER, scene=Scene.H5, code=None, return_url=back)
    answer = await rig.channel.pay(order)
    assert answer.handover is not None
    link = answer.handover.values["url"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(rig.simulator.app)) as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert "茶 咖啡: ¥12.34" in page.text and f'action="/cashier/{NUMBER}"' in page.text
        forged = await browser.get(link.replace("12.34", "0.01"))
        assert (forged.status_code, "isv.invalid-signature" in forged.text) == (400, True)
        there = str(page.url.join(f"/cashier/{NUMBER}"))
        paid = await browser.post(there, data={"act": "pay"})
    reference = rig.simulator.book.trades[NUMBER].reference
    assert paid.status_code == 303
    assert paid.headers["location"] == f"{back}&out_trade_no={NUMBER}&trade_no={reference}"
    assert said(await rig.channel.query(order)) == (DONE, None)
