"""What WeChat Pay encrypts: AEAD_AES_256_GCM with the APIv3 key, and RSA-OAEP (SHA-1). Pure.

Source: 微信支付 APIv3 证书和回调报文解密, 敏感信息加解密.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

from anfu.kernel.errors import Refused

ALGORITHM = "AEAD_AES_256_GCM"
_NONCE_BYTES = 12


def open_sealed(key: bytes, sealed: object) -> bytes:
    """The text in an object with algorithm, nonce, associated_data and ciphertext.

    Raises Refused("message_malformed") for another form, ("message_forged") for another key.
    """
    if not isinstance(sealed, Mapping) or sealed.get("algorithm") != ALGORITHM:
        raise Refused("message_malformed", field="algorithm")
    nonce, ciphertext = sealed.get("nonce"), sealed.get("ciphertext")
    more = sealed.get("associated_data") or ""
    if not (isinstance(nonce, str) and isinstance(ciphertext, str) and isinstance(more, str)):
        raise Refused("message_malformed", field="resource")
    return decrypt(key, nonce=nonce, more=more, ciphertext=ciphertext)


def decrypt(key: bytes, *, nonce: str, more: str, ciphertext: str) -> bytes:
    """`ciphertext` is base64 with the tag of 16 bytes behind. Raises Refused as `open_sealed`."""
    try:
        content = base64.b64decode(ciphertext, validate=True)
        return AESGCM(key).decrypt(nonce.encode(), content, more.encode())
    except InvalidTag:
        raise Refused("message_forged", field="ciphertext") from None
    except (binascii.Error, ValueError):
        raise Refused("message_malformed", field="ciphertext") from None


def seal(key: bytes, content: bytes, *, nonce: str, more: str) -> dict[str, str]:
    """The network's end of `open_sealed`; `nonce` has 12 characters."""
    assert len(nonce) == _NONCE_BYTES
    ciphertext = AESGCM(key).encrypt(nonce.encode(), content, more.encode())
    return {
        "algorithm": ALGORITHM,
        "nonce": nonce,
        "associated_data": more,
        "ciphertext": base64.b64encode(ciphertext).decode(),
    }


def encrypt_for(key: RSAPublicKey, text: str) -> str:
    """A name or a card number for the network's eyes alone."""
    # SHA-1 is what the network's protocol says; OAEP does not rest on its collision resistance.
    padding = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303
    return base64.b64encode(key.encrypt(text.encode(), padding)).decode()


def read_object(content: bytes) -> Mapping[str, Any]:
    """JSON that is an object. Raises Refused("message_malformed")."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("message_malformed", field="body") from None
    if not isinstance(value, dict):
        raise Refused("message_malformed", field="body")
    return value
