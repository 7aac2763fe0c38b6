"""Writes of terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.parties.keyring import Sealer
from anfu.settlement.terms.document import account_bytes, agreed_document
from anfu.settlement.terms.terms import Terms
from anfu.storage.transaction import Tx


async def insert_terms(tx: Tx, *, terms: Terms, sealer: Sealer) -> None:
    """Write a version that waits for a second person."""
    await tx.execute(
        "INSERT INTO settlement.terms"
        " (id, merchant, currency, from_day, body, sealed, reason, proposed_by, proposed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        terms.id, terms.merchant, terms.currency, terms.from_day,
        canonical_bytes(agreed_document(terms.agreed)).decode(),
        sealer.seal(account_bytes(terms.account), bound_to=terms.id),
        terms.reason, terms.proposed_by, terms.proposed_at,
    )  # fmt: skip


async def approve_terms(tx: Tx, *, terms: Terms, by: str, now: datetime) -> Terms:
    """The version, which the caller has locked, as approved; that `by` is a second person the
    caller has asked. Raises Refused `settlement_terms_approved`."""
    if terms.approved_at is not None:
        raise Refused("settlement_terms_approved", field="terms")
    await tx.execute(
        "UPDATE settlement.terms SET approved_by = $2, approved_at = $3 WHERE id = $1",
        terms.id, by, now,
    )  # fmt: skip
    return replace(terms, approved_by=by, approved_at=now)
