"""A task: its kinds, and what each asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from anfu.payments.document import rfc3339


class TaskKind(StrEnum):
    """What is to be seen to."""

    REFUND_LATE = "REFUND_LATE"
    REFUND_FAILED = "REFUND_FAILED"
    STRAY_STUCK = "STRAY_STUCK"


@dataclass(frozen=True, slots=True)
class TaskText:
    """What has happened and what to do, in English and Chinese; `within`: until it is overdue."""

    en: str
    zh: str
    within: timedelta


TEXTS: Mapping[TaskKind, TaskText] = MappingProxyType(
    {
        TaskKind.REFUND_LATE: TaskText(
            "A refund is not done after 12 hours: ask the network; it must be done within 24.",
            "退款 12 小时仍未完成：请联系支付网络，须在 24 小时内完成。",
            timedelta(hours=12),
        ),
        TaskKind.REFUND_FAILED: TaskText(
            "The network could not refund: agree with the payer where the money goes, and refund"
            " again or pay it out.",
            "支付网络退款失败：请与付款人确认收款账户，重新退款或另行付款。",
            timedelta(hours=24),
        ),
        TaskKind.STRAY_STUCK: TaskText(
            "Money that came too late cannot go back the way it came: find the payer another way.",
            "迟到资金无法原路退回：请以其他方式退给付款人。",
            timedelta(hours=24),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Task:
    """`subject` is the object it is about, `detail` what helps to see to it."""

    id: str
    kind: TaskKind
    subject: str
    opened_at: datetime
    due_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)
    escalated_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    note: str | None = None


def task_document(task: Task) -> dict[str, Any]:
    """A task as JSON values."""
    text = TEXTS[task.kind]
    return {
        "id": task.id,
        "object": "task",
        "kind": task.kind,
        "subject": task.subject,
        "title": {"en": text.en, "zh": text.zh},
        "detail": dict(task.detail),
        "opened_at": rfc3339(task.opened_at),
        "due_at": rfc3339(task.due_at),
        "escalated_at": _moment(task.escalated_at),
        "done_at": _moment(task.done_at),
        "done_by": task.done_by,
        "note": task.note,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
