"""The gateway as a client: signed requests, and no answer believed unverified."""

from __future__ import annotations

import asyncio
import json

import httpx

from anfu.channels.sandbox.messages import Identity, Place, nonce_of, sign, verify
from anfu.channels.texts.text import PATH, Handed, Text
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy
from anfu.storage.transaction import forbid_open_transaction

_ANSWER_MAX = 4_096


class TextGateway:
    """A line to a text gateway. `transport` replaces the wire; close when done."""

    def __init__(
        self,
        url: str,
        identity: Identity,
        *,
        clock: Clock,
        entropy: Entropy,
        timeout_s: float = 5.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._identity, self._clock, self._entropy = identity, clock, entropy
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            base_url=url, transport=transport, timeout=timeout_s, follow_redirects=False,
            trust_env=False,
        )  # fmt: skip

    async def send(self, text: Text) -> Handed:
        """Hand a text over. Whatever is not a verified answer about it is UNKNOWN."""
        forbid_open_transaction()
        body = canonical_bytes({"id": text.id, "number": text.number, "text": text.body})
        headers = sign(
            self._identity, Place("POST", PATH), body, now=self._clock.now(), entropy=self._entropy
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._http.post(PATH, content=body, headers=headers)
        except (httpx.HTTPError, TimeoutError):
            return Handed.UNKNOWN
        if answer.status_code != 200 or len(answer.content) > _ANSWER_MAX:
            return Handed.UNKNOWN
        place = Place("POST", PATH, answers=nonce_of(headers), status=200)
        try:
            verify(self._identity, place, answer.headers, answer.content, now=self._clock.now())
            said = json.loads(answer.content)
            return Handed(said["state"]) if said["id"] == text.id else Handed.UNKNOWN
        except (Refused, ValueError, KeyError, TypeError):
            return Handed.UNKNOWN

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()
