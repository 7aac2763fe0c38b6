"""A showing (出示付款码): for a quarter of an hour a customer's device shows one code after the
other, each good for a minute and for one payment (银发〔2017〕296号 art. 15).

A code is 20 digits, the institution's prefix and at least 16 uniform ones, and says nothing of its
customer (art. 18). Whoever holds it can take money, so only its keyed hash is kept.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy
from anfu.payments.meeting import NO_MEETING, Meeting

PREFIX = "shw"
CODE_LIFE = timedelta(seconds=60)
MOST = 60
"""Codes of a showing: four times what its page asks for."""
_DIGITS = 20
# The newest, and the one before: it is perhaps under the scanner while the screen changes.
_LIVE = 2
_PURPOSE = b"anfu payer code\n"


@dataclass(frozen=True, slots=True)
class Means:
    """What a customer pays with; a code shown is a dynamic one in law."""

    method: str
    card: str | None
    debit: str | None
    verified_by: str | None
    code: str = "dynamic"
    meeting: Meeting = NO_MEETING


@dataclass(frozen=True, slots=True)
class Showing:
    """`factors`: what the institution has verified of the customer; `session`: the device session
    of what shows the codes; codes up to number `spent` are over, `issued` is the newest."""

    id: str
    customer: str
    means: Means
    factors: tuple[str, ...]
    session: str | None
    opened_at: datetime
    ends_at: datetime
    issued: int = 0
    spent: int = 0

    def check_more(self, *, now: datetime) -> None:
        """Raises Refused: showing_over, showing_used_up."""
        if now >= self.ends_at:
            raise Refused("showing_over", field="showing")
        if self.issued >= MOST:
            raise Refused("showing_used_up", field="showing", most=MOST)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code that was scanned, as it is known here, with its showing as it stands."""

    digest: bytes
    number: int
    expires_at: datetime
    showing: Showing

    def check(self, *, now: datetime) -> None:
        """Raises Refused(payer_code_invalid), whatever the reason: whoever tries codes is not told
        which there have been."""
        newest = self.showing.issued
        live = self.showing.spent < self.number > newest - _LIVE
        if not live or now >= self.expires_at:
            raise Refused("payer_code_invalid", field="method.payer_code")


def new_code(prefix: str, entropy: Entropy) -> str:
    """Twenty digits, each code as likely as any other."""
    room = 10 ** (_DIGITS - len(prefix))
    fair = (1 << 64) // room * room
    while True:
        number = int.from_bytes(entropy.bytes(8), "big")
        if number < fair:
            return f"{prefix}{number % room:0{_DIGITS - len(prefix)}}"


def is_own(text: str, prefix: str) -> bool:
    """Whether what was scanned is a code of ours, by its form."""
    text = text.strip()
    digits = text.isascii() and text.isdigit()
    return digits and len(text) == _DIGITS and text.startswith(prefix)


def code_digest(key: bytes, code: str) -> bytes:
    """HMAC-SHA256: what a code is kept as."""
    return hmac.digest(key, _PURPOSE + code.strip().encode(), sha256)
