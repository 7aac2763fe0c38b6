"""The other end of a signed line, for the firms we make up.

Requests are verified as `sandbox.messages` says, 1 to 5, and no nonce is taken twice (6).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from anfu.channels.sandbox.messages import Identity, Place, sign, verify
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy


class Peer:
    """Hears requests and signs answers as `identity`."""

    def __init__(self, identity: Identity, *, clock: Clock, entropy: Entropy) -> None:
        self._identity, self._clock, self._entropy = identity, clock, entropy
        self._nonces: set[str] = set()

    async def hear(self, request: Request) -> tuple[str, dict[str, Any]] | Response:
        """The nonce of a request and what it asks; or the refusal of one that is not the
        member's."""
        body, place = await request.body(), Place("POST", request.url.path)
        try:
            nonce = verify(self._identity, place, request.headers, body, now=self._clock.wall())
        except Refused as refusal:
            return Response(refusal.code, 401)
        if nonce in self._nonces:
            return Response("message_repeated", 401)
        self._nonces.add(nonce)
        return nonce, json.loads(body)

    def answer(
        self, path: str, nonce: str, said: Mapping[str, Any], signer: Identity | None
    ) -> Response:
        """What is said to the request of this nonce, signed; `signer`: by somebody else."""
        body, place = canonical_bytes(dict(said)), Place("POST", path, answers=nonce, status=200)
        by = signer or self._identity
        headers = sign(by, place, body, now=self._clock.wall(), entropy=self._entropy)
        return Response(body, 200, headers, "application/json")
