"""A session of staff (会话): a token in a cookie, rotated, with an idle and an absolute end.

The token is 256 random bits and kept as a hash. It is new at every sign-in, whatever the browser
sent before (no fixation), and anew every ten minutes; the one before is good for half a minute
more, for requests that were on their way. A token that comes back after that was copied: the
session ends for both. PCI DSS 4.0.1 8.2.8 asks for fifteen minutes of idleness at the most.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from anfu.kernel.canonical import canonical_bytes
from anfu.parties.access.staff import Staff

PREFIX = "ses"
TOKEN_PREFIX = "st"  # noqa: S105 - the first letters of a token, not one
IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=12)
ROTATE, GRACE = timedelta(minutes=10), timedelta(seconds=30)
# seen_at is written when it is this old: not at each request.
TOUCH = timedelta(seconds=30)


class End(StrEnum):
    """Why a session ended. CHANGED: what the account may do has changed. REPLAYED: a token came
    back that had been rotated away."""

    SIGNED_OUT = "SIGNED_OUT"
    EVERYWHERE = "EVERYWHERE"
    IDLE = "IDLE"
    OVER = "OVER"
    CHANGED = "CHANGED"
    REPLAYED = "REPLAYED"


class Turn(StrEnum):
    """What a request does to its session."""

    KEEP = "KEEP"
    TOUCH = "TOUCH"
    ROTATE = "ROTATE"


@dataclass(frozen=True, slots=True)
class Session:
    """One row. `old_hash`: of the token before the last rotation."""

    id: str
    staff_id: str
    token_hash: bytes = field(repr=False)
    old_hash: bytes | None = field(repr=False)
    old_until: datetime | None
    address: str
    created_at: datetime
    rotated_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """An order: it is over after `lifetime`, and has these `roles` of the account's alone."""

    staff_id: str
    address: str
    lifetime: timedelta
    roles: tuple[str, ...] | None = None


def narrowed(staff: Staff, session: Session) -> Staff:
    """The account as the session has it."""
    given = session.roles
    if given is None:
        return staff
    return replace(staff, roles=tuple(role for role in staff.roles if role in given))


def judge(session: Session, presented: bytes, *, now: datetime) -> Turn | End:
    """What becomes of an open session when a token with the hash `presented`, one of its two, comes
    at `now`. An IDLE or OVER one ends as of now."""
    if now >= session.ends_at:
        return End.OVER
    if now >= session.seen_at + IDLE:
        return End.IDLE
    if not hmac.compare_digest(presented, session.token_hash):
        on_its_way = session.old_until is not None and now < session.old_until
        return Turn.KEEP if on_its_way else End.REPLAYED
    if now >= session.rotated_at + ROTATE:
        return Turn.ROTATE
    return Turn.TOUCH if now >= session.seen_at + TOUCH else Turn.KEEP


def csrf_token(key: bytes, session_id: str) -> str:
    """What a page of ours sends with each write, and no other page can know: 32 bytes in hex."""
    content = canonical_bytes({"v": 1, "csrf": session_id})
    return hmac.digest(key, content, "sha256").hex()
