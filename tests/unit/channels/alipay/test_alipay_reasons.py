"""Alipay's codes in our words."""

import pytest

from anfu.channels.alipay.amounts import read_amount, write_amount
from anfu.channels.alipay.answers import Answer
from anfu.channels.alipay.reasons import SUB_CODES, Meaning, meaning_of, short
from anfu.channels.reasons import REASONS


def test_every_word_is_a_stable_one() -> None:
    assert {reason.code for reason in SUB_CODES.values()} <= REASONS.keys()


@pytest.mark.parametrize(
    ("code", "sub_code", "meaning"),
    [
        ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH", Meaning("insufficient_funds", True)),
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", Meaning("refund_funds_short", False)),
        ("40004", "ACQ.SYSTEM_ERROR", Meaning("network_busy", False)),
        ("20000", "aop.ACQ.SYSTEM_ERROR", Meaning("network_busy", False)),
        ("20000", "isp.unknow-error", Meaning("network_busy", False)),
        ("40002", "isv.invalid-signature", Meaning("signature_refused", False)),
        ("40005", "isv.app-call-limited", Meaning("rate_limited", False)),
        ("10003", "", Meaning("payer_awaited", False)),
        ("40006", "isv.something-new", Meaning("merchant_not_permitted", False)),
        ("40004", "ACQ.NEVER_SEEN", Meaning("request_refused", False)),
        ("", "", Meaning("request_refused", False)),
    ],
)
def test_a_code_has_its_word_and_an_unknown_one_leaves_the_outcome_open(
    code: str, sub_code: str, meaning: Meaning
) -> None:
    assert meaning_of(Answer(code, sub_code, {})) == meaning


def test_a_prefix_does_not_change_a_code() -> None:
    assert short("aop.ACQ.SYSTEM_ERROR") == short("ACQ.SYSTEM_ERROR") == "SYSTEM_ERROR"


def test_amounts_are_yuan_with_two_decimals() -> None:
    assert [write_amount(minor) for minor in (1, 10, 1234, 100)] == [
        "0.01",
        "0.10",
        "12.34",
        "1.00",
    ]
    texts = ["12.34", "12.3", "12", "0.01", "12.345", "-1.00", "1e2", "", "１.00", "12.34 "]
    assert [read_amount(text) for text in texts] == [1234, 1230, 1200, 1, *[None] * 6]
