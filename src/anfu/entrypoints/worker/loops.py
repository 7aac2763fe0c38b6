"""Loops: turn the rounds for ever; a round that fails is tried again, more and more slowly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

_SLOWEST_S = 10.0


@dataclass(frozen=True, slots=True)
class Loop:
    """`turn` returns how much it did; after an idle turn the loop rests for `rest_s`."""

    name: str
    turn: Callable[[], Awaitable[int]]
    rest_s: float


class Bell:
    """Wakes every loop that rests: the clock was moved, and anything may have come due."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self) -> None:
        """Until it is rung the next time."""
        await self._rung.wait()


async def run_loops(loops: list[Loop], stop: asyncio.Event, bell: Bell) -> None:
    """Turn every loop until `stop` is set; a turn under way is finished."""
    await asyncio.gather(*(_run(loop, stop, bell) for loop in loops))


async def _run(loop: Loop, stop: asyncio.Event, bell: Bell) -> None:
    failures = 0
    while not stop.is_set():
        try:
            done = await loop.turn()
        except Exception as error:
            failures += 1
            done = 0
            log.warning("%s failed (%d): %s", loop.name, failures, type(error).__name__,
                        exc_info=failures in (1, 10))  # fmt: skip
        else:
            failures = 0
        if not done:
            slowest = max(loop.rest_s, _SLOWEST_S)
            await _rest(min(loop.rest_s * 2**failures, slowest), stop, bell)


async def _rest(seconds: float, stop: asyncio.Event, bell: Bell) -> None:
    ends = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(bell.wait())]
    try:
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
