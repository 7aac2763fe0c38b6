"""Signed messages between a member and the network: build, sign, verify. Pure.

Ed25519 (RFC 8032) over the canonical bytes of sender, receiver, method, path, time, nonce, the
SHA-256 of the body and, in an answer, the nonce of the request and the status. `verify` checks,
in this order:

1. every header is there and well formed;
2. the message is from the peer and meant for us: a message to another member is not replayed here;
3. it answers the request we sent, with the status we read: an old answer is not replayed;
4. the signature, over all of the above and the body;
5. its time is within WINDOW_S of ours.

A sixth, that the nonce was not seen before, needs memory and is the receiver's: requests and
notices must be checked for it, answers are bound by 3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy

NETWORK = "sandbox"
WINDOW_S = 300
_SENDER = "sandbox-sender"
_RECEIVER = "sandbox-receiver"
_TIME = "sandbox-timestamp"
_NONCE = "sandbox-nonce"
_SIGNATURE = "sandbox-signature"
_FORMS = {
    _SENDER: re.compile(r"[a-z0-9_]{1,40}"),
    _RECEIVER: re.compile(r"[a-z0-9_]{1,40}"),
    _TIME: re.compile(r"[0-9]{1,11}"),
    _NONCE: re.compile(r"[0-9a-f]{32}"),
    _SIGNATURE: re.compile(r"[A-Za-z0-9+/]{86}=="),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """One end of the line: our name and key, the peer's name and public key."""

    name: str
    key: Ed25519PrivateKey
    peer: str
    peer_key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Place:
    """What a message is about: `POST /v1/payments`; in an answer also what it answers."""

    method: str
    path: str
    answers: str = ""
    status: int = 0


def sign(
    identity: Identity, place: Place, body: bytes, *, now: datetime, entropy: Entropy
) -> dict[str, str]:
    """The headers that make `body` a message from `identity` to its peer."""
    headers = {
        _SENDER: identity.name,
        _RECEIVER: identity.peer,
        _TIME: str(int(now.timestamp())),
        _NONCE: entropy.bytes(16).hex(),
    }
    signature = identity.key.sign(_text(headers, place, body))
    return {**headers, _SIGNATURE: base64.b64encode(signature).decode()}


def verify(
    identity: Identity, place: Place, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> str:
    """The nonce of a message that passes the checks 1 to 5; header names are in lower case.

    Raises Refused with `message_malformed`, `message_misdirected`, `message_forged` or
    `message_stale`.
    """
    for name, form in _FORMS.items():  # 1
        if form.fullmatch(headers.get(name, "")) is None:
            raise Refused("message_malformed", field=name)
    if (headers[_SENDER], headers[_RECEIVER]) != (identity.peer, identity.name):  # 2
        raise Refused("message_misdirected", field=_RECEIVER)
    try:  # 3, 4
        signature = base64.b64decode(headers[_SIGNATURE], validate=True)
        identity.peer_key.verify(signature, _text(headers, place, body))
    except (InvalidSignature, binascii.Error):
        raise Refused("message_forged", field=_SIGNATURE) from None
    if abs(now.timestamp() - int(headers[_TIME])) > WINDOW_S:  # 5
        raise Refused("message_stale", field=_TIME)
    return headers[_NONCE]


def nonce_of(headers: Mapping[str, str]) -> str:
    """The nonce in headers made by `sign`."""
    return headers[_NONCE]


def time_of(headers: Mapping[str, str]) -> datetime:
    """The time in headers that `verify` has passed."""
    return datetime.fromtimestamp(int(headers[_TIME]), UTC)


def _text(headers: Mapping[str, str], place: Place, body: bytes) -> bytes:
    return canonical_bytes(
        {
            "v": 1,
            "sender": headers[_SENDER],
            "receiver": headers[_RECEIVER],
            "timestamp": headers[_TIME],
            "nonce": headers[_NONCE],
            "method": place.method,
            "path": place.path,
            "answers": place.answers,
            "status": place.status,
            "body_sha256": hashlib.sha256(body).hexdigest(),
        }
    )
