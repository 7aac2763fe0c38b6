"""WeChat Pay against `wechatpayv3`: what we sign it verifies, what it signs we verify."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.contract.wechat_rig import CODE, NATIVE, ORDER, REFUND, Rig, make_rig
from wechatpayv3 import utils
from wechatpayv3.core import Core

from anfu.channels.port import Scene
from anfu.channels.wechat.client import BankCard
from anfu.channels.wechat.member import PRIVATE_KEY, V2_KEY, V3_KEY, PayerCodeWire
from anfu.channels.wechat.provision import PUBLIC_KEY_ID
from anfu.channels.wechat.sealing import decrypt, encrypt_for
from anfu.channels.wechat.sheets import read_sheet, signature
from anfu.channels.wechat.signing import signed_headers, verify
from anfu.channels.wechat.simulator.checks import check_request
from anfu.channels.wechat.simulator.orders import Declined
from anfu.channels.wechat.simulator.troubles import Trouble
from anfu.kernel.errors import Refused

_SIGNED = re.compile(r'([a-z_]+)="([^"]*)"')


@pytest.fixture
def rig() -> Rig:
    return make_rig()


def core(rig: Rig) -> Core:
    """The library as our member, with the network's public key."""
    public = rig.simulator.peer.public.public_key()
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return Core(
        rig.member.merchant,
        rig.member.serial,
        rig.member.keys.path(PRIVATE_KEY).read_text().strip(),
        rig.member.keys.secret(V3_KEY).decode(),
        public_key=text.strip(),
        public_key_id=PUBLIC_KEY_ID,
    )


async def test_every_request_of_ours_is_signed_as_the_library_signs(rig: Rig) -> None:
    """The signed body is byte for byte the one that was sent."""
    scenes = (Scene.MINI_PROGRAM, Scene.APP, Scene.H5, Scene.DYNAMIC_CODE)
    for number, scene in enumerate(scenes):
        await rig.channel.pay(replace(ORDER, payment=f"pay_{number}", scene=scene))
    await rig.channel.pay(CODE)
    await rig.channel.query(NATIVE)
    await rig.channel.close(NATIVE)
    await rig.channel.refund(REFUND)
    assert len(rig.tap.sent) == 9  # what is paid is not closed but asked about
    for request in rig.tap.sent:
        given = dict(_SIGNED.findall(request.headers["authorization"]))
        lines = [request.method, request.url.raw_path.decode(), given["timestamp"]]
        text = "\n".join([*lines, given["nonce_str"], request.content.decode()]) + "\n"
        key = rig.member.keys.private(PRIVATE_KEY)
        assert utils.rsa_sign(key, text) == given["signature"]
        assert (request.content == b"") == (request.method == "GET")
    assert "茶 & <tea>".encode() in rig.tap.sent[0].content


