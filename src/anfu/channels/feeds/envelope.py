"""The signed form of a feed: three lines and then CSV, in UTF-8.

    anfu-feed-v1
    <Ed25519 signature (RFC 8032) in base64, over the first line and everything after this one>
    {"issued_at":"2026-11-28T04:00:00Z","list":"stolen_cards","rows":2,"serial":17}
    value,expires_at,reason
    ...

The `serial` grows with every issue: an old one shown again is told from a new one.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import aware
from anfu.kernel.errors import Refused

TITLE = b"anfu-feed-v1\n"
# How far the publisher's clock may be before ours.
_AHEAD = timedelta(minutes=5)
_FIELDS = {"issued_at", "list", "rows", "serial"}


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a feed; `csv` with its heading, `rows` without it."""

    list: str
    serial: int
    issued_at: datetime
    rows: int
    csv: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What an issue must be: of `list`, signed by `key` (32 bytes in hex), not older than `fresh_s`
    and not below `serial`, the last one taken."""

    list: str
    key: str
    fresh_s: int
    serial: int | None = None


def seal_issue(issue: Issue, key: Ed25519PrivateKey) -> bytes:
    """The issue as its publisher sends it."""
    head = {
        "issued_at": aware(issue.issued_at).isoformat().replace("+00:00", "Z"),
        "list": issue.list,
        "rows": issue.rows,
        "serial": issue.serial,
    }
    rest = canonical_bytes(head) + b"\n" + issue.csv.encode()
    return TITLE + base64.b64encode(key.sign(TITLE + rest)) + b"\n" + rest


def open_issue(body: bytes, expected: Expected, *, now: datetime) -> Issue:
    """The issue in `body`. Nothing is looked at before the signature has passed:

    1. three lines and a signature of 64 bytes
    2. signed by the publisher's key
    3. a head of exactly the four fields, and CSV in UTF-8
    4. of this list
    5. issued within `fresh_s`, and not more than five minutes from now
    6. not older than the one taken last
    Raises Refused: feed_malformed (1, 3), feed_signature_wrong (2), feed_misplaced (4), feed_stale
    (5), feed_replayed (6).
    """
    title, mark, rest = _lines(body)  # 1
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(expected.key))
        key.verify(mark, title + rest)  # 2
    except InvalidSignature:
        raise Refused("feed_signature_wrong", field="feed") from None
    issue = _read(rest)  # 3
    if issue.list != expected.list:  # 4
        raise Refused("feed_misplaced", field="feed")
    age = now - issue.issued_at
    if not -_AHEAD <= age <= timedelta(seconds=expected.fresh_s):  # 5
        raise Refused("feed_stale", field="feed")
    if expected.serial is not None and issue.serial < expected.serial:  # 6
        raise Refused("feed_replayed", field="feed")
    return issue


def _lines(body: bytes) -> tuple[bytes, bytes, bytes]:
    first, _, more = body.partition(b"\n")
    second, _, rest = more.partition(b"\n")
    try:
        mark = base64.b64decode(second, validate=True)
    except binascii.Error:
        mark = b""
    if first + b"\n" != TITLE or len(mark) != 64:
        raise Refused("feed_malformed", field="feed")
    return TITLE, mark, rest


def _read(rest: bytes) -> Issue:
    head, _, csv = rest.partition(b"\n")
    try:
        values = json.loads(head)
        if type(values) is not dict or set(values) != _FIELDS:
            raise ValueError("other fields")
        if canonical_bytes(values) != head:
            raise ValueError("not in canonical form")
        whole = [values["rows"], values["serial"]]
        if not all(type(n) is int and n >= 0 for n in whole) or type(values["list"]) is not str:
            raise ValueError("not of these types")
        at = aware(datetime.fromisoformat(values["issued_at"]))
        return Issue(values["list"], values["serial"], at, values["rows"], csv.decode())
    except (ValueError, TypeError, RecursionError):
        raise Refused("feed_malformed", field="feed") from None
