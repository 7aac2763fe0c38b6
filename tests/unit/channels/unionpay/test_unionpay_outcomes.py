"""How every operation at UnionPay ends: each way to lose it, each code, each answer not ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.unit.channels.unionpay.conftest import (
    DONE,
    NOT_DONE,
    NUMBER,
    ORDER,
    UNKNOWN,
    Rig,
    order,
    refund_of,
    said,
)

from anfu.channels.port import ChannelAnswer, Scene
from anfu.channels.unionpay.messages import read_answer, write_answer
from anfu.kernel.errors import Outcome

Call = Callable[[Rig], Awaitable[ChannelAnswer]]


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
