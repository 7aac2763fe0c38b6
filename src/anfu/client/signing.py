"""Signatures as a caller makes and checks them; the server's are `anfu.parties.signature`,
`anfu.parties.nonce` and `anfu.channels.webhooks`, and a test holds both together."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

_INFO = b"anfu request signing v1"
_T = re.compile(r"[0-9]{1,11}")
_V1 = re.compile(r"[0-9a-f]{64}")
_MOST = 8


class WebhookInvalid(Exception):  # noqa: N818 - it says what the webhook is
    """What was posted is not ours, or not of now: do not act on it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is signed; `target` is the path with its query, `idempotency_key` None for a read."""

    method: str
    target: str
    idempotency_key: str | None
    body: bytes


def signing_key(secret: str) -> bytes:
    """The key that signs, from an API key's secret: HKDF-SHA256 (RFC 5869) without salt, one
    block."""
    inner = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(inner, _INFO + b"\x01", "sha256")


def sign(
    key: bytes, *, method: str, target: str, idempotency_key: str, body: bytes, seconds: int
) -> str:
    """The value of `Anfu-Signature`; `target` is the path with its query, `seconds` since 1970."""
    sizes = f"{len(method)} {len(target)} {len(idempotency_key)} {len(body)}"
    head = f"anfu-request-v1 {seconds} {sizes}.{method}{target}{idempotency_key}"
    return f"t={seconds},v1={hmac.digest(key, head.encode('ascii') + body, 'sha256').hex()}"


def sign_once(mac: Callable[[bytes], bytes], request: Request, *, seconds: int, nonce: str) -> str:
    """The value of `Anfu-Signature` for a request that is good once. `mac` makes HMAC-SHA256 (32
    bytes) or Ed25519 (64); `nonce` is 16 to 64 letters, digits, - or _, and never used again."""
    key = request.idempotency_key
    sizes = f"{len(request.method)} {len(request.target)} {'-' if key is None else len(key)}"
    digest = hashlib.sha256(request.body).hexdigest()
    head = f"anfu-request-v2 {seconds} {nonce} {sizes} {digest}."
    text = f"{head}{request.method}{request.target}{key or ''}".encode("ascii")
    return f"t={seconds},n={nonce},v2={mac(text).hex()}"


def verify_webhook(
    secret: bytes, header: str, body: bytes, *, seconds: float, tolerance_s: int = 300
) -> None:
    """Returns only when `header` (`Anfu-Signature`) is our signature of these very bytes, made
    within `tolerance_s` of `seconds` (the present, since 1970).

    1. one well-formed t and one to eight well-formed v1; 2. one v1 is right, each compared in
    constant time; 3. t is of now. Raises WebhookInvalid.
    """
    parts = [part.strip().partition("=") for part in header.split(",", 32)]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or _T.fullmatch(times[0]) is None:  # 1
        raise WebhookInvalid("the signature names no time")
    if not 0 < len(given) <= _MOST or any(_V1.fullmatch(value) is None for value in given):
        raise WebhookInvalid("the signature is malformed")
    right = hmac.new(secret, times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not sum([hmac.compare_digest(value, right) for value in given]):  # 2
        raise WebhookInvalid("the signature is not of this body")
    if abs(seconds - int(times[0])) > tolerance_s:  # 3
        raise WebhookInvalid("the signature is too old, or of the future")
