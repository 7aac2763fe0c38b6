"""Who we are at UnionPay: the settings, the key files, and nothing secret in sight."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.unit.channels.unionpay.conftest import NOTIFY, Ends

from anfu.channels.unionpay.member import read_member
from anfu.channels.unionpay.messages import (
    moment_of,
    number_of,
    order_id,
    read_answer,
    write_answer,
)
from anfu.channels.unionpay.simulator.keys import MERCHANT
from anfu.kernel.errors import Refused

GIVEN: dict[str, object] = {"merchant": MERCHANT, "notify_url": NOTIFY}


@pytest.fixture
def folder(ends: Ends, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ends.folder, tmp_path / "keys"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"merchant": "77729005811004"}, "merchant"),
        ({"merchant": None}, "merchant"),
        ({"notify_url": "https://anfu.test/notices?channel=unionpay"}, "notify_url"),
        ({"gateway": "gateway.95516.com"}, "gateway"),
        ({"version": "4.0.0"}, "version"),
        ({"terminal": "1"}, "terminal"),
        ({"app_mode": "02"}, "app_mode"),
        ({"owners": []}, "owners"),
        ({"owners": "中国银联股份有限公司"}, "owners"),
        ({"products": {"page": "1"}}, "products.page"),
        ({"products": {"pages": "000201"}}, "products.pages"),
        ({"products": "000201"}, "products"),
        ({"pay_timeout_s": 59}, "pay_timeout_s"),
        ({"pay_timeout_s": True}, "pay_timeout_s"),
        ({"grace_s": "300"}, "grace_s"),
        ({"answer_s": 0}, "answer_s"),
        ({"sha1": 1}, "sha1"),
        ({"unknown": "1"}, "unknown"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(
    folder: Path, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        read_member({**GIVEN, **change}, folder)
    assert (refusal.value.code, refusal.value.field) == ("setting_invalid", f"unionpay.{field}")


def test_merchant_and_notify_url_must_be_there(folder: Path) -> None:
    for name in GIVEN:
        with pytest.raises(Refused, match=re.escape(f"unionpay.{name}")):
            read_member({k: v for k, v in GIVEN.items() if k != name}, folder)


def test_what_is_not_said_is_the_network_proper(folder: Path) -> None:
    member = read_member({**GIVEN, "products": {"file": "000902"}, "sha1": True}, folder)
    assert member.gateway == "https://gateway.95516.com/gateway/api"
    assert (member.version, member.app_mode, member.sha1) == ("5.1.0", "00", True)
    assert (member.products["file"], member.products["page"]) == ("000902", "000201")


def test_a_key_others_may_read_and_one_of_another_certificate_are_refused(folder: Path) -> None:
    sign = folder / "sign.pem"
    sign.chmod(0o640)
    with pytest.raises(Refused, match="key_file_open"):
        read_member(GIVEN, folder)
    sign.chmod(0o600)
    whole = sign.read_text()
    key = whole[: whole.index("-----BEGIN CERTIFICATE")]
    sign.write_text(key + (folder / "middle.pem").read_text())
    with pytest.raises(Refused, match="key_file_invalid"):
        read_member(GIVEN, folder)
    sign.write_text(whole)
    (folder / "root.pem").write_text("")
    with pytest.raises(Refused, match="key_file_invalid"):
        read_member(GIVEN, folder)


def test_nothing_secret_is_in_a_repr(ends: Ends) -> None:
    key = ends.network.own.key.private_numbers()
    for thing in (ends.member, ends.network, ends.network.own):
        assert "PRIVATE" not in repr(thing)
        assert str(key.d) not in repr(thing)
        assert "RSAPrivateKey" not in repr(thing)


def test_a_number_goes_there_and_back() -> None:
    for number in (
        "pay_01hf0000000000000000000000",
        "rfd_01hf0000000000000000000000",
        "pay_12345x9",
    ):
        assert number_of(order_id(number)) == number
        assert 8 <= len(order_id(number)) <= 40
        assert order_id(number).isalnum()
    for other in ("pay_1", "ord_01hf00000", "pay-01hf0000", "pay_" + "1" * 38):
        with pytest.raises(ValueError, match="a number is"):
            order_id(other)
    with pytest.raises(Refused, match=r"message_malformed \(x\)"):
        moment_of("2026112312000", "x")


def test_an_answer_is_divided_outside_of_brackets() -> None:
    fields = {"a": "{x=1&y=2}", "b": "成功[0000000]", "c": "MII=+/", "d": "[1&2]"}
    assert read_answer(write_answer(fields)) == fields
    pem = {"signPubKeyCert": "-----BEGIN-----\r\nMI+/==\r\n-----END-----", "z": "1"}
    assert read_answer(write_answer(pem) + b"\r\n") == pem
    for wrong in (b"", b"a", b"a=1&a=2", b"a=1&&b=2", b"=1", b"\xff=1", b"a b=1"):
        with pytest.raises(Refused, match="message_malformed"):
            read_answer(wrong)
    assert read_answer(b"a={1&b=2") == {"a": "{1", "b": "2"}
