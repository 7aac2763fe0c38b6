"""Reads. Only the institution sees applications: there is no scope to keep to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.parties.applications.application import (
    Application,
    State,
    Suspension,
    particulars_of,
)
from anfu.parties.applications.inquiry import Inquiry, Registry
from anfu.parties.applications.rating import Rating
from anfu.parties.applications.scene import Scene
from anfu.parties.identity.verification import Reply
from anfu.parties.identity.verification import State as ReplyState
from anfu.parties.keyring import KeyRing
from anfu.storage.transaction import Tx

_SELECT = (
    "SELECT a.*, m.name, m.mcc FROM parties.application a"
    " JOIN parties.merchant m ON m.id = a.merchant"
)


async def get_application(
    tx: Tx, application: str, *, ring: KeyRing, lock: bool = False
) -> Application:
    """Raises Refused `application_not_found`. `lock`: nobody else changes it until the end."""
    row = await tx.fetchrow(
        f"{_SELECT} WHERE a.id = $1{' FOR NO KEY UPDATE OF a' if lock else ''}", application
    )
    if row is None:
        raise Refused("application_not_found", field="application")
    return _application(row, ring)


async def find_of_merchant(tx: Tx, merchant: str, *, ring: KeyRing) -> Application | None:
    """The application by which somebody is a merchant; None for one from before there were any."""
    row = await tx.fetchrow(f"{_SELECT} WHERE a.merchant = $1", merchant)
    return None if row is None else _application(row, ring)


async def list_applications(
    tx: Tx, *, ring: KeyRing, state: State | None, merchant: str | None, before: str | None,
    most: int,
) -> list[Application]:  # fmt: skip
    """A page, the newest first."""
    rows = await tx.fetch(
        f"{_SELECT} WHERE ($1::text IS NULL OR a.state = $1) AND ($2::text IS NULL OR a.id < $2)"
        " AND ($4::text IS NULL OR a.merchant = $4) ORDER BY a.id DESC LIMIT $3",
        state, before, most, merchant,
    )  # fmt: skip
    return [_application(row, ring) for row in rows]


async def list_overdue(tx: Tx, *, today: date, most: int) -> Sequence[str]:
    """Applications of merchants that were to be looked at again before `today`."""
    rows = await tx.fetch(
        "SELECT id FROM parties.application WHERE state IN ('APPROVED', 'SUSPENDED')"
        " AND unverified_since IS NULL AND due_on < $1 ORDER BY due_on LIMIT $2",
        today, most,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def get_inquiry(tx: Tx, inquiry: str, *, lock: bool = False) -> Inquiry:
    """A question we asked. Raises BrokenInvariant if there is none. `lock`: as above."""
    row = await tx.fetchrow(
        f"SELECT * FROM parties.inquiry WHERE id = $1{' FOR NO KEY UPDATE' if lock else ''}",
        inquiry,
    )
    if row is None:
        raise BrokenInvariant(f"{inquiry} was asked and is not there")
    return _inquiry(row)


async def list_inquiries(tx: Tx, application: str) -> list[Inquiry]:
    """All questions about an application, in the order they were asked."""
    rows = await tx.fetch(
        "SELECT * FROM parties.inquiry WHERE application = $1 ORDER BY id", application
    )
    return [_inquiry(row) for row in rows]


async def list_late(tx: Tx, *, before: datetime, most: int) -> Sequence[str]:
    """Questions without an answer that were last asked before `before`, the oldest first: of
    applications that have ended nothing is asked."""
    rows = await tx.fetch(
        "SELECT i.id FROM parties.inquiry i JOIN parties.application a ON a.id = i.application"
        " WHERE i.state IN ('ASKED', 'UNKNOWN') AND i.asked_at < $1"
        " AND a.state NOT IN ('REFUSED', 'CLOSED') ORDER BY i.asked_at LIMIT $2",
        before, most,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def list_undecided(
    tx: Tx, *, ring: KeyRing, person: str, most: int
) -> list[Application]:  # fmt: skip
    """Checked applications that `person` neither wrote nor submitted, the oldest first."""
    rows = await tx.fetch(
        f"{_SELECT} WHERE a.state = 'CHECKED' AND a.written_by <> $1 AND a.submitted_by <> $1"
        " ORDER BY a.id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [_application(row, ring) for row in rows]


def _application(row: Any, ring: KeyRing) -> Application:
    suspension = None
    if row["suspended_by"] is not None:
        suspension = Suspension(row["suspended_by"], row["suspended_at"], row["suspended_for"])
    rating = row["rating"]
    return Application(
        id=row["id"],
        merchant=row["merchant"],
        state=State(row["state"]),
        name=row["name"],
        legal_name=row["legal_name"],
        credit_code=row["credit_code"],
        mcc=row["mcc"],
        scenes=frozenset(map(Scene, row["scenes"])),
        particulars=particulars_of(ring.unseal(row["sealed"], bound_to=row["id"])),
        document_until=row["document_until"],
        written_by=row["written_by"],
        created_at=row["created_at"],
        submitted_by=row["submitted_by"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        refusal=row["refusal"],
        rating=None if rating is None else Rating(rating),
        due_on=row["due_on"],
        suspension=suspension,
        unverified_since=row["unverified_since"],
        visited_on=row["visited_on"],
    )


def _inquiry(row: Any) -> Inquiry:
    return Inquiry(
        id=row["id"],
        application=row["application"],
        registry=Registry(row["registry"]),
        attempts=row["attempts"],
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
        reply=Reply(
            ReplyState(row["state"]), row["reason"], row["source"], firm_state=row["firm_state"]
        ),
    )
