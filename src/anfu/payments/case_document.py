"""The documents others read of a case: answers, events, evidence. No personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anfu.payments.document import rfc3339
from anfu.risk.cases.case import Case, Item, Voice


def case_document(case: Case, *, now: datetime) -> dict[str, Any]:
    """A case as JSON values, without what it is about."""
    return {
        "id": case.id,
        "object": "case",
        "state": case.state,
        "grade": case.grade,
        "score": case.score,
        "amount": case.amount,
        "at_stake": case.at_stake,
        "currency": case.currency,
        "count": case.count,
        "revision": case.revision,
        "queue": case.queue,
        "holder": case.holder,
        "policy": case.policy,
        "opened_at": rfc3339(case.opened_at),
        "due_at": rfc3339(case.due_at),
        "responded_at": _moment(case.responded_at),
        "late": case.late(now=now),
        "left_s": 0 if case.responded_at else int((case.due_at - now).total_seconds()),
        "level": case.level,
        "waiting_at": rfc3339(case.waiting_at),
        "escalates_at": _moment(case.next_at),
        "closed_at": _moment(case.closed_at),
        "reopened": case.reopened,
    }


def item_document(item: Item) -> dict[str, Any]:
    """A decision of a case as JSON values."""
    return {
        "decision": item.decision,
        "event": item.event,
        "created_at": rfc3339(item.at),
        "amount": item.amount,
        "grade": item.grade,
        "score": item.score,
        "held": item.held,
        "fate": item.fate,
        "verdict": item.verdict,
        "reason": item.reason,
        "decided_by": item.decided_by,
        "decided_at": _moment(item.decided_at),
    }


def voice_document(voice: Voice) -> dict[str, Any]:
    """What a person said, as JSON values."""
    return {
        "id": voice.id,
        "created_at": rfc3339(voice.at),
        "by": voice.by,
        "verdict": voice.verdict,
        "reason": voice.reason,
        "decisions": voice.decisions,
        "two_people": voice.two,
        "state": voice.state,
        "second": voice.second,
        "second_at": _moment(voice.second_at),
    }


def case_leaf(case: Case) -> dict[str, Any]:
    """What the evidence keeps of a case: enough to know a changed row by it."""
    return {
        "state": case.state,
        "grade": case.grade,
        "score": case.score,
        "amount": case.amount,
        "currency": case.currency,
        "count": case.count,
        "revision": case.revision,
        "holder": case.holder,
        "policy": case.policy,
        "due_at": rfc3339(case.due_at),
        "responded_at": _moment(case.responded_at),
        "level": case.level,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
