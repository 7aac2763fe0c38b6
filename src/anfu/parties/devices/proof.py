"""The proof that a profile was signed by a key: ECDSA over P-256 with SHA-256 (FIPS 186-5).

The key is the uncompressed point of SEC 1 section 2.3.3 (65 bytes), the signature r and s of 32
bytes each, as WebCrypto gives both (W3C Web Cryptography Level 2, section 23).
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

POINT_BYTES, SIGNATURE_BYTES = 65, 64


def thumbprint_of(point: bytes) -> str:
    """SHA-256 of the point, in hex."""
    return hashlib.sha256(point).hexdigest()


def is_signed(payload: bytes, signature: bytes, point: bytes) -> bool:
    """Whether the holder of the key signed the payload; False for a point off the curve."""
    if len(signature) != SIGNATURE_BYTES or len(point) != POINT_BYTES:
        return False
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        key.verify(encode_dss_signature(r, s), payload, ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def read_base64url(text: str) -> bytes | None:
    """The bytes of base64url without padding (RFC 4648 section 5); None for what is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def base64url(value: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
