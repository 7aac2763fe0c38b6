"""Hand out: a task is opened, told of, escalated when it is overdue, and done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.kernel.canonical import digest
from anfu.kernel.ids import new_id
from anfu.payments.document import encode
from anfu.payments.record import Record
from anfu.payments.tasks import operations
from anfu.payments.tasks.task import TEXTS, Task, TaskKind, task_document
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

LINES = "tasks"
"""The name of the lines on which staff are told of tasks."""


@dataclass(frozen=True, slots=True)
class Doing:
    """`by` says that a task is done, and how."""

    claim: Claim
    task: str
    by: str
    note: str


async def open_task(
    tx: Tx, tools: Tools, kind: TaskKind, subject: str, detail: Mapping[str, Any], record: Record
) -> None:
    """Open a task unless one of its kind is open for the subject. `record` is the caller's to
    write."""
    now = record.now
    id_ = new_id("tsk", now=now, entropy=record.entropy)
    task = Task(id_, kind, subject, now, now + TEXTS[kind].within, detail)
    if await operations.insert_task(tx, task=task):
        _tell(tools, record, "task.opened", task)


async def escalate_tasks(tools: Tools, *, now: datetime, most: int) -> int:
    """Tell of tasks that have become overdue; how many."""

    async def work(tx: Tx) -> int:
        overdue = await operations.take_overdue(tx, now=now, most=most)
        record = Record(now, tools.entropy)
        for task in overdue:
            _tell(tools, record, "task.overdue", task)
        await record.write(tx)
        return len(overdue)

    return await tools.database.run(work)


async def finish_task(tools: Tools, wish: Doing, *, now: datetime) -> Answer:
    """The task, done. Raises Refused: task_not_found, task_done, idempotency_key_reused,
    idempotency_in_flight."""

    async def work(tx: Tx) -> Answer:
        known = await idempotency.find(tx, [wish.claim])
        if known:
            return idempotency.answer_again(wish.claim, known[wish.claim.name])
        task = await operations.finish_task(tx, task=wish.task, by=wish.by, note=wish.note, now=now)
        record = Record(now, tools.entropy)
        answer = _tell(tools, record, "task.done", task)
        record.claims[wish.claim] = answer
        await record.write(tx)
        return answer

    return await tools.database.run(work)


def _tell(tools: Tools, record: Record, kind: str, task: Task) -> Answer:
    """The institution, staff's lines, and the evidence: of a note, which may hold personal data,
    its digest."""
    document = task_document(task)
    told = encode(document)
    record.tell_staff(kind, task.subject, told, endpoints=tools.notified(LINES))
    note = None if task.note is None else digest(task.note).hex()
    record.leaf("task", task.id, {"change": kind, **document, "note": note, "title": None})
    return Answer(200, told)
