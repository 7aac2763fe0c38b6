"""Writes of accounts and sessions of staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.kernel.states import check_move
from anfu.parties.access.queries import COLUMNS, count_tried, lock_admins, staff_of
from anfu.parties.access.rates import Tried
from anfu.parties.access.role import check_roles
from anfu.parties.access.session import GRACE, TOKEN_PREFIX, End, NewSession, Session
from anfu.parties.access.session import PREFIX as SESSION_PREFIX
from anfu.parties.access.staff import (
    ADMIN,
    INVITATION,
    INVITATION_PREFIX,
    MOVES,
    PREFIX,
    Invited,
    NewStaff,
    Staff,
    State,
    parse_login,
)
from anfu.parties.party import clean_text
from anfu.parties.secret import new_secret, secret_hash
from anfu.storage.transaction import Tx

_ATTEMPT = "att"
# Attempts at one account, and then those from one address, are counted one after the other: a
# hundred at once are a hundred.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('parties.sign_in', get_byte($1, 0)))"
_TURN_FROM = "SELECT pg_advisory_xact_lock(hashtextextended('parties.sign_in ' || $1::text, 0))"


async def create_staff(tx: Tx, *, order: NewStaff, entropy: Entropy, now: datetime) -> Invited:
    """An INVITED account with its link. Raises Refused `login_invalid`, `name_invalid`,
    `roles_invalid`, `roles_apart`, `login_taken`."""
    staff = Staff(
        new_id(PREFIX, now=now, entropy=entropy), parse_login(order.login),
        clean_text(order.name, field="name"), check_roles(order.roles), State.INVITED, order.by,
        now,
    )  # fmt: skip
    done = await tx.execute(
        "INSERT INTO parties.staff (id, login, name, roles, state, invited_by, created_at,"
        " changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (login) DO NOTHING",
        staff.id, staff.login, staff.name, list(staff.roles), staff.state, order.by, now,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Refused("login_taken", field="login")
    return await invite(tx, staff=staff, entropy=entropy, now=now)


async def invite(tx: Tx, *, staff: Staff, entropy: Entropy, now: datetime) -> Invited:
    """A new link for an INVITED account; the one before is good no more. Raises Refused
    `staff_state`."""
    invitation = new_secret(INVITATION_PREFIX, entropy=entropy)
    row = await tx.fetchrow(
        "UPDATE parties.staff SET invitation_hash = $2, invitation_until = $3, changed_at = $4"
        f" WHERE id = $1 AND state = 'INVITED' RETURNING {COLUMNS}",
        staff.id, secret_hash(invitation), now + INVITATION, now,
    )  # fmt: skip
    if row is None:
        raise Refused("staff_state", field="staff", state=staff.state)
    return Invited(staff_of(row), invitation)


async def move_staff(tx: Tx, *, staff: Staff, state: State, now: datetime) -> Staff:
    """The locked account in another state; its link is no more, and its sessions end unless it is
    now ACTIVE. Raises Refused `staff_state`, and `last_administrator` when nobody would be left who
    makes accounts."""
    if state not in MOVES[staff.state]:
        raise Refused("staff_state", field="staff", state=staff.state)
    check_move(MOVES, staff.state, state)
    if staff.state is State.ACTIVE:
        await _check_administrator_left(tx, staff)
    if state is not State.ACTIVE:
        await end_sessions(tx, staff_id=staff.id, why=End.CHANGED, now=now)
    await tx.execute(
        "UPDATE parties.staff SET state = $2, invitation_hash = NULL, invitation_until = NULL,"
        " changed_at = $3 WHERE id = $1",
        staff.id, state, now,
    )  # fmt: skip
    return replace(staff, state=state, invitation_until=None)


async def set_roles(tx: Tx, *, staff: Staff, roles: tuple[str, ...], now: datetime) -> Staff:
    """The locked account with other roles. Its sessions end: what it may do begins with a new
    sign-in and a new token. Raises Refused as `check_roles`, and `last_administrator`."""
    wanted = check_roles(roles)
    if ADMIN not in wanted and staff.state is State.ACTIVE:
        await _check_administrator_left(tx, staff)
    await end_sessions(tx, staff_id=staff.id, why=End.CHANGED, now=now)
    await tx.execute(
        "UPDATE parties.staff SET roles = $2, changed_at = $3 WHERE id = $1",
        staff.id, list(wanted), now,
    )  # fmt: skip
    return replace(staff, roles=wanted)


async def set_subject(tx: Tx, *, staff: Staff, subject: str, now: datetime) -> Staff:
    """The locked account, which from now on is `subject` at the identity provider. Raises Refused
    `subject_taken`."""
    if await tx.fetch(
        "SELECT 1 FROM parties.staff WHERE subject = $1 AND id <> $2", subject, staff.id
    ):
        raise Refused("subject_taken", field="subject")
    await tx.execute(
        "UPDATE parties.staff SET subject = $2, changed_at = $3 WHERE id = $1",
        staff.id, subject, now,
    )  # fmt: skip
    return replace(staff, subject=subject)


async def _check_administrator_left(tx: Tx, staff: Staff) -> None:
    if ADMIN in staff.roles and set(await lock_admins(tx)) <= {staff.id}:
        raise Refused("last_administrator", field="staff")


async def begin_attempt(
    tx: Tx, *, account: bytes, address: str, entropy: Entropy, now: datetime
) -> tuple[str, Tried]:
    """Count an attempt before it is looked at, so that many at once are many; its id, and what was
    tried before. Raises Refused `sign_in_throttled` with `wait_s`: then nothing is counted."""
    await tx.fetch(_TURN, account)
    await tx.fetch(_TURN_FROM, address)
    tried = await count_tried(tx, account, address, now=now)
    if tried.wait is not None:
        seconds = int(tried.wait.total_seconds())
        raise Refused("sign_in_throttled", wait_s=seconds)
    id_ = new_id(_ATTEMPT, now=now, entropy=entropy)
    await tx.execute(
        "INSERT INTO parties.sign_in_attempt (id, account, address, at) VALUES ($1, $2, $3, $4)",
        id_, account, address, now,
    )  # fmt: skip
    return id_, tried


async def end_attempt(tx: Tx, *, attempt: str, account: bytes, address: str) -> None:
    """It ended in a session: neither it nor the mistakes before it, from there, count any more."""
    await tx.execute(
        "DELETE FROM parties.sign_in_attempt WHERE id = $1 OR (account = $2 AND address = $3)",
        attempt, account, address,
    )  # fmt: skip


async def spend_ticket(tx: Tx, *, ticket: str, now: datetime) -> bool:
    """Whether the ticket was good until now; from now on it is not."""
    done = await tx.execute(
        "INSERT INTO parties.sign_in_spent (ticket, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        ticket, now,
    )  # fmt: skip
    return done == "INSERT 0 1"


async def forget_attempts(tx: Tx, *, before: datetime) -> None:
    """Drop what no rate counts and no ticket reaches any more: `before` lies more than a day in the
    past."""
    await tx.execute("DELETE FROM parties.sign_in_attempt WHERE at < $1", before)
    await tx.execute("DELETE FROM parties.sign_in_spent WHERE at < $1", before)


async def open_session(
    tx: Tx, *, asked: NewSession, entropy: Entropy, now: datetime
) -> tuple[Session, str]:
    """A new session and its token."""
    token = new_secret(TOKEN_PREFIX, entropy=entropy)
    session = Session(
        new_id(SESSION_PREFIX, now=now, entropy=entropy), asked.staff_id, secret_hash(token), None,
        None, asked.address, now, now, now, now + asked.lifetime, roles=asked.roles,
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO parties.staff_session (id, staff_id, token_hash, address, created_at,"
        " rotated_at, seen_at, ends_at, roles) VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7)",
        session.id, asked.staff_id, session.token_hash, asked.address, now, session.ends_at,
        asked.roles,
    )  # fmt: skip
    return session, token


async def rotate_session(tx: Tx, *, session: Session, entropy: Entropy, now: datetime) -> str:
    """The new token of a locked session; the one before is good for `GRACE`."""
    token = new_secret(TOKEN_PREFIX, entropy=entropy)
    done = await tx.execute(
        "UPDATE parties.staff_session SET old_hash = token_hash, old_until = $3, token_hash = $2,"
        " rotated_at = $4, seen_at = $4 WHERE id = $1 AND ended_at IS NULL",
        session.id, secret_hash(token), now + GRACE, now,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant("a locked session ended")
    return token


async def touch_session(tx: Tx, *, session: Session, now: datetime) -> None:
    """Somebody is there."""
    await tx.execute("UPDATE parties.staff_session SET seen_at = $2 WHERE id = $1", session.id, now)


async def end_session(tx: Tx, *, session_id: str, why: End, now: datetime) -> None:
    """Its tokens are good no more."""
    await tx.execute(
        "UPDATE parties.staff_session SET ended_at = $2, ended_why = $3"
        " WHERE id = $1 AND ended_at IS NULL",
        session_id, now, why,
    )  # fmt: skip


async def end_sessions(tx: Tx, *, staff_id: str, why: End, now: datetime) -> list[str]:
    """End every session of an account; the ids of those that were open."""
    rows = await tx.fetch(
        "UPDATE parties.staff_session SET ended_at = $2, ended_why = $3"
        " WHERE staff_id = $1 AND ended_at IS NULL RETURNING id",
        staff_id, now, why,
    )  # fmt: skip
    return sorted(row["id"] for row in rows)
