"""Reads. `merchant` is the caller's scope: outside it nothing is found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.parties.identity.onboarding import Onboarding
from anfu.parties.identity.onboarding import State as OnboardingState
from anfu.parties.identity.verification import (
    FirmKind,
    Kind,
    Particulars,
    Reply,
    State,
    Verification,
)
from anfu.parties.keyring import KeyRing
from anfu.parties.person import person_of
from anfu.storage.transaction import Tx


async def get_onboarding(
    tx: Tx, onboarding_id: str, *, ring: KeyRing, merchant: str | None, lock: bool = False
) -> Onboarding:
    """Raises Refused `onboarding_not_found`, and `customer_stored` once its customer asked to be
    forgotten. `lock`: nobody else changes it until the end."""
    row = await tx.fetchrow(
        "SELECT * FROM parties.onboarding WHERE id = $1"
        f" AND ($2::text IS NULL OR opened_by = $2){' FOR NO KEY UPDATE' if lock else ''}",
        onboarding_id, merchant,
    )  # fmt: skip
    if row is None:
        raise Refused("onboarding_not_found", field="onboarding")
    if row["stored_since"] is not None:
        raise Refused("customer_stored", field="onboarding")
    return Onboarding(
        id=row["id"],
        state=OnboardingState(row["state"]),
        person=person_of(ring.unseal(row["sealed"], bound_to=row["id"])),
        customer=row["customer"],
        opened_by=row["opened_by"],
        document_until=row["document_until"],
        created_at=row["created_at"],
    )


async def find_onboarding_of(tx: Tx, customer: str) -> str | None:
    """The onboarding a customer came by; None for one that was opened directly."""
    found: str | None = await tx.fetchval(
        "SELECT id FROM parties.onboarding WHERE customer = $1", customer
    )
    return found


async def get_verification(tx: Tx, verification_id: str, *, lock: bool = False) -> Verification:
    """A question we asked. Raises BrokenInvariant if there is none. `lock`: as above."""
    row = await tx.fetchrow(
        f"SELECT * FROM parties.verification WHERE id = $1{' FOR NO KEY UPDATE' if lock else ''}",
        verification_id,
    )
    if row is None:
        raise BrokenInvariant(f"{verification_id} was asked and is not there")
    return _verification(row)


async def particulars_of(tx: Tx, verification_id: str, *, ring: KeyRing) -> Particulars:
    """What is asked besides the person or firm."""
    sealed = await tx.fetchval(
        "SELECT sealed FROM parties.verification WHERE id = $1", verification_id
    )
    plain = json.loads(ring.unseal(sealed, bound_to=verification_id))
    until = plain["document_until"]
    day = None if until is None else date.fromisoformat(until)
    return Particulars(plain["card"], plain["capture"], day, plain.get("bank_account"))


async def list_verifications(tx: Tx, about: str) -> list[Verification]:
    """All questions about an onboarding or a firm, in the order they were asked."""
    rows = await tx.fetch(
        "SELECT * FROM parties.verification WHERE onboarding = $1 OR firm = $1 ORDER BY id", about
    )
    return [_verification(row) for row in rows]


async def list_due(tx: Tx, *, before: datetime, most: int = 100) -> Sequence[str]:
    """Questions without an answer that were last asked before `before`, the oldest first."""
    rows = await tx.fetch(
        "SELECT v.id FROM parties.verification v"
        " LEFT JOIN parties.onboarding o ON o.id = v.onboarding"
        " LEFT JOIN parties.firm f ON f.id = v.firm"
        " WHERE v.state IN ('ASKED', 'UNKNOWN') AND v.asked_at < $1"
        " AND o.stored_since IS NULL AND f.stored_since IS NULL"
        " ORDER BY v.asked_at LIMIT $2",
        before, most,
    )  # fmt: skip
    return [row["id"] for row in rows]


def _verification(row: Any) -> Verification:
    return Verification(
        id=row["id"],
        about=row["onboarding"] or row["firm"],
        kind=Kind(row["kind"]) if row["firm"] is None else FirmKind(row["kind"]),
        attempts=row["attempts"],
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
        reply=Reply(
            State(row["state"]), row["reason"], row["source"], row["bank_grade"], row["firm_state"]
        ),
    )
