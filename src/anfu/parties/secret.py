"""Secrets we hand out: shown once, kept only as a hash or under seal."""

from __future__ import annotations

import base64
import hashlib

from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy

# 256 bits in RFC 4648 base 32 without padding, in lower case: one word to a double click.
LENGTH = 52
FORM = r"[a-z2-7]{52}"
_LONGEST_OVERLAP_S = 30 * 86_400


def new_secret(prefix: str, *, entropy: Entropy) -> str:
    """`<prefix>_` and 256 random bits."""
    return f"{prefix}_{base64.b32encode(entropy.bytes(32))[:LENGTH].decode().lower()}"


def secret_hash(secret: str) -> bytes:
    """SHA-256. Not slow and not salted: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()


def check_overlap(overlap_s: int) -> None:
    """How long an old secret may go on beside the new one: 0 to 30 days. Raises Refused
    `overlap_invalid`."""
    if not 0 <= overlap_s <= _LONGEST_OVERLAP_S:
        raise Refused("overlap_invalid", field="overlap_s", longest_s=_LONGEST_OVERLAP_S)
