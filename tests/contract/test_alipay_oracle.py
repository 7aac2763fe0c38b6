"""What we sign python-alipay-sdk verifies, what it signs we verify; key and certificate mode."""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from tests.contract.alipay_rig import NOW, ORDER, Rig, make_rig

from anfu.channels.alipay.answers import Answer, read_answer
from anfu.channels.alipay.member import Mode
from anfu.channels.alipay.requests import signed_request
from anfu.channels.alipay.scenes import content_of, form_of
from anfu.channels.alipay.signing import is_signed, notice_texts, request_text, sign
from anfu.channels.alipay.simulator.keys import APP_ID, SELLER_ID, NetworkKeys
from anfu.channels.alipay.simulator.wire import Wire

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import alipay

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MODES = pytest.mark.parametrize("mode", list(Mode))


def oracle(rig: Rig, mode: Mode) -> Any:
    """The library as the member: it signs as we do, and verifies what the network says."""
    own = (rig.folder / "app-private.pem").read_text()
    if mode is Mode.KEY:
        public = (rig.folder / "network/alipay-1.pem").read_text()
        return alipay.AliPay(APP_ID, None, own, public)
    names = ("app.crt", "network/alipay-1.crt", "root.crt")
    return alipay.DCAliPay(APP_ID, own, *((rig.folder / name).read_text() for name in names))


def peer(rig: Rig) -> Any:
    """The library as the network: it signs notices, and verifies what we sign."""
    folder = rig.folder / "simulator"
    own, public = (
        (folder / "alipay-private.pem").read_text(),
        (folder / "app-public.pem").read_text(),
    )
    return alipay.AliPay(APP_ID, None, own, public)


@MODES
def test_what_we_sign_the_library_signs_alike(mode: Mode) -> None:
    """RSA with PKCS#1 v1.5 is deterministic: the same values have the same signature."""
    rig = make_rig(mode)
    form = form_of(ORDER)
    assert form is not None
    ours = signed_request(rig.member, form.method, content_of(ORDER, form, rig.member), now=NOW)
    values = {name: value for name, value in ours.items() if name != "sign"}
    theirs = dict(parse_qsl(oracle(rig, mode).sign_data(dict(values))))
    assert theirs == ours
    assert peer(rig)._verify(request_text(values), ours["sign"])


@MODES
def test_what_the_library_signs_the_network_takes(mode: Mode) -> None:
    rig = make_rig(mode)
    library = oracle(rig, mode)
    values = library.build_body("alipay.trade.query", {"out_trade_no": "pay_1"})
    values["timestamp"] = "2026-11-23 12:00:00"
    sent = dict(parse_qsl(library.sign_data(values), keep_blank_values=True))
    wire = Wire(NetworkKeys(rig.folder), clock=rig.clock)
    assert wire.content(sent) == {"out_trade_no": "pay_1"}
    assert is_signed(request_text(sent).encode(), sent["sign"], [NetworkKeys(rig.folder).app()])


@MODES
def test_an_answer_we_believe_the_library_believes(mode: Mode) -> None:
    rig = make_rig(mode)
    wire = Wire(NetworkKeys(rig.folder), clock=rig.clock)
    method = "alipay.trade.query"
    body = bytes(wire.answer(method, {"subject": "支付宝 {茶}", "out_trade_no": "pay_1"}).body)
    ours = read_answer(method, body, rig.member.keys.signers)
    assert isinstance(ours, Answer)
    name = "alipay_trade_query_response"
    assert oracle(rig, mode)._verify_and_return_sync_response(body.decode(), name) == ours.values
    forged = body.replace(b"pay_1", b"pay_2")
    with pytest.raises(alipay.exceptions.AliPayValidationError):
        oracle(rig, mode)._verify_and_return_sync_response(forged.decode(), name)


@MODES
async def test_a_notice_we_believe_the_library_believes(mode: Mode) -> None:
    rig = make_rig(mode)
    await rig.channel.pay(ORDER)
    await rig.simulator.courier.turn()
    [body] = rig.mail
    values = dict(parse_qsl(body.decode()))
    signature = values.pop("sign")
    assert rig.read(body).payment == ORDER.payment
    assert oracle(rig, mode).verify(dict(values), signature)
    assert not oracle(rig, mode).verify({**values, "total_amount": "99.99"}, signature)


def test_a_notice_the_library_signs_we_believe() -> None:
    rig = make_rig()
    values = {
        "app_id": APP_ID, "seller_id": SELLER_ID, "notify_id": "n1", "out_trade_no": "pay_1",
        "notify_time": "2026-11-23 12:00:00", "trade_status": "TRADE_SUCCESS",
        "total_amount": "12.34", "subject": "茶", "charset": "utf-8",
    }  # fmt: skip
    text = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
    signature = peer(rig)._sign(text)
    assert signature == sign(notice_texts(values)[0].encode(), NetworkKeys(rig.folder).own())
    body = urlencode({**values, "sign_type": "RSA2", "sign": signature}).encode()
    assert rig.read(body).amount == 1234


def test_certificates_are_numbered_as_the_library_numbers_them() -> None:
    rig = make_rig(Mode.CERTIFICATE)
    library = oracle(rig, Mode.CERTIFICATE)
    assert rig.member.keys.numbers() == {
        "app_cert_sn": library.app_cert_sn,
        "alipay_root_cert_sn": library.alipay_root_cert_sn,
    }
    network = (rig.folder / "network/alipay-1.crt").read_text()
    assert NetworkKeys(rig.folder).number() == library.get_cert_sn(network)
