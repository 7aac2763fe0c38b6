"""A back-test as it is kept: asked for, taken by a worker, done or failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a back-test stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


# RUNNING to WAITING: the history was in use, or the worker is gone.
MOVES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.RUNNING}),
    State.RUNNING: frozenset({State.WAITING, State.DONE, State.FAILED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Backtest:
    """`author` is the id of a key; `wish` and `figures` canonical JSON; `problem` a code: why it
    failed, or why a done one was not attached to its `proposal`."""

    id: str
    created_at: datetime
    author: str
    wish: bytes
    proposal: str | None = None
    state: State = State.WAITING
    attempts: int = 0
    finished_at: datetime | None = None
    figures: bytes | None = None
    problem: str | None = None
