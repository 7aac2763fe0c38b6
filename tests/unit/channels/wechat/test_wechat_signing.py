"""Signatures and seals of WeChat Pay: official vectors, and each way a message is not believed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from tests.unit.channels.wechat import official

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.wechat.sealing import decrypt, open_sealed, seal
from anfu.channels.wechat.signing import (
    authorization,
    sign,
    sign_text,
    signed_headers,
    time_of,
    verifies,
    verify,
)
from anfu.kernel.errors import Refused

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
AT = {"timestamp": str(int(NOW.timestamp())), "nonce": "593BEC0C930BF1AFEB40B4A08C8FB242"}
BODY = '{"code":"SUCCESS","text":"成功"}'.encode()
SERIAL = "PUB_KEY_ID_0119000001092026112800000000000001"
# Made by another implementation, pycryptodome.
CIPHERTEXT_32 = "SMFxKLqfJ6gfj92omU9hB51lbHrqTm3eAvpIBg=="


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> RSAPrivateKey:
    folder = tmp_path_factory.mktemp("keys")
    path: Path = folder / "official"
    path.touch(0o600)
    path.write_text(official.KEY)
    return KeyFiles(folder).private("official")


def refusal(key: RSAPrivateKey, headers: dict[str, str], body: bytes = BODY) -> str:
    with pytest.raises(Refused) as refused:
        verify({SERIAL: key.public_key()}, headers, body, now=NOW)
    return str(refused.value)


def test_the_official_rsa_vector(key: RSAPrivateKey) -> None:
    assert sign_text(key, official.SIGNED) == official.SIGNATURE


def test_a_request_is_signed_in_five_lines_each_with_its_end(key: RSAPrivateKey) -> None:
    place = ("POST", "/v3/pay/transactions/native?x=1")
    header = authorization(key, "1900000109", "4A", place, BODY, **AT)
    text = b"POST\n/v3/pay/transactions/native?x=1\n1795665600\n" + AT["nonce"].encode() + b"\n"
    expected = sign_text(key, text + BODY + b"\n")
    assert header == (
        'WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",'
        f'timestamp="1795665600",serial_no="4A",signature="{expected}"'
    )


def test_what_the_network_signs_is_believed(key: RSAPrivateKey) -> None:
    headers = signed_headers(key, SERIAL, BODY, **AT)
    verify({SERIAL: key.public_key()}, headers, BODY, now=NOW)
    assert time_of(headers) == NOW
    empty = signed_headers(key, SERIAL, b"", **AT)
    verify({SERIAL: key.public_key()}, empty, b"", now=NOW)


def test_the_signtest_probe_is_refused(key: RSAPrivateKey) -> None:
    headers = signed_headers(key, SERIAL, BODY, **AT)
    probe = "WECHATPAY/SIGNTEST/" + headers["wechatpay-signature"]
    refused = refusal(key, {**headers, "wechatpay-signature": probe[:344]})
    assert refused == "message_forged (wechatpay-signature)"
    assert refusal(key, {**headers, "wechatpay-signature": "WECHATPAY/SIGNTEST/x"}) == (
        "message_malformed (wechatpay-signature)"
    )


def test_a_message_is_stale_from_exactly_five_minutes_on(key: RSAPrivateKey) -> None:
    keys = {SERIAL: key.public_key()}
    for seconds in (-299, 299):
        at = {**AT, "timestamp": str(int(NOW.timestamp()) + seconds)}
        verify(keys, signed_headers(key, SERIAL, BODY, **at), BODY, now=NOW)
    for seconds in (-300, 300):
        at = {**AT, "timestamp": str(int(NOW.timestamp()) + seconds)}
        headers = signed_headers(key, SERIAL, BODY, **at)
        assert refusal(key, headers) == "message_stale (wechatpay-timestamp)"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"wechatpay-serial": "PUB_KEY_ID_0"}, "message_forged (wechatpay-serial)"),
        ({"wechatpay-serial": "4A17C0FFEE"}, "message_forged (wechatpay-serial)"),
        ({"wechatpay-serial": ""}, "message_malformed (wechatpay-serial)"),
        ({"wechatpay-nonce": "other"}, "message_forged (wechatpay-signature)"),
        ({"wechatpay-nonce": "a\nb"}, "message_malformed (wechatpay-nonce)"),
        ({"wechatpay-timestamp": "1795665601"}, "message_forged (wechatpay-signature)"),
        ({"wechatpay-timestamp": "today"}, "message_malformed (wechatpay-timestamp)"),
        (
            {"wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3"},
            "message_malformed (wechatpay-signature-type)",
        ),
    ],
)
def test_a_changed_header_is_refused(
    key: RSAPrivateKey, change: dict[str, str], refused: str
) -> None:
    assert refusal(key, {**signed_headers(key, SERIAL, BODY, **AT), **change}) == refused


def test_a_changed_body_is_refused(key: RSAPrivateKey) -> None:
    headers = signed_headers(key, SERIAL, BODY, **AT)
    assert refusal(key, headers, BODY + b" ") == "message_forged (wechatpay-signature)"
    assert refusal(key, {}) == "message_malformed (wechatpay-timestamp)"
    assert not verifies(key.public_key(), "not base64!", "x")
    assert verifies(key.public_key(), sign(key, "x"), "x")


def test_the_official_vector_of_16_bytes_and_our_own_of_32() -> None:
    assert decrypt(official.SEALED_KEY, **official.SEALED) == official.OPENED
    key = b"0123456789abcdef0123456789ABCDEF"
    sealed = seal(key, "Hello 安付".encode(), nonce="wCq51qZv4Yfg", more="transaction")
    assert sealed == {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "wCq51qZv4Yfg",
        "associated_data": "transaction",
        "ciphertext": CIPHERTEXT_32,
    }
    assert open_sealed(key, sealed) == "Hello 安付".encode()


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"algorithm": "AEAD_SM4_GCM"}, "message_malformed (algorithm)"),
        ({"associated_data": "refund"}, "message_forged (ciphertext)"),
        ({"nonce": "wCq51qZv4Yfh"}, "message_forged (ciphertext)"),
        ({"nonce": 1}, "message_malformed (resource)"),
        ({"nonce": ""}, "message_malformed (ciphertext)"),
        ({"ciphertext": "§"}, "message_malformed (ciphertext)"),
        ({"ciphertext": ""}, "message_forged (ciphertext)"),
    ],
)
def test_a_seal_that_is_not_the_networks_is_refused(
    change: dict[str, object], refused: str
) -> None:
    key = bytes(32)
    sealed = seal(key, b"{}", nonce="wCq51qZv4Yfg", more="transaction")
    with pytest.raises(Refused) as caught:
        open_sealed(key, {**sealed, **change})
    assert str(caught.value) == refused
    with pytest.raises(Refused, match="message_malformed"):
        open_sealed(key, "text")
