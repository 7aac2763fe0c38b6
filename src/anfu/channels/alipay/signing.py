"""RSA2: SHA256 with RSA (PKCS#1 v1.5) over sorted `k=v` pairs, in base64. Pure.

What is signed differs by direction, the best known trap of this protocol: a request is signed
with `sign_type` among its values, a notice without it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from anfu.kernel.errors import Refused
from anfu.kernel.periods import SHANGHAI

_TIME = "%Y-%m-%d %H:%M:%S"


def request_text(values: Mapping[str, str]) -> str:
    """What of a request is signed: every value that is not empty, but the signature."""
    return _joined({name: value for name, value in values.items() if name != "sign" and value})


def notice_texts(values: Mapping[str, str]) -> tuple[str, ...]:
    """What of a notice may have been signed: neither `sign` nor `sign_type`, and empty values
    either kept or dropped, for Alipay's own kits disagree about them."""
    kept = {name: value for name, value in values.items() if name not in ("sign", "sign_type")}
    full = {name: value for name, value in kept.items() if value}
    return tuple(dict.fromkeys((_joined(kept), _joined(full))))


def sign(text: bytes, key: RSAPrivateKey) -> str:
    """The signature of `text`, in base64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def is_signed(text: bytes, signature: str, keys: Iterable[RSAPublicKey]) -> bool:
    """Whether `signature` over `text` was made by the holder of one of `keys`."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_fits(text, raw, key) for key in keys)


def write_time(moment: datetime) -> str:
    """`moment` as Alipay writes time: Beijing's, whatever the machine's zone is."""
    return moment.astimezone(SHANGHAI).strftime(_TIME)


def read_time(text: str, field: str) -> datetime:
    """The moment of `2026-11-23 12:00:00`, fractions of a second cut off. Raises
    Refused(message_malformed)."""
    try:
        if len(text) < 19 or text[10] != " ":
            raise ValueError("no time")
        return datetime.fromisoformat(text[:19]).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Refused("message_malformed", field=field) from None


def _joined(values: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(values.items()))


def _fits(text: bytes, signature: bytes, key: RSAPublicKey) -> bool:
    try:
        key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
