"""Reads of accounts and sessions of staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.access.rates import DAY, HOUR, QUARTER, Tried
from anfu.parties.access.session import IDLE, Session, narrowed
from anfu.parties.access.staff import ADMIN, Staff, State
from anfu.parties.secret import secret_hash
from anfu.storage.transaction import Tx

COLUMNS = "id, login, name, roles, state, invited_by, created_at, invitation_until, subject"
SESSION = (
    "id, staff_id, token_hash, old_hash, old_until, address, created_at, rotated_at, seen_at,"
    " ends_at, ended_at, roles"
)
_TRIED = """
SELECT count(*) FILTER (WHERE account = $1 AND address = $2 AND at > $3) AS both_quarter,
       count(*) FILTER (WHERE account = $1 AND at > $4) AS account_hour,
       count(*) FILTER (WHERE account = $1) AS account_day,
       count(*) FILTER (WHERE address = $2 AND at > $3) AS address_quarter
  FROM parties.sign_in_attempt WHERE at > $5 AND (account = $1 OR address = $2)
"""


async def get_staff(tx: Tx, staff_id: str, *, lock: bool = False) -> Staff:
    """The account, its row locked until the transaction ends if `lock`. Raises Refused
    `staff_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM parties.staff WHERE id = $1" + (" FOR UPDATE" if lock else ""),
        staff_id,
    )
    if row is None:
        raise Refused("staff_not_found", field="staff")
    return staff_of(row)


async def find_staff_by_login(tx: Tx, login: str) -> Staff | None:
    """The account with this login, in its one spelling."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM parties.staff WHERE login = $1", login)
    return None if row is None else staff_of(row)


async def find_staff_by_subject(tx: Tx, subject: str) -> Staff | None:
    """The account that is `subject` at the identity provider, locked."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM parties.staff WHERE subject = $1 FOR UPDATE", subject
    )
    return None if row is None else staff_of(row)


async def find_invited(tx: Tx, invitation: str, *, now: datetime) -> Staff | None:
    """The account whose link this is, locked, unless the link has run out."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM parties.staff WHERE invitation_hash = $1"
        " AND invitation_until > $2 FOR UPDATE",
        secret_hash(invitation),
        now,
    )
    return None if row is None else staff_of(row)


async def find_logins(tx: Tx, ids: Sequence[str]) -> dict[str, str]:
    """What those of `ids` that are accounts sign in with."""
    rows = await tx.fetch("SELECT id, login FROM parties.staff WHERE id = ANY($1::text[])", ids)
    return {row["id"]: row["login"] for row in rows}


async def list_staff(tx: Tx, *, before: str | None = None, most: int = 50) -> list[Staff]:
    """A page, the newest first, of accounts with an id smaller than `before`."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM parties.staff WHERE ($1::text IS NULL OR id < $1)"
        " ORDER BY id DESC LIMIT $2",
        before,
        most,
    )
    return [staff_of(row) for row in rows]


async def lock_admins(tx: Tx) -> list[str]:
    """The ids of the active administrators, none of which another transaction changes until this
    one ends."""
    rows = await tx.fetch(
        "SELECT id FROM parties.staff WHERE state = $1 AND $2 = ANY(roles) ORDER BY id FOR UPDATE",
        State.ACTIVE,
        ADMIN,
    )
    return [row["id"] for row in rows]


async def count_tried(tx: Tx, account: bytes, address: str, *, now: datetime) -> Tried:
    """Attempts at the account, and from the address, that did not end in a session."""
    row = await tx.fetchrow(_TRIED, account, address, now - QUARTER, now - HOUR, now - DAY)
    return Tried(**row)


async def find_session(tx: Tx, token: str) -> tuple[Session, Staff] | None:
    """The session whose token this is, or was before the last rotation, and whose it is. Its row
    is locked: of two requests that would rotate, one does."""
    row = await tx.fetchrow(
        f"SELECT {SESSION} FROM parties.staff_session WHERE token_hash = $1 OR old_hash = $1"
        " FOR UPDATE",
        secret_hash(token),
    )
    if row is None:
        return None
    session = _session(row)
    return session, narrowed(await get_staff(tx, session.staff_id), session)


async def list_sessions(tx: Tx, staff_id: str) -> list[Session]:
    """The sessions of an account that have not been ended, the newest first."""
    rows = await tx.fetch(
        f"SELECT {SESSION} FROM parties.staff_session WHERE staff_id = $1 AND ended_at IS NULL"
        " ORDER BY id DESC",
        staff_id,
    )
    return [_session(row) for row in rows]


async def find_over(tx: Tx, ids: Sequence[str], *, now: datetime) -> frozenset[str]:
    """Those of the sessions that are no more good: ended, over, idle, or of an account that is not
    active."""
    rows = await tx.fetch(
        "SELECT s.id FROM parties.staff_session s JOIN parties.staff a ON a.id = s.staff_id"
        " WHERE s.id = ANY($1::text[]) AND (s.ended_at IS NOT NULL OR s.ends_at <= $2"
        " OR s.seen_at <= $3 OR a.state <> $4)",
        ids,
        now,
        now - IDLE,
        State.ACTIVE,
    )
    return frozenset(row["id"] for row in rows)


def _session(row: Any) -> Session:
    roles = row["roles"]
    return Session(**{**row, "roles": None if roles is None else tuple(roles)})


def staff_of(row: Any) -> Staff:
    """The account a row of COLUMNS holds."""
    return Staff(**{**row, "roles": tuple(row["roles"]), "state": State(row["state"])})
