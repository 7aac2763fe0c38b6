"""A made-up firm of face checks: it answers from its own photographs, signs, fails and is slow.

A capture is good for one question, and the first answer to a question stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.faces.client import PATH
from anfu.channels.peer import Peer
from anfu.channels.sandbox.messages import Identity
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_ALIKE, _UNLIKE, _NOBODY = 980, 120, "nobody"


@dataclass(frozen=True, slots=True)
class Capture:
    """What a device gave to the firm: whose face it is, for which bytes, and whether it lives."""

    person: str
    bound: str
    alive: bool = True


@dataclass
class Trouble:
    """What goes wrong, for every request: `delay_s` before anything; `status` instead of an
    answer, after the work; `signer` signs in the firm's place; `answer` replaces parts of it."""

    delay_s: float = 0.0
    status: int | None = None
    signer: Identity | None = None
    answer: Mapping[str, Any] | None = None


class FaceSimulator:
    """`people`: name by document number, as the official records have them. A person's face is its
    document number. `trouble` may be changed while it runs; `asked` is all it was ever told."""

    def __init__(self, identity: Identity, *, clock: Clock, entropy: Entropy) -> None:
        self.people: dict[str, str] = {}
        self.trouble = Trouble()
        self.asked: list[dict[str, Any]] = []
        self._peer = Peer(identity, clock=clock, entropy=entropy)
        self._captures: dict[str, Capture] = {}
        self._used: dict[str, str] = {}
        self._faces: dict[str, str] = {}
        self._said: dict[str, dict[str, Any]] = {}
        self.app = Starlette(routes=[Route(PATH, self._receive, methods=["POST"])])

    def take(self, capture: Capture) -> str:
        """What a device does: the reference of a capture."""
        reference = f"cap_{len(self._captures) + 1}"
        self._captures[reference] = capture
        return reference

    async def _receive(self, request: Request) -> Response:
        heard = await self._peer.hear(request)
        if isinstance(heard, Response):
            return heard
        (nonce, asked), trouble = heard, self.trouble
        self.asked.append(asked)
        await asyncio.sleep(trouble.delay_s)
        if asked["id"] not in self._said:
            self._said[asked["id"]] = self._look(asked)
        if trouble.status is not None:
            return Response("unavailable", trouble.status)
        said = {**self._said[asked["id"]], **(trouble.answer or {})}
        return self._peer.answer(PATH, nonce, said, trouble.signer)

    def _look(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Numbered: 1 a capture is good for one question, 2 and for the bytes it was made for,
        3 who is to be enrolled is the person of the records, 4 the face is compared, 5 and alive.
        """
        capture = self._captures.get(asked["capture"])
        if capture is None:
            return self._answer(asked, "capture_unknown")
        if self._used.setdefault(asked["capture"], asked["id"]) != asked["id"]:  # 1
            return self._answer(asked, "capture_repeated")
        if capture.bound != asked["bound"]:  # 2
            return self._answer(asked, "capture_elsewhere")
        known = self._person(asked)
        if known is None:  # 3
            return self._answer(asked, "not_on_record")
        if capture.person != known:  # 4
            return self._answer(asked, "face_differs", alive=capture.alive, score=_UNLIKE)
        reason = None if capture.alive else "not_alive"  # 5
        face = asked["face"] or f"face_{len(self._faces) + 1}"
        if reason is None:
            self._faces[face] = known
        said = self._answer(asked, reason, alive=capture.alive, score=_ALIKE)
        return {**said, "matched": True, "face": face}

    def _person(self, asked: Mapping[str, Any]) -> str | None:
        if asked["face"] is not None:
            return self._faces.get(asked["face"])
        number = str(asked["facts"]["document_number"])
        return number if self.people.get(number) == asked["facts"]["name"] else None

    def _answer(
        self, asked: Mapping[str, Any], reason: str | None, *, alive: bool = False, score: int = 0
    ) -> dict[str, Any]:
        return {"id": asked["id"], "matched": False, "alive": alive, "score": score,
                "reference": f"look_{len(self._said) + 1}", "face": asked["face"] or _NOBODY,
                "reason": reason}  # fmt: skip
