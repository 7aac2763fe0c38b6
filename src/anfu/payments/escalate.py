"""Escalate: a case nobody works on is taken to the next person, level by level, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.queries import get_policy
from anfu.storage.transaction import Tx


async def escalate(tools: Tools, *, now: datetime, most: int = 100) -> int:
    """Take at most `most` cases one level up; how many. Of several workers each takes others."""

    async def work(tx: Tx) -> int:
        waiting = await cases.take_waiting(tx, now=now, most=most)
        if not waiting:
            return 0
        policy = await get_policy(tx)
        record = Record(now, tools.entropy)
        for before in waiting:
            level = before.level + 1
            after = replace(
                before, level=level, next_at=policy.escalates_at(before.waiting_at, level)
            )
            await cases.save(tx, before=before, after=after)
            if before.level < len(policy.escalation):  # else the policy has grown shorter
                to = policy.escalation[before.level].to
                record.case(after, "ESCALATED", None, to=to)
                record.tell_case("escalated", after, endpoints=tools.notified(to), to=to)
        await record.write(tx)
        return len(waiting)

    return await tools.database.run(work)
