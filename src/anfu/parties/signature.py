"""The signature of a request: `Anfu-Signature: t=<unix seconds>,v1=<64 hex>[,v1=<64 hex>…]`.

v1 is HMAC-SHA256 (RFC 2104) by the signing key of an API key over the signed text, in lower case:

    anfu-request-v1 <t> <m> <p> <i> <b>.<METHOD><path?query><idempotency key><body>

m, p, i and b are the lengths in bytes, in decimal, of the four parts that follow the first dot;
i is `-` when no idempotency key is sent. The head has no dot and a fixed number of words, and the
lengths cut the rest in one way only, so two different requests never give the same text.
Method and path with query are the bytes sent on the wire; text is UTF-8.

Inside its window of 300 s a captured request can be sent again: the idempotency key, which is
signed, makes the second sending an answer and not a payment.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anfu.kernel.errors import Refused

HEADER = "Anfu-Signature"
WINDOW_S = 300
_INFO = b"anfu request signing v1"
_FORM = re.compile(r"t=([1-9][0-9]{0,11})((?:,v1=[0-9a-f]{64}){1,4})")
_STRIDE = len(",v1=") + 64


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The parts of a request that are signed. `target` is the path with `?query` if there is one;
    `idempotency_key` is None when the header is not sent."""

    method: str
    target: str
    idempotency_key: str | None
    body: bytes


def signing_key(secret: str) -> bytes:
    """The 32 bytes that sign, from the secret of an API key: HKDF-SHA256 (RFC 5869) without
    salt, info `anfu request signing v1`. The secret cannot be found from them."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(secret.encode())


def signed_text(request: SignedRequest, seconds: int) -> bytes:
    """The bytes v1 is made over."""
    method = request.method.encode("utf-8", "surrogatepass")
    target = request.target.encode("utf-8", "surrogatepass")
    key = (request.idempotency_key or "").encode("utf-8", "surrogatepass")
    length = "-" if request.idempotency_key is None else len(key)
    head = f"anfu-request-v1 {seconds} {len(method)} {len(target)} {length} {len(request.body)}."
    return b"".join((head.encode(), method, target, key, request.body))


def sign_request(key: bytes, *, request: SignedRequest, now: datetime) -> str:
    """The value of the header, for a client; `key` is what `signing_key` returns."""
    seconds = int(now.timestamp())
    return f"t={seconds},v1={hmac.digest(key, signed_text(request, seconds), 'sha256').hex()}"


def check_time(seconds: int, *, now: datetime) -> None:
    """Raises Refused `signature_expired` when `seconds` is over 300 s before or after `now`."""
    present = now.timestamp()
    if not -WINDOW_S <= present - seconds <= WINDOW_S:
        raise Refused(
            "signature_expired", field=HEADER, window_s=WINDOW_S, server_time=int(present)
        )


def verify_request(header: str, *, key: bytes, request: SignedRequest, now: datetime) -> None:
    """Raises Refused, in this order:

    1. `signature_malformed`: not the form above, down to the case of the hex digits;
    2. `signature_expired`: `t` is more than 300 s before or after `now`;
    3. `signature_invalid`: none of the v1 (four at most) is right; all are compared, each in
       constant time.
    """
    form = _FORM.fullmatch(header)  # 1
    if form is None:
        raise Refused("signature_malformed", field=HEADER)
    seconds = int(form[1])
    check_time(seconds, now=now)  # 2
    right = hmac.digest(key, signed_text(request, seconds), "sha256").hex()  # 3
    given = form[2]
    matches = 0
    for start in range(4, len(given), _STRIDE):
        matches += hmac.compare_digest(given[start : start + 64], right)
    if matches == 0:
        raise Refused("signature_invalid", field=HEADER)
