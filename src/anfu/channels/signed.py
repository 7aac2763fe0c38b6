"""A signed question to a firm outside, and no answer believed unverified.

An answer counts only when it is a signed 200 of the peer to this very request (`sandbox.messages`,
1 to 5), of a size that is bounded. Everything else is `Unsaid`: nobody knows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx

from anfu.channels.sandbox.messages import Identity, Place, nonce_of, sign, verify
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy
from anfu.storage.transaction import forbid_open_transaction

_ANSWER_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Why there is no answer."""

    reason: str


class SignedLine:
    """A line to one firm. `transport` replaces the wire; one question takes `timeout_s` in all."""

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
            base_url=url, transport=transport, timeout=timeout_s, trust_env=False
        )

    async def ask(self, path: str, body: bytes, *, most: int = _ANSWER_MAX) -> bytes | Unsaid:
        """The answer to `body`, of at most `most` bytes. Raises BrokenInvariant in an open
        transaction."""
        forbid_open_transaction()
        request = sign(
            self._identity, Place("POST", path), body, now=self._clock.now(), entropy=self._entropy
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(path, request, body, most)
        except (TimeoutError, httpx.TimeoutException):
            return Unsaid("timed_out")
        except httpx.HTTPError:
            return Unsaid("connection_lost")

    async def _exchange(
        self, path: str, request: dict[str, str], body: bytes, most: int
    ) -> bytes | Unsaid:
        sent = {**request, "content-type": "application/json", "accept-encoding": "identity"}
        async with self._http.stream("POST", path, content=body, headers=sent) as response:
            answer = b""
            async for part in response.aiter_raw():
                answer += part
                if len(answer) > most:
                    return Unsaid("answer_too_large")
            if response.status_code != 200:
                return Unsaid(f"http_{response.status_code}")
            place = Place("POST", path, answers=nonce_of(request), status=200)
            try:
                verify(self._identity, place, response.headers, answer, now=self._clock.now())
            except Refused as refusal:
                return Unsaid(refusal.code)
        return answer

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()
