"""Reads of mandates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.mandates.mandate import Mandate, State, Terms
from anfu.storage.transaction import Tx

COLUMNS = (
    "id, customer, merchant, currency, per_payment, per_day, per_month, ends_at, purpose, device,"
    " state, created_at, agreed_at, ended_at, ended_by, quiet_until"
)


async def find_mandates(tx: Tx, ids: Sequence[str], *, lock: bool = False) -> dict[str, Mandate]:
    """Those that exist, by id; `lock`: nobody revokes one or draws on it until this transaction
    ends."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM parties.mandate WHERE id = ANY($1) ORDER BY id"
        + (" FOR UPDATE" if lock else ""),
        list(ids),
    )
    return {row["id"]: mandate_of(row) for row in rows}


async def get_mandate(tx: Tx, mandate: str, *, merchant: str | None, lock: bool = False) -> Mandate:
    """Raises Refused(mandate_not_found), also for another merchant's."""
    found = (await find_mandates(tx, [mandate], lock=lock)).get(mandate)
    if found is None or merchant not in (None, found.terms.merchant):
        raise Refused("mandate_not_found", field="mandate")
    return found


async def list_mandates(tx: Tx, *, customer: str, merchant: str | None) -> list[Mandate]:
    """A customer's, newest first; within the caller's scope."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM parties.mandate"
        " WHERE customer = $1 AND ($2::text IS NULL OR merchant = $2) ORDER BY id DESC",
        customer,
        merchant,
    )
    return [mandate_of(row) for row in rows]


def mandate_of(row: Mapping[str, Any]) -> Mandate:
    """A row of the table."""
    terms = Terms(**{name: row[name] for name in Terms.__slots__})
    return Mandate(
        row["id"], terms, State(row["state"]), row["created_at"], row["agreed_at"],
        row["ended_at"], row["ended_by"], row["quiet_until"],
    )  # fmt: skip