def test_a_request_of_the_librarys_passes_the_networks_check(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = rig.clock.now()
    monkeypatch.setattr(utils.time, "time", now.timestamp)
    body = {"mchid": "1900000109"}
    key = rig.member.keys.private(PRIVATE_KEY)
    place = ("POST", "/v3/pay/transactions/out-trade-no/pay_1/close")
    header = utils.build_authorization(
        place[1], place[0], rig.member.merchant, rig.member.serial, key, body
    )
    sent = json.dumps(body).encode()
    check_request(rig.simulator.peer, header, place, sent, now=now)
    for other, at in ((b"{}", now), (sent, now + timedelta(seconds=300))):
        with pytest.raises(Declined, match="SIGN_ERROR"):
            check_request(rig.simulator.peer, header, place, other, now=at)


async def test_a_call_of_the_payers_device_is_signed_as_the_library_signs(rig: Rig) -> None:
    bridge = (await rig.channel.pay(ORDER)).handover
    app = (await rig.channel.pay(replace(ORDER, payment="pay_2", scene=Scene.APP))).handover
    assert bridge is not None and app is not None
    values = bridge.values
    lines = [values[name] for name in ("appId", "timeStamp", "nonceStr", "package")]
    assert lines[3].startswith("prepay_id=wx")
    assert core(rig).sign(lines) == values["paySign"]
    lines = [app.values[name] for name in ("appid", "timestamp", "noncestr", "prepayid")]
    assert lines[3].startswith("wx")
    assert core(rig).sign(lines) == app.values["sign"]


async def test_a_notice_of_the_simulators_is_believed_by_the_library(tmp_path: Path) -> None:
    rig = make_rig(tmp_path)
    await rig.paid()
    await rig.simulator.courier.turn()
    headers, body = rig.inbox.mail[0]
    library = core(rig)
    library._certificates = [rig.simulator.peer.platforms[0].certificate]
    event = library.callback(headers, body)
    assert event["resource"]["out_trade_no"] == NATIVE.payment
    assert event["resource"]["amount"]["total"] == 1234
    # Named trap: the library believes it for ever, we do not.
    rig.clock.advance(timedelta(days=400))
    assert library.callback(headers, body) == event
    with pytest.raises(Refused, match="message_stale"):
        rig.read(0)
    # Named trap: an unlisted serial that is no number is an exception there, a refusal here.
    headers["wechatpay-serial"] = "PUB_KEY_ID_9"
    with pytest.raises(ValueError, match="invalid literal"):
        library.callback(headers, body)
    rig.clock = make_rig().clock
    with pytest.raises(Refused, match="message_forged"):
        rig.read(0)


def test_what_the_library_signs_we_verify(rig: Rig) -> None:
    now, body = rig.clock.now(), '{"a":"安付"}'
    peer = rig.simulator.peer
    at = {"timestamp": str(int(now.timestamp())), "nonce": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"}
    headers = signed_headers(peer.public, PUBLIC_KEY_ID, body.encode(), **at)
    text = f"{at['timestamp']}\n{at['nonce']}\n{body}\n"
    theirs = utils.rsa_sign(peer.public, text)
    assert theirs == headers["wechatpay-signature"]
    verify(rig.member.keys.publics(), headers, body.encode(), now=now)
    public = peer.public.public_key()
    assert utils.rsa_verify(at["timestamp"], at["nonce"], body, theirs, public)


async def test_seals_open_both_ways(rig: Rig) -> None:
    peer = rig.simulator.peer
    key = peer.v3_key.decode()
    for listed in peer.certificates(entropy=rig.simulator._entropy):
        sealed: Any = listed["encrypt_certificate"]
        values = (sealed["nonce"], sealed["ciphertext"], sealed["associated_data"])
        text = utils.aes_decrypt(*values, key)
        opened = decrypt(peer.v3_key, nonce=values[0], ciphertext=values[1], more=values[2])
        assert text.encode() == opened
        assert f"{x509.load_pem_x509_certificate(opened).serial_number:X}" == listed["serial_no"]
    assert utils.rsa_decrypt(encrypt_for(peer.public.public_key(), "张三"), peer.public) == "张三"


async def test_a_card_is_sealed_for_the_key_that_the_header_names(rig: Rig) -> None:
    await rig.paid()
    await rig.paid(replace(NATIVE, payment="pay_2"))
    rig.fail(Trouble.ABNORMAL_REFUND)
    stuck = await rig.channel.refund(REFUND)
    assert stuck.reference is not None
    card = BankCard("ICBC_DEBIT", "6222021234567890", "张三")
    await rig.channel.refund_elsewhere(REFUND, stuck.reference, card)
    request = rig.tap.sent[-1]
    assert request.headers["wechatpay-serial"] == PUBLIC_KEY_ID
    sent = json.loads(request.content)
    peer = rig.simulator.peer
    assert utils.rsa_decrypt(sent["bank_account"], peer.public) == "6222021234567890"
    assert utils.rsa_decrypt(sent["real_name"], peer.public) == "张三"


async def test_version_2_is_signed_as_the_library_signs() -> None:
    rig = make_rig(payer_code=PayerCodeWire.V2)
    await rig.channel.pay(CODE)
    [request] = rig.tap.sent
    values = dict(read_sheet(request.content))
    given = values.pop("sign")
    key = rig.member.keys.secret(V2_KEY)
    text = "&".join(f"{name}={values[name]}" for name in sorted(values)) + f"&key={key.decode()}"
    assert utils.hmac_sign(key.decode(), text) == given == signature(key, values)
    assert (request.url.path, values["body"]) == ("/pay/micropay", "茶 & <tea>")
    assert values["sign_type"] == "HMAC-SHA256"
