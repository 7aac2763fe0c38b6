"""The clock: a process stands where the installation's test clock stands."""

from __future__ import annotations

from datetime import timedelta

from anfu.entrypoints.worker.loops import Bell
from anfu.kernel.clock import MovableClock
from anfu.storage.clock import follow
from anfu.storage.database import Database


class ClockFollower:
    """Moves the clock of a process along, and wakes its loops whenever that has been moved."""

    def __init__(self, database: Database, clock: MovableClock, bell: Bell) -> None:
        self._database, self._clock, self._bell = database, clock, bell
        self._told: timedelta = clock.ahead

    async def turn(self) -> int:
        """1 when it was moved."""
        await follow(self._database, self._clock)
        if self._clock.ahead == self._told:
            return 0
        self._told = self._clock.ahead
        self._bell.ring()
        return 1
