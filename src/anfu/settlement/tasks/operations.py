"""Writes of tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.settlement.tasks.task import PREFIX, Kind, Task
from anfu.storage.transaction import Tx


async def open_task(
    tx: Tx, *, kind: Kind, subject: str, detail: str, entropy: Entropy, now: datetime
) -> None:
    """Open it, unless one of the kind is open for the subject."""
    await tx.execute(
        "INSERT INTO settlement.task (id, kind, subject, detail, opened_at)"
        " VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING",
        new_id(PREFIX, now=now, entropy=entropy), kind, subject, detail, now,
    )  # fmt: skip


async def close_task(tx: Tx, *, task: Task, by: str, note: str, now: datetime) -> Task:
    """Close one the caller has locked. Raises Refused `task_closed`."""
    if task.closed_at is not None:
        raise Refused("task_closed", field="task")
    await tx.execute(
        "UPDATE settlement.task SET closed_by = $2, closed_at = $3, note = $4 WHERE id = $1",
        task.id, by, now, note,
    )  # fmt: skip
    return replace(task, closed_by=by, closed_at=now, note=note)
