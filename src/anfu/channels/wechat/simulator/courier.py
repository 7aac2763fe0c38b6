"""The network's notices: sealed and signed posts, repeated on its schedule until they are taken.

`turn` brings what is due by the clock, so that a test's clock drives it; `run` turns for ever. A
transport replaces the wire.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from anfu.channels.sandbox.faults import Fault
from anfu.channels.wechat.scenes import rfc3339
from anfu.channels.wechat.sealing import seal
from anfu.channels.wechat.signing import signed_headers
from anfu.channels.wechat.simulator.peer import Peer
from anfu.channels.wechat.simulator.troubles import Trouble, Troubles
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_log = logging.getLogger(__name__)
# Between one try and the next; after these it gives up.
PAUSES_S = (15, 15, 30, 180, 600, 1200, *(1800,) * 3, 3600, *(10_800,) * 3, *(21_600,) * 2)
_IDLE_S = 0.2


@dataclass(slots=True)
class Delivery:
    """A notice that is to be taken by `url`; `tries` so far."""

    due: datetime
    url: str
    event: Mapping[str, Any]
    copies: int = 1
    tries: int = 0


class Courier:
    """Brings notices; `troubles` may be changed while it runs."""

    def __init__(
        self,
        peer: Peer,
        troubles: Troubles,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.troubles = troubles
        self._peer, self._clock, self._entropy = peer, clock, entropy
        self._http = httpx.AsyncClient(timeout=5, trust_env=False, transport=transport)
        self._waiting: list[Delivery] = []

    def send(self, url: str, kind: str, value: Mapping[str, Any], about: str) -> None:
        """Have `value` brought to `url` as an event `kind`; `about` is what faults hang on."""
        hits, now = self.troubles.hits, self._clock.now()
        if hits(Fault.LOSE_NOTICE, about):
            return
        if hits(Fault.REORDER_NOTICE, about):
            now += timedelta(milliseconds=self.troubles.faults.reorder_ms)
        if hits(Trouble.CONTRADICTION, about) and "trade_state" in value:
            self._add(now, url, kind, {**value, "trade_state": "PAYERROR"})
        if hits(Fault.WRONG_AMOUNT, about):
            self._add(now, url, kind, _other_amount(value))
        self._add(now, url, kind, value, 2 if hits(Fault.REPEAT_NOTICE, about) else 1)

    async def turn(self) -> int:
        """Bring what is due; returns how many posts were made."""
        now = self._clock.now()
        due = sorted((d for d in self._waiting if d.due <= now), key=lambda d: d.due)
        self._waiting = [d for d in self._waiting if d.due > now]
        for delivery in due:
            if not await self._deliver(delivery) and delivery.tries < len(PAUSES_S):
                delivery.due = now + timedelta(seconds=PAUSES_S[delivery.tries])
                delivery.tries += 1
                self._waiting.append(delivery)
        return sum(delivery.copies for delivery in due)

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(_IDLE_S)

    async def aclose(self) -> None:
        """Drop what is still on its way."""
        self._waiting.clear()
        await self._http.aclose()

    def _add(
        self, due: datetime, url: str, kind: str, value: Mapping[str, Any], copies: int = 1
    ) -> None:
        more = kind.partition(".")[0].lower()
        content = json.dumps(value, ensure_ascii=False).encode()
        nonce = self._entropy.bytes(6).hex()
        event = {
            "id": self._entropy.bytes(16).hex(),
            "create_time": rfc3339(self._clock.now()),
            "resource_type": "encrypt-resource",
            "event_type": kind,
            "summary": kind,
            "resource": {
                "original_type": more,
                **seal(self._peer.v3_key, content, nonce=nonce, more=more),
            },
        }
        self._waiting.append(Delivery(due, url, event, copies))

    async def _deliver(self, delivery: Delivery) -> bool:
        """Signed anew each time, but the copies are the same bytes."""
        body = json.dumps(delivery.event, ensure_ascii=False).encode()
        serial, key = self._peer.signing()
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = self._entropy.bytes(16).hex()
        headers = signed_headers(key, serial, body, timestamp=timestamp, nonce=nonce)
        taken = [await self._post(delivery.url, headers, body) for _ in range(delivery.copies)]
        return any(taken)

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> bool:
        sent = {**headers, "content-type": "application/json"}
        try:
            response = await self._http.post(url, content=body, headers=sent)
        except httpx.HTTPError as error:
            _log.info("notice not taken: %s", type(error).__name__)
            return False
        return response.status_code in (200, 204)


def _other_amount(value: Mapping[str, Any]) -> dict[str, Any]:
    amount = value["amount"]
    name = "refund" if "refund" in amount else "total"
    return {**value, "amount": {**amount, name: amount[name] + 1}}
