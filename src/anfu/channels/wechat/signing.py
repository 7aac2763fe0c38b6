"""Signatures of API v3: SHA-256 with RSA, PKCS#1 v1.5, base64. Pure.

What is signed, each line ended by a line feed, the last too:

- a request: method, path with query, seconds, nonce, body as sent;
- an answer or a notice: seconds, nonce, body as received;
- what a payer's device calls: app id, seconds, nonce, and `prepay_id=…` (in an app the bare id).

`verify` checks, in this order:

1. every header is there and well formed; the network probes us with signatures that begin with
   WECHATPAY/SIGNTEST/, which are no base64 and end here;
2. its time is less than WINDOW_S from ours;
3. its serial names a key of the network that we hold;
4. the signature.

Source: 微信支付 APIv3 签名 and 验签, wechatpay-go (wechat_pay_validator.go).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from anfu.kernel.errors import Refused

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW_S = 300
SERIAL = "wechatpay-serial"
_TIME = "wechatpay-timestamp"
_NONCE = "wechatpay-nonce"
_SIGNATURE = "wechatpay-signature"
_TYPE = "wechatpay-signature-type"
_FORMS = {
    _TIME: re.compile(r"[0-9]{1,11}"),
    _NONCE: re.compile(r"[!-~]{1,128}"),
    SERIAL: re.compile(r"[A-Za-z0-9_]{1,128}"),
    _SIGNATURE: re.compile(r"[A-Za-z0-9+/]{128,1024}={0,2}"),
}


def sign(key: RSAPrivateKey, *lines: str | bytes) -> str:
    """The signature of the lines."""
    return sign_text(key, _text(lines))


def sign_text(key: RSAPrivateKey, text: bytes) -> str:
    """The signature of the text as it stands."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def authorization(
    key: RSAPrivateKey, merchant: str, serial: str, place: tuple[str, str], body: bytes, **at: str
) -> str:
    """The Authorization header of a request. `place` is method and path with query, `serial` that
    of our certificate; `at` has `timestamp` (seconds) and `nonce`."""
    signature = sign(key, *place, at["timestamp"], at["nonce"], body)
    values = {
        "mchid": merchant,
        "nonce_str": at["nonce"],
        "timestamp": at["timestamp"],
        "serial_no": serial,
        "signature": signature,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in values.items())


def signed_headers(
    key: RSAPrivateKey, serial: str, body: bytes, *, timestamp: str, nonce: str
) -> dict[str, str]:
    """The headers the network puts on an answer or a notice."""
    return {
        _TIME: timestamp,
        _NONCE: nonce,
        SERIAL: serial,
        _SIGNATURE: sign(key, timestamp, nonce, body),
        _TYPE: SCHEME,
    }


def verify(
    keys: Mapping[str, RSAPublicKey], headers: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Check what the network has signed; header names in lower case.

    Raises Refused with `message_malformed`, `message_stale` or `message_forged`.
    """
    for name, form in _FORMS.items():  # 1
        if form.fullmatch(headers.get(name, "")) is None:
            raise Refused("message_malformed", field=name)
    if headers.get(_TYPE, SCHEME) != SCHEME:
        raise Refused("message_malformed", field=_TYPE)
    if abs(now.timestamp() - int(headers[_TIME])) >= WINDOW_S:  # 2
        raise Refused("message_stale", field=_TIME)
    key = keys.get(headers[SERIAL])
    if key is None:  # 3
        raise Refused("message_forged", field=SERIAL)
    if not verifies(key, headers[_SIGNATURE], headers[_TIME], headers[_NONCE], body):  # 4
        raise Refused("message_forged", field=_SIGNATURE)


def verifies(key: RSAPublicKey, signature: str, *lines: str | bytes) -> bool:
    """Whether `signature` is the key's of the lines."""
    try:
        key.verify(base64.b64decode(signature, validate=True), _text(lines), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def time_of(headers: Mapping[str, str]) -> datetime:
    """The time in headers that `verify` has passed."""
    return datetime.fromtimestamp(int(headers[_TIME]), UTC)


def _text(lines: tuple[str | bytes, ...]) -> bytes:
    parts = [line.encode() if isinstance(line, str) else line for line in lines]
    return b"".join(part + b"\n" for part in parts)
