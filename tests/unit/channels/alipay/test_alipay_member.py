"""Who we are: settings, key files, and what never shows."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.alipay_rig import ORDER, make_rig, provisioned

from anfu.channels.alipay.certificates import certificate_number, root_number
from anfu.channels.alipay.member import Mode, read_member
from anfu.channels.alipay.requests import signed_request
from anfu.channels.keyfiles import KeyFiles
from anfu.channels.port import NONCES_KEPT
from anfu.kernel.errors import Refused


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("app_id", None), ("app_id", "20x"), ("app_id", 20), ("seller_id", ""),
        ("notify_url", "http://shop.example/n"), ("notify_url", "https://shop.example/n?x=1"),
        ("gateway", "ftp://openapi.alipay.com"), ("mode", "rsa"), ("order_life_min", 0),
        ("notice_age_h", 24), ("notice_age_h", True), ("bill_final_hour", 24), ("secret", "x"),
    ],
)  # fmt: skip
def test_a_setting_that_is_wrong_is_named(name: str, value: object) -> None:
    folder, section = provisioned(Mode.KEY)
    with pytest.raises(Refused) as caught:
        read_member({**section, name: value}, folder)
    assert (caught.value.code, caught.value.field) == ("setting_invalid", f"alipay.{name}")
    assert caught.value.details["allowed"]


def test_a_notice_is_never_taken_once_its_nonce_may_be_forgotten() -> None:
    folder, section = provisioned(Mode.KEY)
    assert read_member({**section, "notice_age_h": 47}, folder).notice_age < NONCES_KEPT
    with pytest.raises(Refused) as caught:
        read_member({**section, "notice_age_h": 48}, folder)
    assert caught.value.details == {"allowed": ["25 … 47"]}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_file_that_is_missing_or_open_is_named(mode: Mode, tmp_path: Path) -> None:
    section = provisioned(mode)[1]
    rig = make_rig(mode, copy=tmp_path / "keys")
    own = rig.folder / "app-private.pem"
    own.chmod(0o640)
    with pytest.raises(Refused, match=r"key_file_open \(.*app-private\.pem\)"):
        read_member(section, rig.folder)
    own.chmod(0o600)
    names = ["network/alipay-1.pem"] if mode is Mode.KEY else ["root.crt", "network/alipay-1.crt"]
    for name in names:
        (rig.folder / name).rename(tmp_path / "aside")
        with pytest.raises(Refused, match="key_file_invalid"):
            read_member(section, rig.folder)
        (tmp_path / "aside").rename(rig.folder / name)


def test_certificate_mode_names_its_certificates_and_key_mode_none() -> None:
    for mode in Mode:
        rig = make_rig(mode)
        values = signed_request(rig.member, "alipay.trade.query", {}, now=rig.clock.now())
        named = {name for name in values if name.endswith("_sn")}
        assert named == (
            {"app_cert_sn", "alipay_root_cert_sn"} if mode is Mode.CERTIFICATE else set()
        )


def test_an_answer_under_a_certificate_we_do_not_hold_has_no_signer() -> None:
    rig = make_rig(Mode.CERTIFICATE)
    held = KeyFiles(rig.folder).certificate("network/alipay-1.crt")
    assert len(rig.member.keys.signers(certificate_number(held))) == 1
    assert len(rig.member.keys.signers(None)) == 1
    assert rig.member.keys.signers("0" * 32) == []


def test_roots_that_are_not_rsa_do_not_count() -> None:
    folder = provisioned(Mode.CERTIFICATE)[0]
    root = (folder / "root.crt").read_bytes()
    broken = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    number = root_number(root)
    assert len(number) == 32
    assert root_number(broken + root + root) == f"{number}_{number}"
    assert root_number(broken) == ""


async def test_nothing_secret_shows(tmp_path: Path) -> None:
    rig = make_rig()
    assert "PRIVATE" not in repr(rig.member) and "RSA" not in repr(rig.member)
    order = replace(ORDER, code="281234567890128888")
    assert "281234567890128888" not in repr(order)
    answer = await rig.channel.pay(order)
    assert "281234567890128888" not in repr(answer)
    with pytest.raises(Refused) as caught:
        read_member({**provisioned(Mode.KEY)[1], "app_id": "x"}, tmp_path)
    assert "BEGIN" not in str(caught.value)
