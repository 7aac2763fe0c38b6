"""A payer's code: its network by form, and nowhere a trace of it."""

from __future__ import annotations

import base64
import logging
import traceback

import pytest

from anfu.channels.codes.network import Network, network_of
from anfu.channels.codes.payer_code import PayerCode, masked, read_payer_code
from anfu.kernel.errors import Refused

# EMVCo's code of two applications, here with UnionPay's and with somebody else's provider number.
_HEAD = bytes.fromhex("85054350563031")


def cpm(*names: str) -> str:
    parts = [bytes([0x61, len(n) // 2 + 2, 0x4F, len(n) // 2]) + bytes.fromhex(n) for n in names]
    return base64.b64encode(_HEAD + b"".join(parts)).decode()


UNIONPAY_CPM = cpm("A000000333010101")
CODES = {
    "10" + "1" * 16: Network.WECHAT,
    "15" + "9" * 16: Network.WECHAT,
    "25" + "0" * 14: Network.ALIPAY,
    "28763443825664394": Network.ALIPAY,
    "30" + "1" * 22: Network.ALIPAY,
    "62" + "3" * 17: Network.UNIONPAY,
    UNIONPAY_CPM: Network.UNIONPAY,
    cpm("D4100000014010", "A000000333010102"): Network.UNIONPAY,
}
OTHERS = [
    "",
    "16" + "1" * 16,
    "09" + "1" * 16,
    "10" + "1" * 15,
    "10" + "1" * 17,
    "25" + "0" * 13,
    "30" + "1" * 23,
    "31" + "0" * 16,
    "62" + "3" * 16,
    "62" + "3" * 18,
    "１０" + "1" * 16,
    cpm("D4100000014010"),
    cpm(),
    UNIONPAY_CPM[:-4],
    UNIONPAY_CPM[:-1] + "!",
    UNIONPAY_CPM + "A" * 600,
]


@pytest.mark.parametrize(("text", "network"), CODES.items())
def test_a_code_is_told_by_prefix_and_length(text: str, network: Network) -> None:
    assert read_payer_code(text) == PayerCode(network, text)
    assert read_payer_code(f" {text}\r\n").text == text


@pytest.mark.parametrize("text", OTHERS)
def test_every_other_text_is_refused_unquoted(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_payer_code(text)
    assert str(refusal.value) == "payer_code_invalid (code)"
    assert refusal.value.details == {}


@pytest.mark.parametrize("text", CODES)
def test_a_payer_code_is_never_in_logs_or_repr(text: str, caplog: pytest.LogCaptureFixture) -> None:
    code = read_payer_code(text)
    log = logging.getLogger("anfu.test")
    with caplog.at_level(logging.DEBUG):
        log.debug("code %s %r %s", code, code, [code])
        log.debug("code %s", f"{code}")
    try:
        read_payer_code(text + "x!")
    except Refused as refusal:
        traced = "".join(traceback.format_exception(refusal))
    said = caplog.text + traced + repr(code) + str(code) + repr({"code": code})
    assert text not in said
    assert text[3:-3] not in said
    assert str(code) == f"{text[:2]}…({len(text) - 4})…{text[-2:]}" == code.masked()


def test_a_short_text_is_masked_whole() -> None:
    assert masked("12345678901") == "…(11)…"
    assert masked("123456789012") == "12…(8)…12"


WECHAT_APP = (
    "Mozilla/5.0 (Linux; Android 14) Chrome/122 Mobile MicroMessenger/8.0.49(0x280031) NetType"
)
ALIPAY_APP = (
    "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile/15E148 AlipayClient/10.5.90 Language/zh-Hans"
)
UNIONPAY_APP = (
    "Mozilla/5.0 (com.unionpay.chsp) (version 938) (UnionPay/1.0 CloudPay) (clientVersion 1)"
)


@pytest.mark.parametrize(
    ("agent", "network"),
    [
        (WECHAT_APP, Network.WECHAT),
        (ALIPAY_APP, Network.ALIPAY),
        (UNIONPAY_APP, Network.UNIONPAY),
        ("Mozilla/5.0 (X11; Linux) Chrome/130", None),
        ("", None),
        ("xMicroMessenger/8", None),
        ("UnionPay/1.0 SomeBank", None),
        (f"{WECHAT_APP} {ALIPAY_APP}", None),
    ],
)
def test_the_app_that_opens_a_page_names_its_network(agent: str, network: Network | None) -> None:
    assert network_of(agent) is network
