"""How accounts and sessions of staff are told to callers and to the evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anfu.parties.access.role import scopes_of
from anfu.parties.access.session import IDLE, Session
from anfu.parties.access.staff import Staff
from anfu.payments.document import rfc3339


def staff_document(staff: Staff) -> dict[str, Any]:
    """An account as JSON values."""
    until = staff.invitation_until
    return {
        "id": staff.id,
        "object": "staff",
        "login": staff.login,
        "name": staff.name,
        "roles": list(staff.roles),
        "scopes": sorted(scopes_of(staff.roles)),
        "state": staff.state,
        "invited_by": staff.invited_by,
        "invitation_until": None if until is None else rfc3339(until),
        "created_at": rfc3339(staff.created_at),
        "subject": staff.subject,
    }


def staff_known(staff: Staff, by: str) -> dict[str, Any]:
    """What the evidence and the events hold: no name."""
    return {"staff": staff.id, "state": staff.state, "roles": list(staff.roles), "by": by}


def session_document(session: Session, staff: Staff, csrf: str, *, now: datetime) -> dict[str, Any]:
    """A session as its own page sees it; `now` for what the page counts."""
    return {
        "id": session.id,
        "object": "session",
        "staff": staff_document(staff),
        "csrf": csrf,
        "idle_s": int(IDLE.total_seconds()),
        "created_at": rfc3339(session.created_at),
        "ends_at": rfc3339(session.ends_at),
        "now": rfc3339(now),
    }
