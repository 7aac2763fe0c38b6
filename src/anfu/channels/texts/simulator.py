"""A text gateway that delivers nowhere: verifies, signs, remembers, and fails when told to.

The same id is taken once. Numbers that begin with 10 do not exist, and are rejected.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.peer import Peer
from anfu.channels.sandbox.messages import Identity
from anfu.channels.texts.text import PATH, Handed, Text
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_NOBODY = "10"


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the next requests: so many are lost before, or after, they are taken;
    every answer waits for `delay_s`; `signer` signs in the gateway's place."""

    lose_request: int = 0
    lose_answer: int = 0
    delay_s: float = 0.0
    signer: Identity | None = None


class TextSimulator:
    """`app` is the ASGI application, `sent` what a telephone would have shown, in order."""

    def __init__(self, identity: Identity, *, clock: Clock, entropy: Entropy) -> None:
        self._peer = Peer(identity, clock=clock, entropy=entropy)
        self.trouble = Trouble()
        self.sent: dict[str, Text] = {}
        self.app = Starlette(routes=[Route(PATH, self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        heard = await self._peer.hear(request)
        if isinstance(heard, Response):
            return heard
        nonce, asked = heard
        await asyncio.sleep(self.trouble.delay_s)
        if self.trouble.lose_request > 0:
            self.trouble.lose_request -= 1
            return Response("unavailable", 503)
        said = self._take(asked)
        if self.trouble.lose_answer > 0:
            self.trouble.lose_answer -= 1
            return Response("unavailable", 503)
        return self._peer.answer(PATH, nonce, said, self.trouble.signer)

    def _take(self, asked: dict[str, str]) -> dict[str, str]:
        if asked["number"].startswith(_NOBODY):
            return {"id": asked["id"], "state": Handed.REJECTED}
        text = Text(asked["id"], asked["number"], asked["text"])
        self.sent.setdefault(text.id, text)
        return {"id": asked["id"], "state": Handed.ACCEPTED}
