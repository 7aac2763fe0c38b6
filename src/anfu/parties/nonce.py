"""The signature of a request that is good once.

`Anfu-Signature: t=<unix seconds>,n=<nonce>,v2=<hex>`. v2 is, over the signed text,
HMAC-SHA256 (RFC 2104; 64 hex digits) by the signing key of an API key, or Ed25519 (RFC 8032; 128
hex digits) by the private key whose public half was given to us:

    anfu-request-v2 <t> <nonce> <m> <p> <i> <sha256 of the body, hex>.
    <METHOD><path?query><idempotency key>

without the line break. m, p and i are the lengths in bytes, in decimal, of the three parts after
the dot; i is `-` when no idempotency key is sent. The nonce is 16 to 64 letters, digits, `-` or
`_`, and no other request of the key bears it: who sends a wish again signs it again, under the same
idempotency key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anfu.kernel.errors import Refused
from anfu.parties.signature import HEADER, SignedRequest, check_time

_FORM = re.compile(r"t=([1-9][0-9]{0,11}),n=([A-Za-z0-9_-]{16,64}),v2=([0-9a-f]{64}|[0-9a-f]{128})")
_HMAC_DIGITS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Proofs:
    """What a key proves itself by: one of the two is there, or neither when there is no key."""

    signing_key: bytes | None = None
    public_key: bytes | None = None


def nonced_text(request: SignedRequest, seconds: int, nonce: str) -> bytes:
    """The bytes v2 is made over."""
    method = request.method.encode("utf-8", "surrogatepass")
    target = request.target.encode("utf-8", "surrogatepass")
    key = (request.idempotency_key or "").encode("utf-8", "surrogatepass")
    length = "-" if request.idempotency_key is None else len(key)
    body = hashlib.sha256(request.body).hexdigest()
    head = f"anfu-request-v2 {seconds} {nonce} {len(method)} {len(target)} {length} {body}."
    return b"".join((head.encode(), method, target, key))


def sign_nonced(
    key: bytes | Ed25519PrivateKey, *, request: SignedRequest, nonce: str, now: datetime
) -> str:
    """The value of the header, for a client; `key` is what `signing_key` returns, or a private
    key."""
    seconds = int(now.timestamp())
    text = nonced_text(request, seconds, nonce)
    made = hmac.digest(key, text, "sha256") if isinstance(key, bytes) else key.sign(text)
    return f"t={seconds},n={nonce},v2={made.hex()}"


def is_nonced(header: str) -> bool:
    """Whether a signature says it is of this kind."""
    return ",v2=" in header


def verify_nonced(header: str, *, proofs: Proofs, request: SignedRequest, now: datetime) -> str:
    """The nonce, which the caller of this spends. Raises Refused, in this order:
    1. `signature_malformed`; 2. `signature_expired`; 3. `signature_invalid`, for another way of
    signing than the key's as well."""
    form = _FORM.fullmatch(header)  # 1
    if form is None:
        raise Refused("signature_malformed", field=HEADER)
    seconds, nonce, given = int(form[1]), form[2], bytes.fromhex(form[3])
    check_time(seconds, now=now)  # 2
    text = nonced_text(request, seconds, nonce)
    by_secret = len(form[3]) == _HMAC_DIGITS
    right = _by_secret(proofs, text, given) if by_secret else _by_public(proofs, text, given)  # 3
    if not right:
        raise Refused("signature_invalid", field=HEADER)
    return nonce


def _by_secret(proofs: Proofs, text: bytes, given: bytes) -> bool:
    key = bytes(32) if proofs.signing_key is None else proofs.signing_key
    same = hmac.compare_digest(hmac.digest(key, text, "sha256"), given)
    return same and proofs.signing_key is not None


def _by_public(proofs: Proofs, text: bytes, given: bytes) -> bool:
    """Where there is no such key the work is done with another one, whose private half is known to
    everybody: it proves nothing."""
    public = _DECOY if proofs.public_key is None else proofs.public_key
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(given, text)
    except InvalidSignature:
        return False
    return proofs.public_key is not None


_DECOY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
