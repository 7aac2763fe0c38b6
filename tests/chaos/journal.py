"""What the client was told: every acknowledged answer with its key and its body.

An answer is an acknowledgement when it is a yes (2xx) or a no with a reason (4xx). No answer, a
5xx and `idempotency_in_flight` are none: the same request is sent again under the same key until
it is acknowledged.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anfu.kernel.errors import OutsideFailure
from anfu.simulation.client import Client, Reply

# The same request is not sent for longer than this: then it counts as never answered.
ANSWER_WITHIN_S = 180.0
_AGAIN_S = 0.2


class NeverAnsweredError(Exception):
    """The client gave up on a key."""


@dataclass(frozen=True, slots=True)
class Written:
    """One write and its acknowledged answer."""

    kind: str
    target: str
    body: Any
    key: str
    status: int
    answer: Mapping[str, Any]

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class Journal:
    """Everything that was written. `refused` counts no's by kind and code."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.written: dict[str, Written] = {}
        self.unanswered: list[str] = []
        self.server_errors = 0
        self.refused: Counter[str] = Counter()
        self.longest_s = 0.0

    async def write(self, kind: str, target: str, body: Any, key: str) -> Written:
        """Send until it is acknowledged. Raises NeverAnsweredError."""
        started = time.monotonic()
        reply = await self._acknowledged(target, body, key, started)
        self.longest_s = max(self.longest_s, time.monotonic() - started)
        written = Written(kind, target, body, key, reply.status, reply.body)
        if not written.good:
            self.refused[f"{kind}: {reply.code}"] += 1
        self.written[key] = written
        return written

    async def again(self, written: Written) -> bool:
        """Whether the same request under the same key gets the same answer."""
        started = time.monotonic()
        reply = await self._acknowledged(written.target, written.body, written.key, started)
        return (reply.status, reply.body) == (written.status, written.answer)

    def good(self, kind: str) -> list[Written]:
        """The writes of a kind that were done."""
        return [w for w in self.written.values() if w.kind == kind and w.good]

    async def _acknowledged(self, target: str, body: Any, key: str, started: float) -> Reply:
        while time.monotonic() - started < ANSWER_WITHIN_S:
            try:
                reply = await self.client.post(target, body, key=key)
            except OutsideFailure:
                continue
            if reply.status == 500:
                self.server_errors += 1
            elif reply.status < 500 and reply.code != "idempotency_in_flight":
                return reply
            await asyncio.sleep(_AGAIN_S)
        self.unanswered.append(key)
        raise NeverAnsweredError(key)
