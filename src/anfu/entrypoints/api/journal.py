"""The journal: requests on their way into the request log.

They wait in memory and are written together about once a second, in one statement, off the way of
any answer. There is room for so many of those that went well and so many of those that failed, each
apart: a payment storm hides no failure, and what it costs is bounded however many come. Those for
which there is no room are counted, and the log says how many. A process that is killed takes those
of its last second with it.
"""

from __future__ import annotations

from datetime import datetime

from anfu.entrypoints.api.metrics import UNLOGGED
from anfu.kernel.ids import Entropy
from anfu.parties.requests.operations import note_requests
from anfu.parties.requests.request import Request
from anfu.storage.database import Database

# Of each kind, between two writes.
ROOM = 100
_FAILED = 400


class Journal:
    """Keeps what is noted until `write`. One of a process."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        """`entropy` gives the ids of requests: nothing follows from them, so that it is another
        one than that of the journeys, which a seed repeats whatever is read in between."""
        self._database = database
        self.entropy = entropy
        self._well: list[Request] = []
        self._failed: list[Request] = []
        self._unlogged = 0

    def has_room(self, status: int) -> bool:
        """Whether a request that was answered so is kept; where not, it is counted."""
        if len(self._failed if status >= _FAILED else self._well) < ROOM:
            return True
        self._unlogged += 1
        UNLOGGED.inc()
        return False

    def note(self, request: Request) -> None:
        """Keep a request for which there is room."""
        (self._failed if request.status >= _FAILED else self._well).append(request)

    async def write(self, *, now: datetime) -> int:
        """Write what has come since the last time; always 0: the next turn is a second later. What
        cannot be written is lost, and counted the next time."""
        requests, unlogged = [*self._well, *self._failed], self._unlogged
        self._well, self._failed, self._unlogged = [], [], 0
        if not requests and not unlogged:
            return 0
        try:
            await self._database.run(
                lambda tx: note_requests(tx, requests=requests, unlogged=unlogged, now=now)
            )
        except Exception:
            self._unlogged += unlogged + len(requests)
            raise
        return 0
