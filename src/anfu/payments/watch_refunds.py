"""Watch refunds: one that is not done half-way to its 24 hours becomes somebody's task.

24 hours are the institution's own target; the law (43号 art. 15) asks for the way back, not for a
time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from anfu.payments.document import rfc3339
from anfu.payments.record import Record
from anfu.payments.tasks.hand_out import open_task
from anfu.payments.tasks.queries import list_slow_refunds
from anfu.payments.tasks.task import TaskKind
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

_WARNING = timedelta(hours=12)


async def watch_refunds(tools: Tools, *, now: datetime, most: int) -> int:
    """Open tasks for refunds that take too long; how many refunds there were."""

    async def work(tx: Tx) -> int:
        slow = await list_slow_refunds(tx, before=now - _WARNING, most=most)
        record = Record(now, tools.entropy)
        for refund in slow:
            since = {"payment": refund.payment, "since": rfc3339(refund.created_at)}
            await open_task(tx, tools, TaskKind.REFUND_LATE, refund.id, since, record)
        await record.write(tx)
        return len(slow)

    return await tools.database.run(work)
