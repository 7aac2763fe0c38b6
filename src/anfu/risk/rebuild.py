"""Rebuild: profiles and graph as they were when the last process ended, from what is stored."""

from __future__ import annotations

from datetime import datetime

from anfu.risk.engine import Engine
from anfu.risk.event import Event
from anfu.risk.queries import stream_learned
from anfu.storage.transaction import Tx

_AT_ONCE = 256


async def rebuild(tx: Tx, engine: Engine, *, since: datetime | None = None) -> int:
    """Let an engine that knows nothing learn everything again (of what was decided and told since
    then), in the order it was learned; returns how many events and labels that was."""
    count = 0
    events: list[Event] = []
    async for step in stream_learned(tx, since):
        count += 1
        if isinstance(step, Event):
            events.append(step)
            if len(events) < _AT_ONCE:
                continue
        await engine.observe(events)
        events = []
        if not isinstance(step, Event):
            await engine.label(step.event, fraud=step.fraud, at=step.label.at)
    await engine.observe(events)
    return count
