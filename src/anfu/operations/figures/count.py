"""Count: keep the buckets up with the payments."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.ids import made_at
from anfu.operations.figures import operations
from anfu.operations.figures.bucket import (
    KEPT,
    Bucket,
    Reason,
    Why,
    hour_of,
    late_minutes,
    next_stretch,
)
from anfu.payments.figures.queries import count_minutes, count_reasons, tries_before
from anfu.payments.tools import Tools
from anfu.storage.outbox import moved_between
from anfu.storage.transaction import Tx

_MOVED = ("payment.",)


async def count(tools: Tools, *, now: datetime) -> int:
    """Count the next stretch, and again what has moved in it; 1 while there is more to count.

    Payments that moved are known by the events told of them. Does nothing while another process
    counts."""

    async def work(tx: Tx) -> int:
        free, until = await operations.lock_counted(tx)
        if not free:
            return 0
        stretch = next_stretch(until, now=now)
        moved = await moved_between(tx, _MOVED, since=stretch.start, until=stretch.end)
        tried = await tries_before(tx, moved)
        late = late_minutes(map(made_at, [*moved, *tried]), stretch, now=now)
        await _count(tx, [*late, *stretch.minutes])
        if until is None or hour_of(until) != hour_of(stretch.end):
            await operations.forget_minutes(tx, before=now - KEPT)
        await operations.note_counted(tx, until=min(stretch.end, now))
        return int(stretch.more)

    return await tools.database.run(work)


async def _count(tx: Tx, minutes: list[datetime]) -> None:
    buckets = [Bucket(*row) for row in await count_minutes(tx, minutes)]
    reasons = [
        Reason(at, Why(kind), code, times)
        for at, kind, code, times in await count_reasons(tx, minutes)
    ]
    await operations.replace_minutes(tx, minutes=minutes, buckets=buckets, reasons=reasons)
    await operations.replace_hours(tx, hours=sorted({hour_of(minute) for minute in minutes}))
