"""Device keys: an ECDSA key on P-256 that never leaves the device signs what it confirms."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from anfu.kernel.errors import Refused

_HALF = 32


def read_device_key(der: bytes) -> EllipticCurvePublicKey:
    """The public key in a SubjectPublicKeyInfo, as WebCrypto exports it.
    Raises Refused(device_key_invalid) for anything but a key on P-256."""
    try:
        key = load_der_public_key(der)
    except (ValueError, TypeError):
        raise Refused("device_key_invalid", field="public_key") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise Refused("device_key_invalid", field="public_key")
    return key


def signed_by(der: bytes, signature: bytes, content: bytes) -> bool:
    """Whether `signature` (r and s, 32 bytes each: WebCrypto, IEEE P1363) is that key's over
    `content`."""
    if len(signature) != 2 * _HALF:
        return False
    halves = (int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big"))
    try:
        read_device_key(der).verify(encode_dss_signature(*halves), content, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
