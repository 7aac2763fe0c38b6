"""Notices: what is believed, what it means, and how they come again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from tests.contract.alipay_rig import (
    DONE,
    NOT_DONE,
    NOW,
    NUMBER,
    ORDER,
    REFUND,
    UNKNOWN,
    Rig,
    make_rig,
)

from anfu.channels.alipay.notices import AlipayNotices
from anfu.channels.alipay.signing import notice_texts, sign
from anfu.channels.alipay.simulator.courier import RETRIES
from anfu.channels.alipay.simulator.faults import WireFault
from anfu.channels.alipay.simulator.keys import APP_ID, SELLER_ID, NetworkKeys
from anfu.channels.port import Acknowledgement, Notice, Scene
from anfu.channels.sandbox.faults import Fault
from anfu.kernel.errors import Refused

VALUES = {
    "notify_id": "2026112300222120000",
    "notify_time": "2026-11-23 12:00:00",
    "app_id": APP_ID,
    "seller_id": SELLER_ID,
    "out_trade_no": NUMBER,
    "trade_no": "2026112322001452341437284085",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "12.34",
    "gmt_payment": "2026-11-23 11:59:58",
    "subject": "茶 & 咖啡+1",
    "charset": "utf-8",
}
MINI = replace(ORDER, scene=Scene.MINI_PROGRAM, code=None, payer="2088000000009999")
RIG = make_rig()
KEY = NetworkKeys(RIG.folder).own()


def form(charset: str = "utf-8", sign_type: str = "RSA2", **changed: str) -> bytes:
    """A notice with these values, signed."""
    values = {**VALUES, **changed, "charset": charset}
    signature = sign(notice_texts(values)[0].encode(charset), KEY)
    whole = {**values, "sign_type": sign_type, "sign": signature}
    return urlencode(whole, encoding=charset).encode()


def refused(body: bytes) -> str:
    with pytest.raises(Refused) as caught:
        RIG.read(body)
    return str(caught.value)


def test_a_notice_is_read_in_the_charset_it_declares() -> None:
    expected = Notice(
        VALUES["notify_id"], NOW, NUMBER, None, DONE, VALUES["trade_no"], None, 1234, "CNY"
    )
    for charset in ("utf-8", "UTF-8", "gbk", "GBK", "gb2312"):
        assert RIG.read(form(charset)) == expected
    other = form(subject="tea").replace(b"charset=utf-8", b"charset=gbk")
    assert refused(other) == "message_forged (sign)"
    assert refused(form().replace(b"charset=utf-8", b"charset=gbk")) == "message_malformed (body)"
    strange = form().replace(b"charset=utf-8", b"charset=utf-7")
    assert refused(strange) == "message_malformed (charset)"
    assert AlipayNotices(RIG.member).taken == Acknowledgement(200, b"success", "text/plain")


def test_the_sign_type_is_dropped_before_a_notice_is_verified() -> None:
    """Signed with it, as a request is, a notice is refused; without it, it is read."""
    values = dict(parse_qsl(form().decode(), keep_blank_values=True))
    kept = {name: value for name, value in values.items() if name != "sign"}
    text = "&".join(f"{name}={kept[name]}" for name in sorted(kept))
    wrong = urlencode({**kept, "sign": sign(text.encode(), KEY)}).encode()
    assert refused(wrong) == "message_forged (sign)"
    assert RIG.read(form()).outcome is DONE
    assert refused(form(sign_type="RSA")) == "message_forged (sign)"


@pytest.mark.parametrize("signed", [0, 1], ids=["empty values kept", "empty values dropped"])
def test_empty_values_may_be_signed_or_not(signed: int) -> None:
    values = {**VALUES, "buyer_logon_id": ""}
    signature = sign(notice_texts(values)[signed].encode(), KEY)
    body = urlencode({**values, "sign_type": "RSA2", "sign": signature}).encode()
    assert RIG.read(body).outcome is DONE


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.replace(b"12.34", b"99.99"),
        lambda b: b.replace(b"pay_1", b"pay_2"),
        lambda b: b.replace(b"&sign=", b"&sign=A"),
        lambda b: b + b"&gmt_refund=2026-11-23+12%3A00%3A00",
        lambda b: b[: b.index(b"&sign=")],
        lambda b: b"",
    ],
)
def test_a_notice_that_was_touched_is_forged(change: Callable[[bytes], bytes]) -> None:
    assert refused(change(form())) == "message_forged (sign)"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"x", "body"), (b"\xff=1", "body"), (b"a=%ff", "body"),
        (form() + b"&total_amount=1", "body"), (b"&".join([b"a=1"] * 101), "body"),
        (form(notify_id=""), "notify_id"), (form(out_trade_no=""), "out_trade_no"),
        (form(trade_status=""), "trade_status"), (form(total_amount="1.234"), "total_amount"),
        (form(notify_time="now"), "notify_time"), (form(notify_id="x" * 129), "notify_id"),
    ],
)  # fmt: skip
def test_a_notice_that_cannot_be_read_names_what_is_wrong(body: bytes, where: str) -> None:
    assert refused(body) == f"message_malformed ({where})"


def test_a_notice_to_somebody_else_is_misdirected() -> None:
    assert refused(form(app_id="2021000000000002")) == "message_misdirected (app_id)"
    assert refused(form(seller_id="2088000000000002")) == "message_misdirected (seller_id)"


def test_a_notice_is_taken_as_long_as_it_is_retried_and_no_longer() -> None:
    body = form()
    reader = AlipayNotices(RIG.member)
    assert sum(RETRIES, timedelta(0)) == timedelta(hours=24, minutes=24)
    for age in (timedelta(minutes=-5), timedelta(hours=24, minutes=24), timedelta(hours=26)):
        assert reader.read("/", {}, body, now=NOW + age).payment == NUMBER
    for age in (timedelta(minutes=-5, seconds=-1), timedelta(hours=26, seconds=1)):
        with pytest.raises(Refused, match="message_stale"):
            reader.read("/", {}, body, now=NOW + age)


def test_a_trade_closed_after_a_refund_is_no_order_that_was_never_paid() -> None:
    """TRADE_CLOSED means both, and a refund in part comes as TRADE_SUCCESS."""
    back = {"gmt_refund": "2026-11-23 11:59:59.143", "refund_fee": "12.34", "out_biz_no": "rfd_1"}
    full = RIG.read(form(trade_status="TRADE_CLOSED", **back))
    part = RIG.read(form(**{**back, "refund_fee": "10.00"}))
    for notice in (full, part):
        assert (notice.refund, notice.outcome, notice.reason) == ("rfd_1", UNKNOWN, "processing")
        assert (notice.amount, notice.currency) == (None, None)
    unpaid = RIG.read(form(trade_status="TRADE_CLOSED", gmt_payment=""))
    assert (unpaid.refund, unpaid.outcome, unpaid.reason) == (None, NOT_DONE, "closed")
    unclear = RIG.read(form(trade_status="TRADE_CLOSED"))
    assert (unclear.refund, unclear.outcome, unclear.reason) == (None, UNKNOWN, "processing")


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        ("TRADE_SUCCESS", DONE, None),
        ("TRADE_FINISHED", DONE, None),
        ("WAIT_BUYER_PAY", UNKNOWN, "payer_awaited"),
        ("TRADE_PENDING", UNKNOWN, "processing"),
    ],
)
def test_what_a_status_means(status: str, outcome: object, reason: str | None) -> None:
    notice = RIG.read(form(trade_status=status))
    assert (notice.outcome, notice.reason) == (outcome, reason)


@pytest.fixture
def rig() -> Rig:
    return make_rig()


async def test_a_notice_comes_again_until_it_is_taken_with_the_same_id(rig: Rig) -> None:
    rig.taking = False
    await rig.channel.pay(ORDER)
    sent = [len(await rig.notices())]
    ids = set()
    for pause in RETRIES:
        rig.clock.advance(pause - timedelta(seconds=1))
        assert await rig.notices() == []
        rig.later(seconds=1)
        came = await rig.notices()
        ids |= {notice.nonce for notice in came}
        sent.append(len(came))
    assert (sent, len(ids), rig.simulator.courier.waiting) == ([1] * 8, 1, [])


async def test_a_notice_once_taken_does_not_come_again(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    assert len(await rig.notices()) == 1
    rig.later(hours=48)
    assert await rig.notices() == []


async def test_lost_repeated_held_back_and_wrong_notices(rig: Rig) -> None:
    rig.fail(Fault.LOSE_NOTICE)
    await rig.channel.pay(replace(ORDER, payment="pay_lost"))
    assert await rig.notices() == []
    rig.fail(Fault.REPEAT_NOTICE)
    await rig.channel.pay(replace(ORDER, payment="pay_twice", code="281234567890127777"))
    twice = await rig.notices()
    assert len(twice) == 2 and twice[0] == twice[1]
    rig.fail(Fault.WRONG_AMOUNT, WireFault.CONTRADICT)
    await rig.channel.pay(replace(ORDER, payment="pay_wrong", code="281234567890126666"))
    said = [(notice.outcome, notice.amount) for notice in await rig.notices()]
    assert said == [(NOT_DONE, None), (DONE, 1235), (DONE, 1234)]
    rig.fail(Fault.REORDER_NOTICE)
    await rig.channel.pay(replace(ORDER, code="281234567890125555"))
    rig.fail()
    await rig.channel.refund(REFUND)
    assert [notice.refund for notice in await rig.notices()] == ["rfd_1"]
    rig.later(minutes=2)
    assert [notice.refund for notice in await rig.notices()] == [None]


async def test_an_order_that_expires_tells_that_it_was_never_paid(rig: Rig) -> None:
    await rig.channel.pay(MINI)
    rig.later(minutes=15)
    await rig.channel.query(replace(MINI, payment="pay_2"))
    [notice] = await rig.notices()
    assert (notice.payment, notice.outcome, notice.reason) == (NUMBER, NOT_DONE, "closed")
