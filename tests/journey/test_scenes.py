"""One payment in each scene of each network, from the order to the books, whatever gets lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.journey.conftest import House
from tests.journey.networks import Abroad, abroad

from anfu.payments.reckon import reckon
from anfu.payments.recover import recover

AMOUNT = 8_800
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
BUYER = "2088102147948060"
URL = "https://shop.example/back"
# What a payer shows: WeChat Pay, Alipay, UnionPay.
CODES = {"wechat": "134567890123456789", "alipay": "281234567890123456",
         "unionpay": "6212345678901234567"}  # fmt: skip
# Where the payer has to do something, and what its device is to do with what it gets.
SCENES = [
    ("wechat", "MINI_PROGRAM", "CALL", {"network_payer": OPENID}),
    ("wechat", "STATIC_CODE", "CALL", {"network_payer": OPENID}),
    ("wechat", "APP", "CALL", {}),
    ("wechat", "H5", "LINK", {"return_url": URL}),
    ("wechat", "DYNAMIC_CODE", "CODE", {}),
    ("wechat", "PAGE", "CODE", {}),
    ("alipay", "PAGE", "LINK", {"return_url": URL}),
    ("alipay", "H5", "LINK", {"return_url": URL}),
    ("alipay", "APP", "CALL", {}),
    ("alipay", "MINI_PROGRAM", "CALL", {"network_payer": BUYER}),
    ("alipay", "DYNAMIC_CODE", "CODE", {}),
    ("unionpay", "PAGE", "FORM", {"return_url": URL}),
    ("unionpay", "H5", "FORM", {"return_url": URL}),
    ("unionpay", "APP", "CALL", {}),
    ("unionpay", "DYNAMIC_CODE", "CODE", {}),
]
IDS = [f"{network}-{scene}" for network, scene, _, _ in SCENES]


@pytest.fixture
async def away(house: House, tmp_path: Path) -> AsyncIterator[Abroad]:
    async with abroad(house, tmp_path / "networks") as made:
        yield made


async def begin(house: House, network: str, scene: str, **more: Any) -> dict[str, Any]:
    """A payment in a scene, as it is answered."""
    payer, payee = await house.office.customer(), await house.office.merchant()
    method = {"type": network, "scene": scene, **more}
    return await house.office.pay(
        payer, payee, AMOUNT, method=method, environment={"address": "203.0.113.7"},
        description="两杯茶", order="T-1",
    )  # fmt: skip


async def read(house: House, payment: dict[str, Any]) -> dict[str, Any]:
    return dict((await house.office.get(f"/v1/payments/{payment['id']}")).json())


async def act(away: Abroad, payment: dict[str, Any]) -> None:
    """The payer confirms at the network, having opened what was handed over."""
    network = payment["method"]["type"]
    payer = getattr(away.networks, network).payer
    values = payment["handover"]["values"]
    if network == "alipay" and payment["method"]["scene"] in ("PAGE", "H5", "APP", "DYNAMIC_CODE"):
        payer.open(next(iter(values.values())))
    if network == "unionpay" and "action" in values:
        form = {name: value for name, value in values.items() if name != "action"}
        answer = await away.wires[network].handle_async_request(
            httpx.Request("POST", values["action"], data=form)
        )
        assert answer.status_code in (200, 302, 303), answer.text
    payer.pay(payment["id"])


async def sound(house: House) -> None:
    await house.check_books()
    assert (await reckon(house.database)).disagreements == []


@pytest.mark.parametrize(("network", "scene", "kind", "more"), SCENES, ids=IDS)
async def test_the_payer_confirms_and_the_notice_books_it(
    house: House, away: Abroad, network: str, scene: str, kind: str, more: dict[str, str]
) -> None:
    payment = await begin(house, network, scene, **more)
    assert (payment["state"], payment["failure"]) == ("AWAITING", None)
    assert payment["handover"]["kind"] == kind
    assert payment["order_expires_at"] is not None
    assert await house.office.balance(payment["payee"]) == (0, 0)
    await act(away, payment)
    assert await away.tell() >= 1
    paid = await read(house, payment)
    assert (paid["state"], paid["channel"], paid["attempt"]) == ("SUCCEEDED", network, 1)
    assert paid["channel_reference"]
    assert await house.office.balance(payment["payee"]) == (AMOUNT, AMOUNT)
    assert sorted(await house.kinds(payment["id"])) == ["payment.awaiting", "payment.succeeded"]
    assert await house.count("payments.open") == 0
    await sound(house)


async def test_whom_the_network_knows_the_payer_as_is_told_to_the_payer_alone(
    house: House, away: Abroad
) -> None:
    payment = await begin(house, "wechat", "MINI_PROGRAM", network_payer=OPENID)
    assert OPENID not in str(await read(house, payment))
    wish = {"reason": "letter 2026-117"}
    answer = await house.office.post(f"/v1/customers/{payment['payer']}/export", wish)
    [told] = answer.json()["payments"]
    assert (told["id"], told["network_payer"]) == (payment["id"], OPENID)


@pytest.mark.parametrize("network", CODES)
async def test_a_code_the_payer_shows_is_charged_at_once_and_never_kept(
    house: House, away: Abroad, network: str
) -> None:
    payment = await begin(house, network, "PAYER_CODE", payer_code=CODES[network])
    assert payment["state"] == "SUCCEEDED", payment["failure"]
    assert payment["method"]["code"] == "dynamic"  # what 296号 limits it as
    async with house.database.transaction(readonly=True) as tx:
        detail = await tx.fetchval("SELECT detail FROM payments.payment")
    assert CODES[network].encode() not in detail
    await sound(house)


async def test_a_card_on_file_is_charged_through_unionpay(house: House, away: Abroad) -> None:
    payment = await begin(house, "unionpay", "ON_FILE", card="tok_good")
    assert payment["state"] == "SUCCEEDED", payment["failure"]
    await sound(house)


@pytest.mark.parametrize("network", ["wechat", "alipay", "unionpay"])
async def test_without_its_notice_a_payment_is_resolved_by_asking(
    house: House, away: Abroad, network: str
) -> None:
    away.back.dead = True
    payment = await begin(house, network, "DYNAMIC_CODE")
    await act(away, payment)
    assert await away.tell() == 0
    assert (await read(house, payment))["state"] == "AWAITING"
    house.clock.advance(timedelta(seconds=6))
    await recover(house.tools, house.clock)
    assert (await read(house, payment))["state"] == "SUCCEEDED"
    away.back.dead = False
    house.clock.advance(timedelta(hours=1))
    await away.tell()  # and the late notice changes nothing
    assert await house.office.balance(payment["payee"]) == (AMOUNT, AMOUNT)
    await sound(house)


@pytest.mark.parametrize("network", ["wechat", "alipay", "unionpay"])
async def test_an_order_nobody_pays_is_closed_when_its_time_is_over(
    house: House, away: Abroad, network: str
) -> None:
    payment = await begin(house, network, "DYNAMIC_CODE")
    for _ in range(60):
        house.clock.advance(timedelta(seconds=30))
        await recover(house.tools, house.clock)
    ended = await read(house, payment)
    assert (ended["state"], ended["failure"]) == ("FAILED", "order_expired")
    assert ended["remedy"]["retry"] == "PAYER"
    assert await house.office.balance(payment["payee"]) == (0, 0)
    assert await house.count("payments.open") == 0
    await sound(house)


async def test_a_merchant_calls_an_order_off(house: House, away: Abroad) -> None:
    payment = await begin(house, "wechat", "DYNAMIC_CODE")
    path = f"/v1/payments/{payment['id']}/cancel"
    answer = await house.office.post(path, key="off")
    assert (answer.status_code, answer.json()["state"]) == (200, "FAILED")
    assert answer.json()["failure"] == "closed"
    assert (await house.office.post(path, key="off")).json() == answer.json()
    assert away.networks.wechat.payer.pay(payment["id"]) is False  # the payer is too late
    again = await house.office.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "payment_not_waiting")
    await sound(house)


async def test_a_payer_who_was_quicker_than_the_merchant_has_paid(
    house: House, away: Abroad
) -> None:
    away.back.dead = True
    payment = await begin(house, "alipay", "DYNAMIC_CODE")
    await act(away, payment)
    answer = await house.office.post(f"/v1/payments/{payment['id']}/cancel")
    assert answer.json()["state"] in ("SUCCEEDED", "AWAITING")
    house.clock.advance(timedelta(seconds=30))
    await recover(house.tools, house.clock)
    assert (await read(house, payment))["state"] == "SUCCEEDED"
    await sound(house)


@pytest.mark.parametrize("network", ["wechat", "alipay", "unionpay"])
async def test_refunds_in_part_go_back_through_the_network(
    house: House, away: Abroad, network: str
) -> None:
    other = await begin(house, network, "DYNAMIC_CODE")  # its fee comes off what is there to refund
    payment = await begin(house, network, "DYNAMIC_CODE")
    for one in (other, payment):
        await act(away, one)
    await away.tell()
    for amount in (3_000, 5_800):
        house.clock.advance(timedelta(seconds=5))
        wish = {"payment": payment["id"], "amount": amount}
        refund = (await house.office.post("/v1/refunds", wish)).json()
        for _ in range(4):
            if refund["state"] == "SUCCEEDED":
                break
            await away.tell()
            house.clock.advance(timedelta(minutes=2))
            await recover(house.tools, house.clock)
            refund = (await house.office.get(f"/v1/refunds/{refund['id']}")).json()
        assert refund["state"] == "SUCCEEDED", refund
    assert (await read(house, payment))["refunded"] == AMOUNT
    assert await house.office.balance(payment["payee"]) == (0, 0)
    await sound(house)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ({"scene": "PAYER_CODE"}, "payer_code_required"),
        ({"scene": "APP", "payer_code": CODES["wechat"]}, "payer_code_not_allowed"),
        ({"scene": "MINI_PROGRAM"}, "network_payer_required"),
        ({"scene": "STATIC_CODE", "code": "dynamic"}, "code_contradicts_scene"),
        ({"scene": "APP", "card": "tok_good"}, "card_not_allowed"),
        ({}, "card_required"),
    ],
)
async def test_what_does_not_fit_a_scene_is_refused(
    house: House, away: Abroad, method: dict[str, str], code: str
) -> None:
    payer, payee = await house.office.customer(), await house.office.merchant()
    wish = {"payer": payer, "payee": payee, "amount": 1, "currency": "CNY",
            "method": {"type": "wechat", **method}}  # fmt: skip
    async with house.untouched():
        answer = await house.office.post("/v1/payments", wish)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
