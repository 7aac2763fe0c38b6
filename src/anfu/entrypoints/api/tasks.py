"""Tasks: what staff have to see to, and saying that it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Limit, Request, TitleDocument, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode
from anfu.payments.tasks import queries
from anfu.payments.tasks.hand_out import Doing, finish_task
from anfu.payments.tasks.task import TaskKind, task_document
from anfu.storage.idempotency import Answer


class TaskQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`kind` and `done` narrow the list."""

    limit: Limit = 20
    after: Id | None = None
    kind: TaskKind | None = None
    done: bool | None = None


class TaskDocument(Struct, frozen=True):
    """What a person has to see to: `title` says what has happened to `subject` and what to do, by
    `due_at`; told of again, once, when that is over (`escalated_at`)."""

    id: str
    object: Literal["task"]
    kind: TaskKind
    subject: str
    title: TitleDocument
    detail: dict[str, Any]
    opened_at: datetime
    due_at: datetime
    escalated_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    note: str | None


class TaskList(Struct, frozen=True):
    """A page of tasks, the newest first."""

    object: Literal["list"]
    data: list[TaskDocument]
    more: bool


class DoneForm(Request, frozen=True):
    """What was done."""

    note: Annotated[str, Meta(min_length=4, max_length=500)]


async def list_(call: Call) -> Answer:
    """A page of tasks."""
    query: TaskQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_tasks(
            tx, query.limit + 1, before=query.after, kind=query.kind, done=query.done
        )
    return Answer(200, page([task_document(task) for task in found], query.limit))


async def get(call: Call) -> Answer:
    """One task."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        task = await queries.get_task(tx, call.path["task"])
    return Answer(200, encode(task_document(task)))


async def finish(call: Call) -> Answer:
    """Say that a task is done."""
    wish = Doing(call.once, call.path["task"], call.person, call.body.note)
    return await finish_task(call.desk.tools, wish, now=call.now)


OPERATIONS = (
    Operation("list_tasks", "GET", "/v1/tasks", "List what staff have to see to.", list_,
              scope="tasks:read", institution=True, query=TaskQuery, answer=TaskList),
    Operation("get_task", "GET", "/v1/tasks/{task}", "Read a task.", get, scope="tasks:read",
              institution=True, answer=TaskDocument, refusals=("task_not_found",)),
    Operation("finish_task", "POST", "/v1/tasks/{task}/done", "Say that a task is done.", finish,
              scope="tasks:write", institution=True, standing=True, body=DoneForm,
              answer=TaskDocument, once=True, refusals=("task_not_found", "task_done"),
              example={"note": "Agreed with the payer: paid out to another account."}),
)  # fmt: skip
