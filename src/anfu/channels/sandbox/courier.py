"""The network's notices: signed posts to the member, repeated, held back and wrong at times."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from urllib.parse import urlsplit

import httpx

from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.messages import Identity, Place, sign
from anfu.channels.sandbox.statements import Statement, write_statement
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_log = logging.getLogger(__name__)
# The network gives up on a notice after these.
_PAUSES_S = (0.2, 1.0, 5.0, 30.0)


class Courier:
    """Brings notices to `url`; without one it brings none."""

    def __init__(
        self, url: str | None, identity: Identity, *, clock: Clock, entropy: Entropy
    ) -> None:
        self._url, self._identity = url, identity
        self._clock, self._entropy = clock, entropy
        # Its TLS costs 25 ms, which a network that tells nobody need not spend.
        self._http = None if url is None else httpx.AsyncClient(timeout=5, trust_env=False)
        # httpx looks through all that wait for each that moves: few are let in at a time.
        self._room = asyncio.Semaphore(16)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, said: Statement, faults: Faults, forced: Fault | None) -> None:
        """Start bringing the notice; returns at once."""
        if self._url is None:
            return
        task = asyncio.create_task(self._bring(self._url, said, faults, forced))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Drop what is still on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    async def _bring(self, url: str, said: Statement, faults: Faults, forced: Fault | None) -> None:
        about = f"{said.payment}/{said.refund}"

        def hits(fault: Fault) -> bool:
            return forced is fault or faults.hits(fault, about)

        if hits(Fault.LOSE_NOTICE):
            return
        if hits(Fault.REORDER_NOTICE):
            await asyncio.sleep(faults.reorder_ms / 1000)
        if hits(Fault.WRONG_AMOUNT) and said.amount is not None:
            await self._deliver(url, replace(said, amount=said.amount + 1), 1)
        await self._deliver(url, said, 2 if hits(Fault.REPEAT_NOTICE) else 1)

    async def _deliver(self, url: str, said: Statement, copies: int) -> None:
        """Until it is taken; signed anew each time, but the copies are the same bytes."""
        body = canonical_bytes(write_statement(said))
        place = Place("POST", urlsplit(url).path or "/")
        for pause in (*_PAUSES_S, None):
            now = self._clock.now()
            headers = sign(self._identity, place, body, now=now, entropy=self._entropy)
            taken = [await self._post(url, headers, body) for _ in range(copies)]
            if any(taken) or pause is None:
                return
            await asyncio.sleep(pause)

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> bool:
        sent = {**headers, "content-type": "application/json"}
        assert self._http is not None
        try:
            async with self._room:
                response = await self._http.post(url, content=body, headers=sent)
        except httpx.HTTPError as error:
            _log.info("notice not taken: %s", type(error).__name__)
            return False
        return response.is_success
