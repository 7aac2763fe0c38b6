"""UnionPay as a channel, against the made-up network on the real wire, in process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
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
from anfu.channels.unionpay.messages import read_answer, write_answer
from anfu.channels.unionpay.simulator.mishaps import Mishap
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import SeededEntropy

Call = Callable[[Rig], Awaitable[ChannelAnswer]]
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
    wanted = order(scene)
    answer = await rig.channel.pay(wanted)
    assert said(answer) == AWAITED
    assert rig.wire.sent == []
    assert answer.handover is not None and answer.handover.kind is HandoverKind.FORM
    form = dict(answer.handover.values)
    action = form.pop("action")
    assert action == f"{ORIGIN}/gateway/api/frontTransReq.do"
    assert (form["channelType"], form["bizType"], form["frontUrl"]) == (
        channel_type, "000201", "https://shop.test/thanks",
    )  # fmt: skip
    assert said(await rig.channel.query(wanted)) == AWAITED
    async with httpx.AsyncClient(transport=rig.wire) as browser:
        opened = await browser.post(action, data=form)
        assert opened.status_code == 303
        page = await browser.get(opened.headers["location"])
        assert "¥12.34" in page.text and "一杯茶" in page.text
        paid = await browser.post(opened.headers["location"], data={"act": "pay"})
        assert (paid.status_code, paid.headers["location"]) == (303, "https://shop.test/thanks")
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


async def test_the_currency_is_yuan(rig: Rig) -> None:
    dollars = replace(ORDER, currency="USD", first=True)
    assert said(await rig.channel.pay(dollars)) == (NOT_DONE, "currency_mismatch")
    assert rig.wire.sent == []


def forged(status: int, body: bytes) -> tuple[int, bytes]:
    fields = {**read_answer(body), "respMsg": "other"}
    return status, write_answer(fields)


OPERATIONS: dict[str, Call] = {
    "pay": lambda rig: rig.channel.pay(replace(ORDER, first=True)),
    "pay_code": lambda rig: rig.channel.pay(order(Scene.PAYER_CODE, first=True)),
    "pay_app": lambda rig: rig.channel.pay(order(Scene.APP, first=True)),
    "query": lambda rig: rig.channel.query(ORDER),
    "close": lambda rig: rig.channel.close(ORDER),
    "refund": lambda rig: rig.channel.refund(refund_of(PAID, first=True)),
    "reverse": lambda rig: rig.channel.reverse(refund_of(PAID, amount=1234, first=True)),
    "query_refund": lambda rig: rig.channel.query_refund(refund_of(PAID)),
}
PAID = ChannelAnswer(DONE, "202611231200000000018", None, 1234, "CNY")
SUBMITS = ("pay", "pay_code", "pay_app", "refund", "reverse")


def _break(rig: Rig, how: str) -> None:
    changes: dict[str, Any] = {
        "forged": forged,
        "moved": lambda s, b: (s, b.replace(b"txnType=", b"txnType=9")),
        "garbage": lambda s, b: (200, b"<html>"),
        "error_page": lambda s, b: (502, b),
        "too_large": lambda s, b: (200, b + b"&" * 70_000),
    }
    rig.wire.change = changes.get(how)
    errors = {
        "not_sent": httpx.ConnectError, "lost_request": httpx.ReadTimeout,
        "lost_answer": httpx.ReadError, "pool": httpx.PoolTimeout,
    }  # fmt: skip
    rig.wire.error = errors.get(how)
    rig.wire.lost_answer = how == "lost_answer"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("lost_request", "timed_out"),
        ("lost_answer", "connection_lost"),
        ("error_page", "http_502"),
        ("forged", "answer_untrusted"),
        ("moved", "answer_untrusted"),
        ("garbage", "answer_untrusted"),
        ("too_large", "answer_too_large"),
        ("not_sent", "not_sent"),
        ("pool", "not_sent"),
    ],
)
async def test_what_cannot_be_heard_is_unknown(
    rig: Rig, operation: str, how: str, reason: str
) -> None:
    """Each operation and each way to lose it; only what was never sent is NOT_DONE, the first
    time."""
    await rig.channel.pay(replace(ORDER, payment=NUMBER + "9"))
    _break(rig, how)
    answer = await OPERATIONS[operation](rig)
    certain = reason == "not_sent" and operation in SUBMITS
    assert said(answer) == (NOT_DONE if certain else UNKNOWN, reason)
    assert (answer.amount, answer.handover) == (None, None)


CODES = {
    "03": (UNKNOWN, "not_found"),
    "05": (UNKNOWN, "not_found"),
    "12": (UNKNOWN, "not_found"),
    "06": (UNKNOWN, "network_busy"),
    "98": (UNKNOWN, "request_refused"),
    "ZZ": (UNKNOWN, "request_refused"),
    "": (UNKNOWN, "request_refused"),
    "34": (UNKNOWN, "not_found"),
    "11": (NOT_DONE, "signature_refused"),
    "31": (NOT_DONE, "merchant_misconfigured"),
    "38": (NOT_DONE, "risk_at_network"),
    "64": (NOT_DONE, "insufficient_funds"),
    "73": (NOT_DONE, "expired_card"),
    "87": (NOT_DONE, "payer_code_invalid"),
}


@pytest.mark.parametrize(("code", "ending"), CODES.items())
async def test_a_submission_ends_by_its_code(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, ending: tuple[Outcome, str]
) -> None:
    monkeypatch.setattr(rig.network.desk, "submit", lambda *_: {"respCode": code})
    assert said(await rig.channel.pay(replace(ORDER, first=True))) == ending
    again = await rig.channel.pay(ORDER)
    assert again.outcome is UNKNOWN, "a second sending may be refused for the first one's sake"


QUERIES = {
    ("00", "00"): (DONE, None),
    ("00", "A1"): (DONE, None),
    ("00", "03"): (UNKNOWN, "processing"),
    ("00", "05"): (UNKNOWN, "processing"),
    ("00", "34"): (UNKNOWN, "not_found"),
    ("00", "ZZ"): (UNKNOWN, "request_refused"),
    ("00", ""): (UNKNOWN, "request_refused"),
    ("00", "32"): (NOT_DONE, "merchant_not_permitted"),
    ("00", "42"): (NOT_DONE, "order_expired"),
    ("00", "46"): (NOT_DONE, "closed"),
    ("00", "64"): (NOT_DONE, "insufficient_funds"),
    ("34", ""): (UNKNOWN, "not_found"),
    ("37", ""): (UNKNOWN, "rate_limited"),
    ("64", ""): (UNKNOWN, "insufficient_funds"),
    ("32", "00"): (UNKNOWN, "merchant_not_permitted"),
    ("ZZ", "00"): (UNKNOWN, "request_refused"),
}


@pytest.mark.parametrize(("codes", "ending"), QUERIES.items())
async def test_a_query_ends_by_the_code_of_what_it_asks_for(
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    codes: tuple[str, str],
    ending: tuple[Outcome, str | None],
) -> None:
    known = {
        "respCode": codes[0], "origRespCode": codes[1], "queryId": "1" * 21, "txnAmt": "1234",
        "currencyCode": "156",
    }  # fmt: skip
    monkeypatch.setattr(rig.network.desk, "query", lambda *_: known)
    assert said(await rig.channel.query(ORDER)) == ending
    rig.pass_by(days=30)
    late = await rig.channel.query(ORDER)
    if codes[0] != "00" and codes[0] != "34":
        assert said(late) == ending
    elif ending[1] == "not_found":
        assert said(late) == (NOT_DONE, "order_expired")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"txnAmt": "1235"}, "amount_mismatch"),
        ({"currencyCode": "840"}, "amount_mismatch"),
        ({"txnAmt": "12.34"}, "answer_untrusted"),
        ({"txnAmt": ""}, "answer_untrusted"),
        ({"queryId": ""}, "answer_untrusted"),
        ({"orderId": "pay01hf0000000000000000000009"}, "answer_misplaced"),
        ({"txnTime": "20261123120001"}, "answer_misplaced"),
        ({"merId": "777290058110049"}, "answer_misplaced"),
        ({"txnType": "01"}, "answer_misplaced"),
    ],
)
async def test_a_signed_answer_about_something_else_is_not_ours(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], reason: str
) -> None:
    known = {
        "respCode": "00", "origRespCode": "00", "queryId": "1" * 21, "txnAmt": "1234",
        "currencyCode": "156", **change,
    }  # fmt: skip
    monkeypatch.setattr(rig.network.desk, "query", lambda *_: known)
    assert said(await rig.channel.query(ORDER)) == (UNKNOWN, reason)


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
