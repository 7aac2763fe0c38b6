"""Reads of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from anfu.kernel.errors import Refused
from anfu.payments.payment import Refund
from anfu.payments.queries import REFUND_COLUMNS, refund_of
from anfu.payments.tasks.task import Task, TaskKind
from anfu.storage.transaction import Tx

TASK_COLUMNS = "id, kind, subject, detail, opened_at, due_at, escalated_at, done_at, done_by, note"


async def list_tasks(
    tx: Tx, limit: int, *, before: str | None, kind: TaskKind | None, done: bool | None
) -> list[Task]:
    """A page of tasks, the newest first; `done` None: both."""
    rows = await tx.fetch(
        f"SELECT {TASK_COLUMNS} FROM payments.task WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR kind = $2)"
        " AND ($3::boolean IS NULL OR (done_at IS NOT NULL) = $3) ORDER BY id DESC LIMIT $4",
        before,
        kind,
        done,
        limit,
    )
    return [task_of(row) for row in rows]


async def list_tasks_about(tx: Tx, subjects: Sequence[str]) -> list[Task]:
    """Every task about one of `subjects`, oldest first."""
    rows = await tx.fetch(
        f"SELECT {TASK_COLUMNS} FROM payments.task WHERE subject = ANY($1::text[]) ORDER BY id",
        list(subjects),
    )
    return [task_of(row) for row in rows]


async def get_task(tx: Tx, task: str) -> Task:
    """Raises Refused(task_not_found)."""
    row = await tx.fetchrow(f"SELECT {TASK_COLUMNS} FROM payments.task WHERE id = $1", task)
    if row is None:
        raise Refused("task_not_found", field="task")
    return task_of(row)


async def is_open(tx: Tx, kind: TaskKind, subject: str) -> bool:
    """Whether somebody still has to see to this."""
    found = await tx.fetchval(
        "SELECT true FROM payments.task WHERE kind = $1 AND subject = $2 AND done_at IS NULL",
        kind,
        subject,
    )
    return found is True


async def list_slow_refunds(tx: Tx, *, before: datetime, most: int) -> list[Refund]:
    """Refunds asked for before then that are not done, and of which nobody was told."""
    rows = await tx.fetch(
        f"SELECT {REFUND_COLUMNS} FROM payments.refund r WHERE due_at IS NOT NULL"
        " AND created_at <= $1 AND NOT EXISTS (SELECT FROM payments.task t WHERE t.kind = $2"
        " AND t.subject = r.id) ORDER BY id LIMIT $3",
        before,
        TaskKind.REFUND_LATE,
        most,
    )
    return [refund_of(row) for row in rows]


def task_of(row: Any) -> Task:
    """The task a row with `TASK_COLUMNS` stands for."""
    detail = msgspec.json.decode(row["detail"])
    return Task(**{**row, "kind": TaskKind(row["kind"]), "detail": detail})
