"""One-time codes: six uniform digits, and the keyed hash that stands for them."""

from __future__ import annotations

import hmac
from hashlib import sha256

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.ids import Entropy

_CODES = 1_000_000
# The largest multiple of a million in three bytes: what lies above is drawn again, because the
# remainder would come out small too often.
_FAIR = (1 << 24) // _CODES * _CODES
_KEY_BYTES = 32


def new_code(entropy: Entropy) -> str:
    """Six digits, each code as likely as any other."""
    while True:
        number = int.from_bytes(entropy.bytes(3), "big")
        if number < _FAIR:
            return f"{number % _CODES:06d}"


def code_hash(key: bytes, challenge: str, code: str) -> bytes:
    """HMAC-SHA256 of `code` for the challenge of that id. Raises ValueError for a short key: a
    million codes are soon tried by who has the hash and can guess the key."""
    if len(key) < _KEY_BYTES:
        raise ValueError(f"the key of codes has at least {_KEY_BYTES} bytes")
    return hmac.digest(key, canonical_bytes({"v": 1, "challenge": challenge, "code": code}), sha256)


def veil(key: bytes, content: bytes) -> bytes:
    """HMAC-SHA256 of a digest of what held a password or a code: of six digits, the digest alone
    would soon give them away to whoever reads the table it is remembered in."""
    return hmac.digest(key, canonical_bytes({"v": 1, "veiled": content.hex()}), sha256)
