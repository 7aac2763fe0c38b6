"""UnionPay as a channel, against the made-up network on the real wire, in process."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from tests.unit.channels.unionpay.conftest import (
    BACK,
    CODE,
    DONE,
    NOT_DONE,
    NOW,
    NUMBER,
    ORDER,
    ORIGIN,
    UNKNOWN,
    Rig,
    order,
    refund_of,
    said,
)

from anfu.channels.port import ChannelAnswer, HandoverKind, Scene
from anfu.channels.sandbox.faults import Fault
from anfu.channels.unionpay.client import UnionpayChannel
from anfu.channels.unionpay.simulator.mishaps import Mishap
from anfu.kernel.errors import BrokenInvariant
from anfu.kernel.ids import SeededEntropy
from anfu.storage import transaction

THANKS = "https://shop.test/thanks?order=1&from=unionpay"
AWAITED = (UNKNOWN, "payer_awaited")


def sent(rig: Rig, place: int = -1) -> dict[str, str]:
    return dict(parse_qsl(rig.wire.sent[place].content.decode(), strict_parsing=True))


async def test_a_card_on_file_pays_with_its_token_and_the_query_says_so(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    assert paid == ChannelAnswer(DONE, "202611231200000000018", None, 1234, "CNY", said="00")
    assert [r.url.path for r in rig.wire.sent] == [
        "/gateway/api/backTransReq.do", "/gateway/api/queryTrans.do",
    ]  # fmt: skip
    fields = sent(rig, 0)
    del fields["signature"], fields["certId"]
    assert fields == {
        "version": "5.1.0", "encoding": "UTF-8", "signMethod": "01", "accessType": "0",
        "merId": "777290058110048", "txnType": "01", "txnSubType": "01", "bizType": "000301",
        "channelType": "08", "orderId": "pay01hf0000000000000000000000",
        "txnTime": "20261123120000", "txnAmt": "1234", "currencyCode": "156",
        "payTimeout": "20261123121500", "orderDesc": "一杯茶",
        "backUrl": "http://anfu.test/v1/notices/unionpay",
        "tokenPayData": "{token=tok_good&trId=99988877766}",
    }  # fmt: skip
    assert await rig.channel.query(ORDER) == paid == await rig.channel.close(ORDER)


async def test_the_cert_id_is_the_serial_number_of_our_certificate(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    assert sent(rig)["certId"] == str(rig.keys.member.serial_number)


async def test_the_same_payment_again_is_answered_as_before_and_another_is_not(rig: Rig) -> None:
    answers = [await rig.channel.pay(ORDER) for _ in range(3)]
    assert [a.outcome for a in answers] == [DONE] * 3
    assert len(set(map(str, answers))) == 1
    other = await rig.channel.pay(replace(ORDER, amount=1235))
    assert (said(other), other.amount) == ((UNKNOWN, "amount_mismatch"), 1234)
    assert await rig.network.courier.turn() == 1


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_stolen_card", "card_restricted"),
        ("tok_expired_card", "expired_card"),
    ],
)
async def test_a_decline_of_a_card_on_file_is_the_end(rig: Rig, card: str, reason: str) -> None:
    declined = replace(ORDER, card=card)
    for ask in (rig.channel.pay, rig.channel.pay, rig.channel.query, rig.channel.close):
        assert said(await ask(declined)) == (NOT_DONE, reason)
    assert await rig.network.courier.turn() == 0


async def test_a_payers_code_is_sent_once_and_later_only_asked_about(rig: Rig) -> None:
    scanned = order(Scene.PAYER_CODE)
    paid = await rig.channel.pay(scanned)
    assert said(paid) == (DONE, None)
    fields = sent(rig, 0)
    assert (fields["txnSubType"], fields["qrNo"], fields["termId"]) == ("06", CODE, "00000001")
    again = await rig.channel.pay(replace(scanned, code=None))
    assert again == paid
    assert [r.url.path.rpartition("/")[2] for r in rig.wire.sent] == [
        "backTransReq.do", "queryTrans.do", "queryTrans.do",
    ]  # fmt: skip
    assert CODE not in repr(scanned) + repr(paid) + repr(again)


async def test_codes_tokens_and_keys_are_in_no_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await rig.channel.pay(order(Scene.PAYER_CODE))
        await rig.channel.pay(replace(ORDER, payment=NUMBER + "2"))
        await rig.network.courier.turn()
        rig.wire.change = lambda *_: (200, b"garbage")
        assert said(await rig.channel.pay(order(Scene.PAYER_CODE))) == (
            UNKNOWN, "answer_untrusted",
        )  # fmt: skip
    assert "backTransReq.do" in caplog.text
    for secret in (CODE, CODE[:10], "tok_good", "signature", "PRIVATE"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("scene", "channel_type"),
    [
        (Scene.PAGE, "07"),
        (Scene.H5, "08"),
        (Scene.MINI_PROGRAM, "08"),
        (Scene.STATIC_CODE, "08"),
    ],
)
async def test_a_page_is_a_signed_form_the_browser_brings(
    rig: Rig, scene: Scene, channel_type: str
) -> None:
    wanted = order(scene, return_url=THANKS)
    answer = await rig.channel.pay(wanted)
    assert said(answer) == AWAITED
    assert rig.wire.sent == []
    assert answer.handover is not None and answer.handover.kind is HandoverKind.FORM
    form = dict(answer.handover.values)
    action = form.pop("action")
    assert action == f"{ORIGIN}/gateway/api/frontTransReq.do"
    assert (form["channelType"], form["bizType"], form["frontUrl"]) == (
        channel_type, "000201", THANKS,
    )  # fmt: skip
    assert said(await rig.channel.query(wanted)) == AWAITED
    async with httpx.AsyncClient(transport=rig.wire) as browser:
        opened = await browser.post(action, data=form)
        assert opened.status_code == 303
        page = await browser.get(opened.headers["location"])
        assert "¥12.34" in page.text and "一杯茶" in page.text
        paid = await browser.post(opened.headers["location"], data={"act": "pay"})
        assert (paid.status_code, paid.headers["location"]) == (303, THANKS)
        again = await browser.post(opened.headers["location"], data={"act": "pay"})
        assert again.status_code == 409
    assert said(await rig.channel.query(wanted)) == (DONE, None)


async def test_an_app_gets_the_number_its_sdk_calls_with(rig: Rig) -> None:
    answer = await rig.channel.pay(order(Scene.APP))
    assert said(answer) == AWAITED
    assert answer.handover is not None and answer.handover.kind is HandoverKind.CALL
    assert answer.handover.values["mode"] == "01"
    assert re.fullmatch(r"[0-9a-f]{20}", answer.handover.values["tn"])
    assert await rig.channel.pay(order(Scene.APP)) == answer
    assert rig.network.payer.pay(NUMBER) is None
    assert said(await rig.channel.pay(order(Scene.APP))) == (DONE, None)


async def test_a_dynamic_code_is_shown_and_paid_by_who_scans_it(rig: Rig) -> None:
    answer = await rig.channel.pay(order(Scene.DYNAMIC_CODE))
    assert answer.handover is not None and answer.handover.kind is HandoverKind.CODE
    assert sent(rig)["txnSubType"] == "07"
    async with httpx.AsyncClient(transport=rig.wire) as phone:
        url = answer.handover.values["text"]
        assert (await phone.post(url, data={"act": "cancel"})).status_code == 200
        assert said(await rig.channel.query(order(Scene.DYNAMIC_CODE))) == (UNKNOWN, "not_found")
        assert (await phone.post(url, data={"act": "pay"})).status_code == 200
    assert said(await rig.channel.query(order(Scene.DYNAMIC_CODE))) == (DONE, None)


@pytest.mark.parametrize("scene", [Scene.PAGE, Scene.APP, Scene.DYNAMIC_CODE, Scene.ON_FILE])
async def test_an_unpaid_order_ends_only_after_pay_timeout_and_grace(
    rig: Rig, scene: Scene
) -> None:
    wanted = order(scene, expires_at=NOW + timedelta(minutes=5))
    if scene is not Scene.ON_FILE:
        await rig.channel.pay(wanted)
    rig.pass_by(minutes=10)
    assert (await rig.channel.close(wanted)).outcome is UNKNOWN
    rig.pass_by(seconds=1)
    assert said(await rig.channel.close(wanted)) == (NOT_DONE, "order_expired")
    if scene in (Scene.APP, Scene.DYNAMIC_CODE):
        assert rig.network.payer.pay(NUMBER) == "39"


async def test_a_decline_on_a_page_is_the_end_only_after_pay_timeout(rig: Rig) -> None:
    wanted = order(Scene.APP)
    await rig.channel.pay(wanted)
    rig.network.payer.decline(NUMBER, "64")
    assert said(await rig.channel.query(wanted)) == AWAITED
    rig.pass_by(seconds=1201)
    assert said(await rig.channel.query(wanted)) == (NOT_DONE, "insufficient_funds")


async def test_a_late_success_is_done_whatever_was_said_before(rig: Rig) -> None:
    wanted = order(Scene.APP)
    await rig.channel.pay(wanted)
    rig.pass_by(seconds=1201)
    assert said(await rig.channel.close(wanted)) == (NOT_DONE, "order_expired")
    rig.mishap(Mishap.LATE_SUCCESS)
    assert rig.network.payer.pay(NUMBER) is None
    assert said(await rig.channel.query(wanted)) == (DONE, None)


async def test_refunds_in_part_up_to_the_whole_and_never_over(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    first = refund_of(paid)
    done = await rig.channel.refund(first)
    assert (said(done), done.amount) == ((DONE, None), 1000)
    assert await rig.channel.refund(first) == done == await rig.channel.query_refund(first)
    over = replace(first, refund=BACK + "2", amount=235, first=True)
    assert said(await rig.channel.refund(over)) == (NOT_DONE, "content_conflict")
    rest = replace(over, refund=BACK + "3", amount=234)
    assert said(await rig.channel.refund(rest)) == (DONE, None)
    more = replace(over, refund=BACK + "4", amount=1)
    assert said(await rig.channel.refund(more)) == (NOT_DONE, "refund_exceeds_payment")
    assert said(await rig.channel.query(ORDER)) == (DONE, None)


async def test_a_refund_names_its_payment_and_a_reversal_takes_all_of_it(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    part = refund_of(paid, first=True)
    assert said(await rig.channel.reverse(part)) == (NOT_DONE, "content_conflict")
    whole = refund_of(paid, refund=BACK + "2", amount=1234)
    assert said(await rig.channel.reverse(whole)) == (DONE, None)
    fields = sent(rig, -2)
    assert (fields["txnType"], fields["origQryId"]) == ("31", paid.reference)
    assert fields["reqReserved"] == "pay01hf0000000000000000000000"


async def test_a_refund_without_the_networks_number_cannot_be_sent(rig: Rig) -> None:
    refund = refund_of(await rig.channel.pay(ORDER), reference=None)
    before = len(rig.wire.sent)
    assert said(await rig.channel.refund(replace(refund, first=True))) == (
        NOT_DONE, "request_refused",
    )  # fmt: skip
    assert said(await rig.channel.refund(refund)) == (UNKNOWN, "request_refused")
    assert len(rig.wire.sent) == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"currency": "USD"}, "currency_mismatch"),
        ({"card": None}, "request_refused"),
        ({"card": "tok&trId=1}"}, "request_refused"),
        ({"scene": Scene.PAYER_CODE, "code": "13" + "1" * 16}, "payer_code_invalid"),
        ({"scene": Scene.PAYER_CODE, "code": "62&qrNo=1"}, "payer_code_invalid"),
    ],
)
async def test_an_order_that_cannot_be_is_not_sent(
    rig: Rig, change: dict[str, Any], reason: str
) -> None:
    wrong = replace(ORDER, **change)
    assert said(await rig.channel.pay(replace(wrong, first=True))) == (NOT_DONE, reason)
    assert said(await rig.channel.pay(wrong)) == (UNKNOWN, reason)
    assert rig.wire.sent == []


async def test_nothing_is_asked_in_an_open_transaction(rig: Rig) -> None:
    """Not even a form is made: who calls would hold its locks while the payer pays."""

    async def in_transaction(call: Awaitable[object]) -> None:
        transaction._open.set(True)  # of this task alone
        with pytest.raises(BrokenInvariant):
            await call

    channel, refund = rig.channel, refund_of(ChannelAnswer(DONE, "1" * 21, None))
    calls: list[Awaitable[object]] = [
        channel.pay(ORDER), channel.pay(order(Scene.PAGE)), channel.query(ORDER),
        channel.close(ORDER), channel.refund(refund), channel.query_refund(refund),
    ]  # fmt: skip
    for call in calls:
        await asyncio.create_task(in_transaction(call))
    assert rig.wire.sent == []


async def test_a_time_out_after_the_capture_is_found_done(rig: Rig) -> None:
    rig.fail(Fault.LATE, late_ms=10)
    fast = replace(rig.member, answer_s=0.005)
    channel = UnionpayChannel(fast, clock=rig.clock, entropy=SeededEntropy(3), transport=rig.wire)
    assert said(await channel.pay(replace(ORDER, first=True))) == (UNKNOWN, "timed_out")
    await channel.aclose()
    rig.fail()
    await asyncio.sleep(0.03)
    assert said(await rig.channel.query(ORDER)) == (DONE, None)
    assert said(await rig.channel.pay(ORDER)) == (DONE, None)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_an_error_is_unknown_whether_or_not_it_worked(rig: Rig, seed: int) -> None:
    rig.fail(Fault.SERVER_ERROR, seed=seed)
    assert said(await rig.channel.pay(replace(ORDER, first=True))) == (UNKNOWN, "http_503")
    rig.fail()
    assert said(await rig.channel.pay(ORDER)) == (DONE, None)


async def test_processing_and_a_rate_limit_are_unknown_until_the_truth(rig: Rig) -> None:
    rig.fail(Fault.PROCESSING)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "processing")
    rig.mishap(Mishap.RATE_LIMIT)
    assert said(await rig.channel.query(ORDER)) == (UNKNOWN, "rate_limited")
    rig.mishap()
    assert said(await rig.channel.query(ORDER)) == (DONE, None)


async def test_another_key_of_the_same_authority_is_taken_at_once(rig: Rig) -> None:
    before = await rig.channel.pay(ORDER)
    rig.network.rotate()
    assert await rig.channel.query(ORDER) == before
