"""A registry over HTTP: a signed question, and no answer believed unverified.

An answer is a finding only when it is a signed 200 of the peer, answers this very request
(`sandbox.messages`, 1 to 5) and names this very question; else it is UNKNOWN.
"""

from __future__ import annotations

import asyncio
import re

import httpx
import msgspec

from anfu.channels.registries.port import Finding, Inquiry
from anfu.channels.sandbox.messages import Identity, Place, nonce_of, sign, verify
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, Refused
from anfu.kernel.ids import Entropy
from anfu.storage.transaction import forbid_open_transaction

PATH = "/v1/inquiries"
GRADES = ("I", "II", "III", "CREDIT")
_ANSWER_MAX = 16 * 1024
_WORD = re.compile(r"[a-z0-9_.-]{1,40}")


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a registry says of the question `id`."""

    id: str
    confirmed: bool
    source: str
    reason: str | None
    bank_grade: str | None


class HttpRegistry:
    """A `Registry`. `transport` replaces the wire; one call takes `timeout_s` in all."""

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

    async def inquire(self, inquiry: Inquiry) -> Finding:
        forbid_open_transaction()
        body = canonical_bytes({"id": inquiry.id, "facts": dict(inquiry.facts)})
        request = sign(
            self._identity, Place("POST", PATH), body, now=self._clock.now(), entropy=self._entropy
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(inquiry.id, request, body)
        except (TimeoutError, httpx.TimeoutException):
            return _unknown("timed_out")
        except httpx.HTTPError:
            return _unknown("connection_lost")

    async def _exchange(self, id_: str, request: dict[str, str], body: bytes) -> Finding:
        sent = {**request, "content-type": "application/json", "accept-encoding": "identity"}
        async with self._http.stream("POST", PATH, content=body, headers=sent) as response:
            answer = b""
            async for part in response.aiter_raw():
                answer += part
                if len(answer) > _ANSWER_MAX:
                    return _unknown("answer_too_large")
            if response.status_code != 200:
                return _unknown(f"http_{response.status_code}")
            place = Place("POST", PATH, answers=nonce_of(request), status=200)
            try:
                verify(self._identity, place, response.headers, answer, now=self._clock.now())
            except Refused as refusal:
                return _unknown(refusal.code)
        return _finding(id_, answer)

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()


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
    if told.confirmed:
        return Finding(Outcome.DONE, None, told.source, told.bank_grade)
    return Finding(Outcome.NOT_DONE, told.reason or "contradicted", told.source, told.bank_grade)


def _unknown(reason: str) -> Finding:
    return Finding(Outcome.UNKNOWN, reason)
