"""WeChat Pay's notices: believed, refused, repeated on schedule; and keys that change meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.wechat_rig import (
    CODE,
    DONE,
    NATIVE,
    NOT_DONE,
    NOW,
    REFUND,
    UNKNOWN,
    Rig,
    make_rig,
    said,
)

from anfu.channels.sandbox.faults import Fault
from anfu.channels.wechat.notices import WechatNotices
from anfu.channels.wechat.simulator.courier import PAUSES_S
from anfu.channels.wechat.simulator.troubles import Trouble
from anfu.kernel.errors import Refused


@pytest.fixture
def rig() -> Rig:
    return make_rig()


async def test_a_payment_and_its_refund_are_told(rig: Rig) -> None:
    paid = await rig.paid()
    await rig.paid(replace(NATIVE, payment="pay_other"))
    done = await rig.channel.refund(REFUND)
    first, _, third = await rig.notices()
    assert (first.payment, first.refund, first.outcome) == (NATIVE.payment, None, DONE)
    assert (first.reference, first.amount, first.currency) == (paid.reference, 1234, "CNY")
    assert (third.payment, third.refund, third.outcome) == (NATIVE.payment, REFUND.refund, DONE)
    assert (third.reference, third.amount, third.currency) == (done.reference, 1000, "CNY")
    assert (first.at, first.reason) == (NOW, None)
    taken = WechatNotices(rig.member).taken
    assert (taken.status, json.loads(taken.body)) == (200, {"code": "SUCCESS"})


async def test_a_payers_code_is_not_told_of(rig: Rig) -> None:
    assert said(await rig.channel.pay(CODE)) == (DONE, None)
    assert await rig.notices() == []


async def test_a_captured_notice_is_refused_five_minutes_later(rig: Rig) -> None:
    """wechatpayv3 believes it for ever."""
    await rig.paid()
    [notice] = await rig.notices()
    rig.clock.advance(timedelta(seconds=299))
    assert rig.read(0) == notice  # the same nonce: remembered, so nothing is booked twice
    rig.clock.advance(timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        rig.read(0)
    assert str(refused.value) == "message_stale (wechatpay-timestamp)"


async def test_the_signtest_probe_gets_no_answer_but_a_refusal(rig: Rig) -> None:
    await rig.paid()
    await rig.notices()
    headers, body = rig.inbox.mail[0]
    headers["wechatpay-signature"] = "WECHATPAY/SIGNTEST/" + headers["wechatpay-signature"][19:]
    with pytest.raises(Refused) as refused:
        rig.read(0)
    assert refused.value.code == "message_forged"
    assert body


async def test_a_notice_is_repeated_on_the_networks_schedule_under_one_nonce(rig: Rig) -> None:
    await rig.paid()
    rig.inbox.status = 500
    assert await rig.simulator.courier.turn() == 1
    for count, pause in enumerate(PAUSES_S, start=2):
        rig.clock.advance(timedelta(seconds=pause - 1))
        assert await rig.simulator.courier.turn() == 0
        rig.clock.advance(timedelta(seconds=1))
        assert await rig.simulator.courier.turn() == 1
        assert len(rig.inbox.mail) == count
    rig.clock.advance(timedelta(days=2))
    assert await rig.simulator.courier.turn() == 0
    nonces = {json.loads(body)["id"] for _, body in rig.inbox.mail}
    assert (len(nonces), len(rig.inbox.mail), sum(PAUSES_S)) == (1, 16, 86_640)  # 24 h 4 min


@pytest.mark.parametrize(
    ("hit", "told"),
    [
        (Fault.LOSE_NOTICE, []),
        (Fault.REPEAT_NOTICE, [(DONE, 1234), (DONE, 1234)]),
        (Fault.WRONG_AMOUNT, [(DONE, 1235), (DONE, 1234)]),
        (Trouble.CONTRADICTION, [(NOT_DONE, 1234), (DONE, 1234)]),
        (Fault.REORDER_NOTICE, []),
    ],
)
async def test_notices_that_go_wrong(rig: Rig, hit: Fault | Trouble, told: object) -> None:
    await rig.channel.pay(NATIVE)
    rig.fail(hit, reorder_ms=1000)
    rig.simulator.payer.pay(NATIVE.payment)
    assert [(n.outcome, n.amount) for n in await rig.notices()] == told
    rig.clock.advance(timedelta(seconds=1))
    late = [(DONE, 1234)] if hit is Fault.REORDER_NOTICE else told
    assert [(n.outcome, n.amount) for n in await rig.notices()] == late


async def test_an_abnormal_refund_is_told_and_is_not_over(rig: Rig) -> None:
    await rig.paid()
    await rig.paid(replace(NATIVE, payment="pay_other"))
    rig.fail(Trouble.ABNORMAL_REFUND)
    await rig.channel.refund(REFUND)
    notice = (await rig.notices())[2]
    assert (notice.outcome, notice.reason) == (UNKNOWN, "refund_account_closed")


@pytest.mark.parametrize("change", [{"merchant": "1900000108"}, {"app": "wx00000000000000b2"}])
async def test_a_notice_to_another_member_is_refused(rig: Rig, change: dict[str, str]) -> None:
    await rig.paid()
    await rig.notices()
    other = replace(rig.member, **change)  # type: ignore[arg-type]
    headers, body = rig.inbox.mail[0]
    with pytest.raises(Refused) as refused:
        WechatNotices(other).read("/", headers, body, now=NOW)
    assert str(refused.value) == "message_misdirected (mchid)"


async def test_a_notice_under_another_v3_key_is_refused(tmp_path: Path) -> None:
    rig = make_rig(tmp_path)
    await rig.paid()
    await rig.notices()
    rig.member.keys.path("apiv3_key").write_text("x" * 32)
    with pytest.raises(Refused) as refused:
        rig.read(0)
    assert str(refused.value) == "message_forged (ciphertext)"
    rig.member.keys.path("apiv3_key").write_text("x" * 16)
    with pytest.raises(Refused) as refused:
        rig.read(0)
    assert refused.value.code == "key_file_invalid"


async def test_certificates_rotate_while_orders_go_on(tmp_path: Path) -> None:
    rig = make_rig(tmp_path, network_key=None)
    old = rig.simulator.peer.platforms[0].serial
    assert said(await rig.channel.pay(NATIVE)) == (UNKNOWN, "payer_awaited")
    new = rig.simulator.rotate()
    assert said(await rig.channel.query(NATIVE)) == (UNKNOWN, "answer_untrusted")
    assert await rig.channel.renew_certificates() == [new]
    assert await rig.channel.renew_certificates() == []
    assert {old, new} < set(rig.member.keys.publics())
    assert said(await rig.channel.query(NATIVE)) == (UNKNOWN, "payer_awaited")
    # The answers to those who ask for the old one are still signed by it.
    asking = make_rig(tmp_path, network_key=old)
    assert said(await asking.channel.pay(NATIVE)) == (UNKNOWN, "payer_awaited")
    rig.simulator.payer.pay(NATIVE.payment)
    [notice] = await rig.notices()
    assert rig.inbox.mail[0][0]["wechatpay-serial"] == new
    assert notice.outcome is DONE


async def test_a_public_key_and_certificates_are_believed_at_the_same_time(rig: Rig) -> None:
    """The switch from 平台证书 to 微信支付公钥: answers by the one, notices by the other."""
    await rig.paid()
    [notice] = await rig.notices()
    assert rig.inbox.mail[0][0]["wechatpay-serial"] == rig.simulator.peer.platforms[0].serial
    assert notice.outcome is DONE
    assert rig.tap.sent[-1].headers["wechatpay-serial"].startswith("PUB_KEY_ID_")


async def test_a_public_key_nobody_gave_us_is_refused_and_nothing_breaks(tmp_path: Path) -> None:
    """wechatpayv3 reads an unlisted PUB_KEY_ID_… as a number and falls over."""
    rig = make_rig(tmp_path)
    for path in (tmp_path / "network").glob("PUB_KEY_ID_*"):
        path.unlink()
    answer = await rig.channel.pay(NATIVE)
    assert said(answer) == (UNKNOWN, "answer_untrusted")
