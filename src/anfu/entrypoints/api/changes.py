"""Changes: what kinds of objects have moved, told to every page that listens.

One reader per process asks the database once a second, while anybody listens: the marks to which
the evidence log and the deliveries have come, and the kinds of leaves since. Everything that moves
policy, money or people is a leaf, so nothing needs a trigger or a channel of its own. A listener
hears the kinds its scopes may read, never ids or contents: it reads the lists again.

Listening keeps no session alive: one that has ended, or idles too long, is told and let go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import msgspec

from anfu.entrypoints.api.changing import KINDS, SCOPES
from anfu.evidence.queries import kinds_since, log_size
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.parties.access.queries import find_over
from anfu.parties.caller import Caller
from anfu.payments.tools import Tools
from anfu.storage.deliveries import mark

log = logging.getLogger(__name__)

MOST = 200
"""How many pages one process tells."""
EVERY_S = 1.0
BEAT = 15
"""After so many quiet seconds a comment goes out, so that proxies keep the line open."""


@dataclass(eq=False, slots=True)
class Listener:
    """One page. `told` is set once a turn."""

    session: str
    scopes: frozenset[str]
    pending: set[str] = field(default_factory=set)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False


class Changes:
    """Who listens, and the reader that works for them."""

    def __init__(self, tools: Tools, clock: Clock, *, every_s: float = EVERY_S) -> None:
        self._tools = tools
        self._clock = clock
        self._every_s = every_s
        self._listeners: set[Listener] = set()
        self._reader: asyncio.Task[None] | None = None
        self._leaves = 0
        self._deliveries: tuple[str | None, int] = (None, 0)

    async def listen(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        """What the page is told (text/event-stream), until its session ends; nothing on a quiet
        turn. Raises Refused(live_full)."""
        if len(self._listeners) >= MOST:
            raise Refused("live_full", most=MOST)
        if self._reader is None:
            await self._look()
            self._reader = asyncio.create_task(self._read())
        return self._tell(Listener(caller.id, caller.scopes))

    def close(self) -> None:
        """Let every page go: the process is about to end."""
        for listener in self._listeners:
            listener.over = True
            listener.told.set()

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    async def _tell(self, listener: Listener) -> AsyncGenerator[bytes, None]:
        self._listeners.add(listener)
        quiet = 0
        try:
            yield b"event: begin\ndata: {}\n\n"
            while not listener.over:
                await listener.told.wait()
                listener.told.clear()
                quiet = 0 if listener.pending else quiet + 1
                yield _event(listener) or (b": beat\n\n" if quiet % BEAT == 0 else b"")
            yield b"event: end\ndata: {}\n\n"
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._reader is not None:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.turn()
            except OutsideFailure as failure:
                log.warning("changes are not told: %s", failure.reason)

    async def turn(self) -> None:
        """Look once, and tell everybody."""
        kinds = await self._look()
        over = await self._over()
        for listener in self._listeners:
            listener.pending |= {kind for kind in kinds if SCOPES[kind] in listener.scopes}
            listener.over = listener.session in over
            listener.told.set()

    async def _look(self) -> set[str]:
        async with self._tools.database.transaction(readonly=True) as tx:
            deliveries, size = await mark(tx), await log_size(tx)
            leaves = await kinds_since(tx, self._leaves) if size > self._leaves > 0 else []
        kinds = {KINDS[kind] for kind in leaves if kind in KINDS}
        if deliveries != self._deliveries:
            kinds.add("deliveries")
        self._leaves, self._deliveries = size, deliveries
        return kinds

    async def _over(self) -> frozenset[str]:
        sessions = sorted({listener.session for listener in self._listeners})
        async with self._tools.database.transaction(readonly=True) as tx:
            return await find_over(tx, sessions, now=self._clock.now())


def _event(listener: Listener) -> bytes:
    if not listener.pending:
        return b""
    kinds = msgspec.json.encode({"kinds": sorted(listener.pending)})
    listener.pending.clear()
    return b"event: changed\ndata: " + kinds + b"\n\n"
