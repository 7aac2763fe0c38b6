"""Reads of tasks."""

from __future__ import annotations

from typing import Any

from anfu.kernel.errors import Refused
from anfu.settlement.tasks.task import Kind, Task
from anfu.storage.transaction import Tx

_COLUMNS = "id, kind, subject, detail, opened_at, closed_by, closed_at, note"


async def list_tasks(tx: Tx, *, is_open: bool | None, before: str | None, most: int) -> list[Task]:
    """A page, the newest first; open or closed ones, None for both."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.task WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::bool IS NULL OR (closed_at IS NULL) = $2) ORDER BY id DESC LIMIT $3",
        before, is_open, most,
    )  # fmt: skip
    return [_task(row) for row in rows]


async def is_open(tx: Tx, kind: Kind, subject: str) -> bool:
    """Whether somebody still has to look at this."""
    found = await tx.fetchval(
        "SELECT true FROM settlement.task WHERE kind = $1 AND subject = $2 AND closed_at IS NULL",
        kind, subject,
    )  # fmt: skip
    return found is True


async def lock_task(tx: Tx, task: str) -> Task:
    """One, locked until the transaction ends. Raises Refused `task_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM settlement.task WHERE id = $1 FOR NO KEY UPDATE", task
    )
    if row is None:
        raise Refused("task_not_found", field="task")
    return _task(row)


def _task(row: Any) -> Task:
    return Task(row["id"], Kind(row["kind"]), *row[2:])
