"""A firm of face checks over HTTP: an answer counts that is signed and names this very question."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from anfu.channels.faces.port import Look, Sight
from anfu.channels.signed import SignedLine, Unsaid
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Outcome

PATH = "/v1/looks"
_WORD = re.compile(r"[a-z_]{1,40}")
_Reference = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the firm says of the question `id`."""

    id: str
    matched: bool
    alive: bool
    score: Annotated[int, Meta(ge=0, le=1000)]
    reference: _Reference
    face: _Reference
    reason: str | None


class HttpFaceFirm:
    """A `FaceFirm` at the other end of a signed line."""

    def __init__(self, line: SignedLine) -> None:
        self._line = line

    async def look(self, look: Look) -> Sight:
        question = {"id": look.id, "capture": look.capture, "bound": look.bound.hex(),
                    "face": look.face, "facts": dict(look.facts)}  # fmt: skip
        answer = await self._line.ask(PATH, canonical_bytes(question))
        if isinstance(answer, Unsaid):
            return Sight(Outcome.UNKNOWN, answer.reason)
        return _sight(look, answer)


def _sight(look: Look, answer: bytes) -> Sight:
    try:
        told = msgspec.json.decode(answer, type=Told)
    except msgspec.MsgspecError:
        return Sight(Outcome.UNKNOWN, "answer_malformed")
    if told.id != look.id or look.face not in (None, told.face):
        return Sight(Outcome.UNKNOWN, "answer_misplaced")
    seen = (told.reference, told.face, told.alive, told.score)
    if told.matched and told.alive:
        return Sight(Outcome.DONE, None, *seen)
    reason = told.reason or "face_differs"
    if _WORD.fullmatch(reason) is None:
        return Sight(Outcome.UNKNOWN, "answer_malformed")
    return Sight(Outcome.NOT_DONE, reason, *seen)
