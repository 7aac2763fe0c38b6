"""What is signed in a UnionPay form (5.1.0, signMethod 01): build, sign, verify. Pure.

All fields that are not empty, except `signature`, sorted by name in ASCII order, `k=v` joined by
`&`, in UTF-8; the SHA-256 of that in lower-case hex; and over those 64 characters RSA, PKCS#1 v1.5,
with SHA-256; base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from anfu.channels.unionpay.certificates import Authorities, trusted_key
from anfu.kernel.errors import Refused

_SIGNATURE = "signature"


def signed_bytes(fields: Mapping[str, str]) -> bytes:
    """The 64 characters that are signed."""
    named = sorted((k, v) for k, v in fields.items() if v != "" and k != _SIGNATURE)
    text = "&".join(f"{name}={value}" for name, value in named)
    return hashlib.sha256(text.encode()).hexdigest().encode()


def sign(fields: Mapping[str, str], key: RSAPrivateKey) -> dict[str, str]:
    """The fields that are not empty, and their signature."""
    signature = key.sign(signed_bytes(fields), PKCS1v15(), SHA256())
    kept = {name: value for name, value in fields.items() if value != ""}
    return {**kept, _SIGNATURE: base64.b64encode(signature).decode()}


def verify(fields: Mapping[str, str], authorities: Authorities, *, now: datetime) -> None:
    """Raises Refused("message_forged") unless the certificate in the fields may sign
    (`certificates`, 1 to 4) and has signed them (5), by the method that is expected (6)."""
    if fields.get("signMethod") != "01":  # 6
        raise Refused("message_forged", field="signMethod")
    key = trusted_key(fields.get("signPubKeyCert", ""), authorities, now=now)
    try:  # 5
        signature = base64.b64decode(fields.get(_SIGNATURE, ""), validate=True)
        key.verify(signature, signed_bytes(fields), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        raise Refused("message_forged", field=_SIGNATURE) from None
