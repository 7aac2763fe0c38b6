"""Who we are at WeChat Pay: settings, key files, and what is never shown."""

from __future__ import annotations

import logging
import ssl
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tests.contract.wechat_rig import (
    CODE,
    NATIVE,
    NOTIFY_URL,
    NOW,
    REFUND,
    URL,
    make_rig,
    provisioned,
)

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.port import Scene
from anfu.channels.wechat.client import BankCard
from anfu.channels.wechat.member import CERTIFICATE, PRIVATE_KEY, PayerCodeWire, read_member
from anfu.channels.wechat.micropay import Micropay
from anfu.channels.wechat.provision import PUBLIC_KEY_ID, certify, new_key, private_pem
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy

SECTION: dict[str, object] = {
    "merchant": "1900000109",
    "app": "wx1",
    "serial": "4A",
    "notify_url": NOTIFY_URL,
}


def test_a_member_is_read_with_what_the_network_asks_for() -> None:
    folder, _, _ = provisioned()
    more = {"apps": {"APP": "wx2"}, "network_key": PUBLIC_KEY_ID, "payer_code": "v2"}
    member = read_member({**SECTION, **more}, folder)
    assert (member.url, member.timeout_s) == ("https://api.mch.weixin.qq.com", 5.0)
    assert (member.app_of(Scene.APP), member.app_of(Scene.H5)) == ("wx2", "wx1")
    assert [member.is_ours(app) for app in ("wx1", "wx2", "wx3", None)] == [
        True,
        True,
        False,
        False,
    ]
    assert member.payer_code is PayerCodeWire.V2
    assert read_member(SECTION, folder).network_key is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"merchant": 19}, "merchant"),
        ({"app": ""}, "app"),
        ({"serial": "é"}, "serial"),
        ({"notify_url": "https://host/path?query=1"}, "notify_url"),
        ({"notify_url": "http://host/path"}, "notify_url"),
        ({"url": "https://host/path"}, "url"),
        ({"url": "ftp://host"}, "url"),
        ({"apps": {"SHOP": "wx1"}}, "apps"),
        ({"network_key": "PUB_KEY_ID_9"}, "network_key"),
        ({"payer_code": "v1"}, "payer_code"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": True}, "timeout_s"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(change: dict[str, object], field: str) -> None:
    folder, _, _ = provisioned()
    with pytest.raises(Refused) as refused:
        read_member({**SECTION, **change}, folder)
    assert (refused.value.code, refused.value.field) == ("setting_invalid", f"wechat.{field}")


@pytest.mark.parametrize("name", SECTION)
def test_a_setting_that_is_missing_is_refused(name: str) -> None:
    folder, _, _ = provisioned()
    section = {key: value for key, value in SECTION.items() if key != name}
    with pytest.raises(Refused) as refused:
        read_member(section, folder)
    assert refused.value.field == f"wechat.{name}"


def test_key_files_that_others_may_read_are_refused(tmp_path: Path) -> None:
    make_rig(tmp_path)
    for name in (PRIVATE_KEY, "apiv3_key", "apiv2_key"):
        (tmp_path / name).chmod(0o644)
        with pytest.raises(Refused) as refused:
            read_member({**SECTION, "payer_code": "v2"}, tmp_path)
        assert str(refused.value) == f"key_file_open ({tmp_path / name})"
        (tmp_path / name).chmod(0o600)
    (tmp_path / CERTIFICATE).unlink()
    assert read_member(SECTION, tmp_path)
    with pytest.raises(Refused, match="key_file_invalid"):
        read_member({**SECTION, "payer_code": "v2"}, tmp_path)


async def test_our_own_key_changes_without_a_restart(tmp_path: Path) -> None:
    rig = make_rig(tmp_path)
    assert (await rig.channel.pay(NATIVE)).reason == "payer_awaited"
    key = new_key()
    staged = tmp_path / "staged"
    staged.touch(0o600)
    staged.write_bytes(private_pem(key))
    staged.replace(tmp_path / PRIVATE_KEY)
    answer = await rig.channel.pay(NATIVE)
    assert (answer.reason, answer.said) == ("signature_refused", "SIGN_ERROR")
    rig.simulator.peer.merchant_key = key.public_key()
    assert (await rig.channel.pay(NATIVE)).reason == "payer_awaited"


def test_version_2_shows_our_certificate_and_a_new_one_without_a_restart(tmp_path: Path) -> None:
    rig = make_rig(tmp_path)
    micropay = Micropay(rig.member, entropy=SeededEntropy(1))
    assert shown(micropay, tmp_path) is None
    micropay._show_certificate()
    first = rig.member.keys.certificate(CERTIFICATE)
    assert shown(micropay, tmp_path) == first.public_bytes(Encoding.DER)
    key = new_key()
    second = certify(key, "merchant", now=NOW, entropy=SeededEntropy(2))
    (tmp_path / PRIVATE_KEY).write_bytes(private_pem(key))
    (tmp_path / CERTIFICATE).write_bytes(second.public_bytes(Encoding.PEM))
    micropay._show_certificate()
    assert shown(micropay, tmp_path) == second.public_bytes(Encoding.DER)


def shown(micropay: Micropay, folder: Path) -> bytes | None:
    """The certificate a server sees that asks for one; a handshake in memory."""
    client, server = micropay._tls, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert client is not None
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    server.load_cert_chain(folder / CERTIFICATE, folder / PRIVATE_KEY)
    server.load_verify_locations(folder / CERTIFICATE)
    server.verify_mode = ssl.CERT_OPTIONAL
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True))
    for _ in range(4):
        for end in ends:
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    return ends[1].getpeercert(binary_form=True)


async def test_nothing_secret_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for wire in PayerCodeWire:
        rig = make_rig(payer_code=wire)
        await rig.paid()
        await rig.channel.pay(replace(CODE, payment="pay_2"))
        await rig.channel.refund(REFUND)
        await rig.notices()
        card = BankCard("ICBC_DEBIT", "6222021234567890", "张三")
        await rig.channel.refund_elsewhere(REFUND, "50", card)
        keys = rig.member.keys
        secrets = [keys.secret(name).decode() for name in ("apiv3_key", "apiv2_key")]
        secrets += [keys.path(PRIVATE_KEY).read_text()[60:100], CODE.code or "-"]
        secrets += ["6222021234567890", "张三"]
        shown = caplog.text + repr((rig.member, card, CODE, rig.simulator.peer, rig.channel))
        assert [secret for secret in secrets if secret in shown] == []
        assert isinstance(keys, KeyFiles)
    assert URL in repr(rig.member)
