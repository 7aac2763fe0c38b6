"""What finance must look at: tasks of settlement, and the three-way checks of the reserve fund."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import PageQuery, Request, Text, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.settlement.reserve.document import kept_document
from anfu.settlement.reserve.queries import list_checks
from anfu.settlement.tasks.operations import close_task
from anfu.settlement.tasks.queries import list_tasks, lock_task
from anfu.settlement.tasks.task import Kind, Task
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class TaskDocument(Struct, frozen=True):
    """A task; `note` is what was done about it."""

    id: str
    object: Literal["settlement_task"]
    kind: Kind
    subject: str
    detail: str
    open: bool
    closed_by: str | None
    closed_at: datetime | None
    note: str | None
    created_at: datetime


class TaskList(Struct, frozen=True):
    """A page of tasks."""

    object: Literal["list"]
    data: list[TaskDocument]
    more: bool


class TaskQuery(PageQuery, frozen=True):
    """Open or closed ones alone."""

    open: bool | None = None


class CloseForm(Request, frozen=True):
    """`note`: what was done; in the evidence by its digest."""

    note: Text


class ReserveCheckDocument(Struct, frozen=True):
    """The check of a day, minor units: what `clients` are owed by purpose; `bank` and `channels`,
    where it is by the books; `own`: fees that still stand there; `statement`: the bank's closing
    balance; `differences` by name."""

    id: str
    object: Literal["reserve_check"]
    day: str
    currency: str
    clients: dict[str, int]
    clients_total: int
    bank: int
    channels: int
    own: int
    others: dict[str, int]
    statement: int
    unbooked: int
    differences: dict[str, int]
    whole: bool
    created_at: datetime


class ReserveCheckList(Struct, frozen=True):
    """A page of checks."""

    object: Literal["list"]
    data: list[ReserveCheckDocument]
    more: bool


async def list_(call: Call) -> Answer:
    """A page, the newest first."""
    query: TaskQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_tasks(tx, is_open=query.open, before=query.after, most=query.limit + 1)
    return Answer(200, page([describe(one) for one in found], query.limit))


async def close(call: Call) -> Answer:
    """Somebody has seen to it."""
    tools, form = call.desk.tools, call.body

    async def work(tx: Tx) -> Answer:
        found = await lock_task(tx, call.path["task"])
        closed = await close_task(tx, task=found, by=call.person, note=form.note, now=call.now)
        record = Record(call.now, tools.entropy)
        document = describe(closed)
        record.leaf("settlement_task", closed.id, {k: document[k] for k in _PROVEN})
        await record.write(tx)
        return Answer(200, encode(document))

    return await idempotency.once(tools.database, call.once, work, now=call.now)


async def list_reserve_checks(call: Call) -> Answer:
    """A page, the newest first."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_checks(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([kept_document(one) for one in found], query.limit))


def describe(task: Task) -> dict[str, Any]:
    """A task as JSON values."""
    return {
        "id": task.id, "object": "settlement_task", "kind": task.kind, "subject": task.subject,
        "detail": task.detail, "open": task.closed_at is None, "closed_by": task.closed_by,
        "closed_at": task.closed_at and rfc3339(task.closed_at), "note": task.note,
        "created_at": rfc3339(task.opened_at),
    }  # fmt: skip


_PROVEN = ("kind", "subject", "detail", "closed_by")
OPERATIONS = (
    Operation("list_settlement_tasks", "GET", "/v1/settlement-tasks", "List what finance must look"
              " at.", list_, scope="settlements:read", query=TaskQuery, answer=TaskList,
              institution=True),
    Operation("close_settlement_task", "POST", "/v1/settlement-tasks/{task}/close", "Say what was"
              " done about a task.", close, scope="settlements:write", body=CloseForm,
              answer=TaskDocument, once=True, institution=True, standing=True,
              refusals=("task_not_found", "task_closed"),
              example={"note": "account corrected, terms of 2026-12-01"}),
    Operation("list_reserve_checks", "GET", "/v1/reserve-checks", "List the three-way checks of"
              " the reserve fund.", list_reserve_checks, scope="settlements:read",
              query=PageQuery, answer=ReserveCheckList, institution=True),
)  # fmt: skip
