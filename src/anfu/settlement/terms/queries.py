"""Reads of terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.keyring import KeyRing
from anfu.settlement.terms.document import account_of, agreed_of
from anfu.settlement.terms.terms import Terms
from anfu.storage.transaction import Tx

_PLAIN = ("id", "merchant", "currency", "from_day", "reason", "proposed_by", "proposed_at",
          "approved_by", "approved_at")  # fmt: skip
_COLUMNS = f"{', '.join(_PLAIN)}, body, sealed"


async def list_terms(tx: Tx, merchant: str, *, ring: KeyRing) -> list[Terms]:
    """Every version, proposed ones too, the newest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.terms WHERE merchant = $1 ORDER BY id DESC", merchant
    )
    return [_terms(row, ring) for row in rows]


async def list_approved(tx: Tx, merchant: str, currency: str, *, ring: KeyRing) -> list[Terms]:
    """Every version that was approved."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.terms"
        " WHERE merchant = $1 AND currency = $2 AND approved_at IS NOT NULL ORDER BY id",
        merchant, currency,
    )  # fmt: skip
    return [_terms(row, ring) for row in rows]


async def find_terms(tx: Tx, ids: Sequence[str], *, ring: KeyRing) -> dict[str, Terms]:
    """Those that exist, by id."""
    rows = await tx.fetch(f"SELECT {_COLUMNS} FROM settlement.terms WHERE id = ANY($1)", ids)
    return {row["id"]: _terms(row, ring) for row in rows}


async def list_unsettled(tx: Tx, *, day: date) -> list[tuple[str, str]]:
    """Merchant and currency of terms that have begun on `day`, where that day is not settled."""
    rows = await tx.fetch(
        "SELECT DISTINCT merchant, currency FROM settlement.terms t"
        " WHERE approved_at IS NOT NULL AND from_day <= $1"
        " AND NOT EXISTS (SELECT FROM settlement.settlement s WHERE s.merchant = t.merchant"
        " AND s.currency = t.currency AND s.day >= $1) ORDER BY merchant, currency",
        day,
    )
    return [(row["merchant"], row["currency"]) for row in rows]


async def last_day(tx: Tx, merchant: str, currency: str) -> date | None:
    """The last day the merchant was settled for."""
    found: date | None = await tx.fetchval(
        "SELECT max(day) FROM settlement.settlement WHERE merchant = $1 AND currency = $2",
        merchant, currency,
    )  # fmt: skip
    return found


async def lock_terms(tx: Tx, terms: str, *, merchant: str, ring: KeyRing) -> Terms:
    """One version, locked until the end. Raises Refused `settlement_terms_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM settlement.terms WHERE id = $1 AND merchant = $2"
        " FOR NO KEY UPDATE",
        terms, merchant,
    )  # fmt: skip
    if row is None:
        raise Refused("settlement_terms_not_found", field="terms")
    return _terms(row, ring)


async def list_undecided(
    tx: Tx, *, ring: KeyRing, person: str, today: date, most: int
) -> list[Terms]:  # fmt: skip
    """Terms nobody has approved that still may be and that `person` did not propose, the oldest
    first: their first day is neither past nor settled."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.terms t WHERE approved_at IS NULL AND proposed_by <> $1"
        " AND from_day >= $2 AND NOT EXISTS (SELECT FROM settlement.settlement s"
        " WHERE s.merchant = t.merchant AND s.currency = t.currency AND s.day >= t.from_day)"
        " ORDER BY id LIMIT $3",
        person, today, most,
    )  # fmt: skip
    return [_terms(row, ring) for row in rows]


def _terms(row: Any, ring: KeyRing) -> Terms:
    account = account_of(ring.unseal(row["sealed"], bound_to=row["id"]))
    kept = {name: row[name] for name in _PLAIN}
    return Terms(agreed=agreed_of(row["body"]), account=account, **kept)
