"""A read of personal data (个人信息访问): who, whose, when, why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from anfu.kernel.errors import Refused
from anfu.parties.party import clean_text

PREFIX = "acc"
HEADER = "Anfu-Reason"
LONGEST = 200
_FORM = re.compile(rb"[!-~]{1,1800}")


@dataclass(frozen=True, slots=True)
class Read:
    """`caller` is the key or session, `person` who stands behind it; `subjects` are customers;
    `why` is None only for a machine that gave no reason."""

    id: str
    at: datetime
    caller: str
    person: str
    operation: str
    subjects: tuple[str, ...]
    why: str | None
    address: str


def parse_reason(header: bytes | None, *, needed: bool) -> str | None:
    """The reason in the header `Anfu-Reason`, percent-encoded UTF-8, of at most 200 characters.
    Raises Refused `reason_missing` when it is `needed` and not there, `reason_invalid`."""
    if header is None:
        if needed:
            raise Refused("reason_missing", field=HEADER)
        return None
    try:
        text = unquote(header.decode("ascii"), errors="strict") if _FORM.fullmatch(header) else ""
        return clean_text(text, field="reason", longest=LONGEST)
    except (UnicodeDecodeError, Refused):
        raise Refused("reason_invalid", field=HEADER, longest=LONGEST) from None
