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
    NEGATIVE_BALANCE = "NEGATIVE_BALANCE"
    PAYOUT_RETURNED = "PAYOUT_RETURNED"
    BANK_SHORT = "BANK_SHORT"
    SETTLEMENT_REFUSED = "SETTLEMENT_REFUSED"
    RESERVE_DIFFERENCE = "RESERVE_DIFFERENCE"


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
        TaskKind.NEGATIVE_BALANCE: TaskText(
            "A merchant has owed us for long: agree how it pays.",
            "商户长期欠款：请与其商定还款方式。",
            timedelta(days=3),
        ),
        TaskKind.PAYOUT_RETURNED: TaskText(
            "A payout came back; no other is made until this is done: correct the account.",
            "出款被退回；处理完之前不再出款：请更正收款账户。",
            timedelta(days=1),
        ),
        TaskKind.BANK_SHORT: TaskText(
            "The bank has paid what our books of it do not have: book what it received.",
            "银行已付款，但账面余额不足：请补记银行收款。",
            timedelta(days=1),
        ),
        TaskKind.SETTLEMENT_REFUSED: TaskText(
            "A merchant could not be settled: see the code, and put it right.",
            "商户结算失败：请根据代码处理。",
            timedelta(days=1),
        ),
        TaskKind.RESERVE_DIFFERENCE: TaskText(
            "The three-way check of the reserve fund differs: find out why.",
            "备付金三方核对不一致：请查明原因。",
            timedelta(days=1),
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
