"""What each scene becomes: the order that is sent, and what the payer's device gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.contract.wechat_rig import CODE, DONE, NATIVE, NOW, ORDER, URL, Rig, make_rig, said

from anfu.channels.port import Handover, HandoverKind, Scene
from anfu.channels.wechat.member import PRIVATE_KEY
from anfu.channels.wechat.signing import verifies


@pytest.fixture
def rig() -> Rig:
    return make_rig(apps={Scene.APP: "wx00000000000000b2"})


def sent(rig: Rig) -> Mapping[str, Any]:
    value: Mapping[str, Any] = json.loads(rig.tap.sent[-1].content)
    return value


async def handed(rig: Rig, scene: Scene, **more: Any) -> Handover:
    answer = await rig.channel.pay(replace(ORDER, scene=scene, **more))
    assert answer.handover is not None
    return answer.handover


@pytest.mark.parametrize("scene", [Scene.MINI_PROGRAM, Scene.STATIC_CODE])
async def test_a_mini_program_gets_six_values(rig: Rig, scene: Scene) -> None:
    given = await handed(rig, scene)
    assert sent(rig) == {
        "appid": "wx00000000000000a1",
        "mchid": "1900000109",
        "description": "茶 & <tea>",
        "out_trade_no": ORDER.payment,
        "notify_url": rig.member.notify_url,
        "amount": {"total": 1234, "currency": "CNY"},
        "payer": {"openid": "oPayer"},
    }
    values = dict(given.values)
    signature, nonce = values.pop("paySign"), values["nonceStr"]
    package = values["package"]
    assert given.kind is HandoverKind.CALL
    assert values == {
        "appId": "wx00000000000000a1",
        "timeStamp": "1795665600",
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
    }
    key = rig.member.keys.private(PRIVATE_KEY).public_key()
    assert verifies(key, signature, "wx00000000000000a1", "1795665600", nonce, package)


async def test_an_app_signs_the_bare_prepay_id_with_its_own_app_id(rig: Rig) -> None:
    rig.simulator.peer.apps |= {"wx00000000000000b2"}
    given = await handed(rig, Scene.APP)
    values = dict(given.values)
    signature = values.pop("sign")
    assert values == {
        "appid": "wx00000000000000b2",
        "partnerid": "1900000109",
        "prepayid": values["prepayid"],
        "package": "Sign=WXPay",
        "noncestr": values["noncestr"],
        "timestamp": "1795665600",
    }
    key = rig.member.keys.private(PRIVATE_KEY).public_key()
    lines = ("wx00000000000000b2", "1795665600", values["noncestr"], values["prepayid"])
    assert verifies(key, signature, *lines)
    rig.simulator.payer.pay(ORDER.payment)
    [notice] = await rig.notices()
    assert notice.outcome is DONE


async def test_a_page_in_a_telephones_browser_gets_a_link(rig: Rig) -> None:
    given = await handed(rig, Scene.H5, return_url="https://shop.example/back?a=1")
    assert sent(rig)["scene_info"] == {
        "payer_client_ip": "198.51.100.7",
        "h5_info": {"type": "Wap"},
    }
    token = rig.simulator.desk.orders.all[ORDER.payment].token
    back = "redirect_url=https%3A%2F%2Fshop.example%2Fback%3Fa%3D1"
    assert given == Handover(HandoverKind.LINK, {"url": f"{URL}/cashier/{token}?{back}"})


@pytest.mark.parametrize("scene", [Scene.DYNAMIC_CODE, Scene.PAGE])
async def test_a_code_that_the_payer_scans(rig: Rig, scene: Scene) -> None:
    given = await handed(rig, scene, expires_at=NOW + timedelta(minutes=15))
    assert sent(rig)["time_expire"] == "2026-11-26T12:15:00+08:00"
    token = rig.simulator.desk.orders.all[ORDER.payment].token
    assert given == Handover(HandoverKind.CODE, {"text": f"{URL}/cashier/{token}"})
    rig.clock.advance(timedelta(minutes=15))
    assert rig.simulator.payer.pay(ORDER.payment) is False
    assert said(await rig.channel.query(NATIVE))[1] == "closed"


async def test_a_payers_code_is_sent_once_and_kept_nowhere(rig: Rig) -> None:
    await rig.channel.pay(CODE)
    body = dict(sent(rig))
    assert body.pop("payer") == {"auth_code": CODE.code}
    assert body == {
        "appid": "wx00000000000000a1",
        "mchid": "1900000109",
        "description": "茶 & <tea>",
        "out_trade_no": ORDER.payment,
        "amount": {"total": 1234, "currency": "CNY"},
        "scene_info": {"store_info": {"out_id": "1900000109"}, "device_ip": "198.51.100.7"},
    }
    assert "notify_url" not in body
    await rig.channel.query(CODE)
    assert CODE.code is not None
    assert CODE.code not in repr(rig.simulator.desk.orders.all)


async def test_a_payer_pays_in_a_browser_and_comes_back(rig: Rig) -> None:
    given = await handed(rig, Scene.H5, return_url="https://shop.example/back")
    url = given.values["url"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(rig.simulator.app)) as browser:
        page = await browser.get(url)
        assert page.status_code == 200
        assert "¥12.34" in page.text and "茶 &amp; &lt;tea&gt;" in page.text
        paid = await browser.post(url, data={"act": "pay"})
        assert (paid.status_code, paid.headers["location"]) == (303, "https://shop.example/back")
        assert "<form" not in (await browser.get(url)).text
        assert (await browser.get(f"{URL}/cashier/unknown")).status_code == 404
    assert said(await rig.channel.query(ORDER)) == (DONE, None)


async def test_a_payer_who_cancels_leaves_the_order_open(rig: Rig) -> None:
    url = (await handed(rig, Scene.PAGE)).values["text"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(rig.simulator.app)) as browser:
        page = await browser.post(url, data={"act": "cancel"})
    assert "NOTPAY" in page.text
    assert said(await rig.channel.query(NATIVE))[1] == "payer_awaited"
