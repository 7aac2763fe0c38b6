"""Natural batching: what arrives while the batches before it are in flight goes together.

No timer and no waiting when idle: a lone order is a batch of one at once. A few lanes keep the
database busy while the next batch is being put together; one lane more than that only makes the
batches smaller.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

O = TypeVar("O")  # noqa: E741 - an order
R = TypeVar("R")  # and its result


class Gate(Generic[O, R]):
    """Gathers orders into batches for `work`, which returns a result for each, in their order."""

    def __init__(
        self, work: Callable[[Sequence[O]], Awaitable[Sequence[R]]], *, lanes: int, most: int
    ) -> None:
        self._work = work
        self._lanes = lanes
        self._most = most
        self._waiting: deque[tuple[O, asyncio.Future[R]]] = deque()
        self._batches: set[asyncio.Task[None]] = set()
        self._called = False

    def __len__(self) -> int:
        """How many orders wait for a lane."""
        return len(self._waiting)

    async def submit(self, order: O) -> R:
        """The result of one order. Raises what its batch raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((order, future))
        if not self._called and len(self._batches) < self._lanes:
            self._called = True
            loop.call_soon(self._start)
        return await future

    def _start(self) -> None:
        self._called = False
        while self._waiting and len(self._batches) < self._lanes:
            count = min(self._most, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
            task = asyncio.create_task(self._run(batch))
            self._batches.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._start()

    async def _run(self, batch: list[tuple[O, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([order for order, _ in batch])
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():  # the caller may have gone away
                future.set_result(result)
