"""Writes of tasks."""

from __future__ import annotations

from datetime import datetime

import msgspec

from anfu.kernel.errors import Refused
from anfu.payments.tasks.queries import TASK_COLUMNS, task_of
from anfu.payments.tasks.task import Task
from anfu.storage.transaction import Tx


async def insert_task(tx: Tx, *, task: Task) -> bool:
    """Write a task; False where one of its kind is open for its subject already."""
    done = await tx.execute(
        "INSERT INTO payments.task (id, kind, subject, detail, opened_at, due_at)"
        " VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)"
        " ON CONFLICT (kind, subject) WHERE done_at IS NULL DO NOTHING",
        task.id, task.kind, task.subject, msgspec.json.encode(task.detail).decode(),
        task.opened_at, task.due_at,
    )  # fmt: skip
    return done == "INSERT 0 1"


async def take_overdue(tx: Tx, *, now: datetime, most: int) -> list[Task]:
    """Tasks that have become overdue, each once."""
    rows = await tx.fetch(
        "UPDATE payments.task SET escalated_at = $1 WHERE id IN (SELECT id FROM payments.task"
        " WHERE due_at <= $1 AND done_at IS NULL AND escalated_at IS NULL ORDER BY due_at LIMIT $2"
        f" FOR UPDATE SKIP LOCKED) RETURNING {TASK_COLUMNS}",
        now,
        most,
    )
    return [task_of(row) for row in rows]


async def finish_task(tx: Tx, *, task: str, by: str, note: str, now: datetime) -> Task:
    """Note that somebody has seen to it. Raises Refused: task_not_found, task_done."""
    row = await tx.fetchrow(
        "UPDATE payments.task SET done_at = $2, done_by = $3, note = $4"
        f" WHERE id = $1 AND done_at IS NULL RETURNING {TASK_COLUMNS}",
        task,
        now,
        by,
        note,
    )
    if row is None:
        known = await tx.fetchval("SELECT true FROM payments.task WHERE id = $1", task)
        raise Refused("task_done" if known else "task_not_found", field="task")
    return task_of(row)
