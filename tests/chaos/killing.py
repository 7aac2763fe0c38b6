"""kill -9 of API, worker and PostgreSQL, one after another, while the load goes on.

API and worker are started again by the driver, as an operator's supervisor would. PostgreSQL is
not: it is brought back by the API and the worker themselves.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import defaultdict

from anfu.kernel.errors import OutsideFailure
from anfu.simulation.processes import API, WORKER, Stack
from anfu.simulation.wire import Wire
from anfu.storage.embedded import EmbeddedServer, running_pid

POSTGRES = "postgres"
BACK_WITHIN_S = 90.0
_LOOK_S = 0.1


class Killer:
    """Kills by `plan` (names with counts), each only when everything is up again. `back_s`: how
    long it took to be up again after each kill, by name."""

    def __init__(self, stack: Stack, plan: dict[str, int], seed: int) -> None:
        self.back_s: dict[str, list[float]] = defaultdict(list)
        self.ended_alone: dict[str, int] = defaultdict(int)
        self.never_back: list[str] = []
        self._stack = stack
        self._place = EmbeddedServer(stack.home / "postgres").place
        self._dice = random.Random(seed)
        self._plan = [name for name, count in plan.items() for _ in range(count)]
        self._dice.shuffle(self._plan)
        self._wire = Wire(stack.base_url, connections=1, timeout_s=5)

    async def run(self) -> None:
        """All kills of the plan; ends early when something does not come back."""
        watch = asyncio.create_task(self._watch())
        try:
            for name in self._plan:
                await asyncio.sleep(self._dice.uniform(0.3, 1.5))
                self._kill(name)
                if not await self._up_again(name):
                    return
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            self._wire.close()

    def _kill(self, name: str) -> None:
        if name != POSTGRES:
            self._stack.kill(name)
            self._start(name)
            return
        pid = running_pid(self._place)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    async def _up_again(self, name: str) -> bool:
        killed = time.monotonic()
        while time.monotonic() - killed < BACK_WITHIN_S:
            await asyncio.sleep(_LOOK_S)
            if await self._serves():
                self.back_s[name].append(time.monotonic() - killed)
                return True
        self.never_back.append(name)
        return False

    async def _serves(self) -> bool:
        if running_pid(self._place) is None or not self._stack.running(WORKER):
            return False
        try:
            status, _ = await self._wire.exchange("GET", "/ready", {})
        except OutsideFailure:
            return False
        return status == 200

    async def _watch(self) -> None:
        """Start again what has ended by itself, e.g. because there was no database to open."""
        while True:
            await asyncio.sleep(_LOOK_S)
            for name in (API, WORKER):
                if not self._stack.running(name):
                    self.ended_alone[name] += 1
                    self._stack.kill(name)
                    self._start(name)

    def _start(self, name: str) -> None:
        if name == API:
            self._stack.start_api()
        else:
            self._stack.start_worker()
