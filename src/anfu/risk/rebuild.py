"""Rebuild: profiles and graph as they were when the last process ended, from what is stored."""

from __future__ import annotations

from anfu.risk.engine import Engine
from anfu.risk.event import Event, Kind
from anfu.risk.label import Told
from anfu.risk.queries import stream_learned
from anfu.storage.transaction import Tx

_AT_ONCE = 256


async def rebuild(tx: Tx, engine: Engine) -> int:
    """Let an engine that knows nothing learn everything again, in the order it was learned;
    returns how many events and labels that was."""
    count = 0
    payments: list[Event] = []
    async for step in stream_learned(tx):
        count += 1
        if isinstance(step, Event) and step.kind is Kind.PAYMENT:
            payments.append(step)
            if len(payments) < _AT_ONCE:
                continue
        await engine.learn(payments)
        payments = []
        if isinstance(step, Told):
            await engine.label(step.event, fraud=step.fraud, at=step.label.at)
        elif step.kind is not Kind.PAYMENT:
            await engine.observe([step])
    await engine.learn(payments)
    return count
