"""Verify: is an answer that of an enrolled factor?"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from anfu.authentication.enrolled.enrolled import Enrolled
from anfu.authentication.face import Seen
from anfu.authentication.otp import find_count, find_step, seed_of
from anfu.authentication.passkey import Passkey, RelyingParty, new_count
from anfu.authentication.password import password_fits
from anfu.authentication.signature import signed_by


@dataclass(frozen=True, slots=True)
class Means:
    """The secret of codes and seeds, and who asks for passkeys."""

    key: bytes = field(repr=False)
    party: RelyingParty


def verify(
    factor: Enrolled, content: str | Seen, *, signed: bytes, means: Means, now: datetime
) -> int | None:
    """The counter of `factor` after a right answer, or None for a wrong one.

    `content`: a code, a password, a signature in base64url, an assertion as JSON, or what was seen
    of a face. `signed`: the 32 bytes that a key has to have signed, or a face be shown for.
    """
    if isinstance(content, Seen):
        shown = factor.kind == "face" and content.shows(factor.verifier.decode(), signed)
        return factor.counter if shown else None
    return _counter(factor, content, signed, means, now)


def _counter(
    factor: Enrolled, content: str, signed: bytes, means: Means, now: datetime
) -> int | None:
    match factor.kind:
        case "totp":
            seed = seed_of(means.key, factor.id)
            return find_step(seed, content, last=factor.counter, now=now)
        case "hotp":
            return find_count(seed_of(means.key, factor.id), content, last=factor.counter)
        case "password":
            return factor.counter if password_fits(factor.verifier, content) else None
        case "device_key":
            right = signed_by(factor.verifier, unpadded(content), signed)
            return factor.counter if right else None
        case "passkey":
            passkey = Passkey(factor.handle or "", factor.verifier, max(factor.counter, 0))
            return new_count(means.party, passkey, content, challenge=signed)
    return None


def unpadded(text: str) -> bytes:
    """Bytes out of base64url without padding; none for what is no such text."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""
