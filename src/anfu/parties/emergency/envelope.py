"""An envelope (应急封存凭证): sealed, then opened once, then closed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anfu.kernel.canonical import canonical_bytes
from anfu.parties.party import clean_text
from anfu.parties.secret import FORM

PREFIX = "emg"
SECRET_PREFIX = "bg"  # noqa: S105 - the first letters of a secret, not one
LIFETIME = timedelta(hours=1)
_SECRET = re.compile(rf"{SECRET_PREFIX}_{FORM}")
# Too short a reason is none.
REASON_LEAST = 10


@dataclass(frozen=True, slots=True)
class Opening:
    """Who says he opens it, and why, in one normal spelling each."""

    name: str
    reason: str

    @property
    def plain(self) -> bytes:
        """Canonical bytes, to be sealed."""
        return canonical_bytes({"v": 1, "name": self.name, "reason": self.reason})


@dataclass(frozen=True, slots=True)
class Envelope:
    """One row that was opened. `opening` is what was told."""

    id: str
    opened_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    staff_id: str
    address: str
    opening: Opening = field(repr=False)


def parse_opening(name: str, reason: str) -> Opening:
    """Raises Refused `name_invalid`, `reason_invalid`."""
    return Opening(clean_text(name, field="name"), clean_text(reason, field="reason", longest=500))


def opening_of(plain: bytes) -> Opening:
    """What `plain` says."""
    parts = json.loads(plain)
    return Opening(parts["name"], parts["reason"])


def is_secret(text: str) -> bool:
    """Whether `text` has the form of an envelope's secret."""
    return _SECRET.fullmatch(text) is not None
