"""A registry over HTTP: a signed question, and no answer believed unverified.

An answer is a finding only when it came over the line as `signed` says, and names this very
question; else it is UNKNOWN.
"""

from __future__ import annotations

import re

import msgspec

from anfu.channels.registries.port import Finding, FirmState, Inquiry
from anfu.channels.signed import SignedLine, Unsaid
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Outcome

PATH = "/v1/inquiries"
GRADES = ("I", "II", "III", "CREDIT")
_WORD = re.compile(r"[a-z0-9_.-]{1,40}")


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a registry says of the question `id`."""

    id: str
    confirmed: bool
    source: str
    reason: str | None
    bank_grade: str | None
    firm_state: FirmState | None = None


class HttpRegistry:
    """A `Registry` at the other end of a signed line."""

    def __init__(self, line: SignedLine) -> None:
        self._line = line

    async def inquire(self, inquiry: Inquiry) -> Finding:
        body = canonical_bytes({"id": inquiry.id, "facts": dict(inquiry.facts)})
        answer = await self._line.ask(PATH, body)
        if isinstance(answer, Unsaid):
            return _unknown(answer.reason)
        return _finding(inquiry.id, answer)


def _finding(id_: str, answer: bytes) -> Finding:
    try:
        told = msgspec.json.decode(answer, type=Told)
    except msgspec.MsgspecError:
        return _unknown("answer_malformed")
    words = [told.source, told.reason or "confirmed"]
    if any(_WORD.fullmatch(word) is None for word in words):
        return _unknown("answer_malformed")
    if told.bank_grade not in (None, *GRADES):
        return _unknown("answer_malformed")
    if told.id != id_:
        return _unknown("answer_misplaced")
    said = (told.source, told.bank_grade, told.firm_state)
    if told.confirmed:
        return Finding(Outcome.DONE, None, *said)
    return Finding(Outcome.NOT_DONE, told.reason or "contradicted", *said)


def _unknown(reason: str) -> Finding:
    return Finding(Outcome.UNKNOWN, reason)
