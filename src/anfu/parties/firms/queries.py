"""Reads. `merchant` is the caller's scope: outside it nothing is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.firms.firm import Firm, State
from anfu.parties.firms.ownership import Ownership
from anfu.parties.firms.sealed import dossier_of, holders_of
from anfu.parties.keyring import KeyRing
from anfu.parties.party import Party
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class FirmPage:
    """At most `most` firms with an id before `before`, in one state; `merchant` is the scope."""

    most: int
    before: str | None = None
    merchant: str | None = None
    state: State | None = None


async def get_firm(
    tx: Tx, firm_id: str, *, ring: KeyRing, merchant: str | None, lock: bool = False
) -> Firm:
    """Raises Refused `firm_not_found`, and `customer_stored` once it has left. `lock`: nobody else
    changes it until the end."""
    row = await tx.fetchrow(
        "SELECT * FROM parties.firm WHERE id = $1"
        f" AND ($2::text IS NULL OR opened_by = $2){' FOR NO KEY UPDATE' if lock else ''}",
        firm_id, merchant,
    )  # fmt: skip
    if row is None:
        raise Refused("firm_not_found", field="firm")
    if row["stored_since"] is not None:
        raise Refused("customer_stored", field="firm")
    return _firm(row, ring)


async def list_firms(tx: Tx, page: FirmPage, *, ring: KeyRing) -> list[Firm]:
    """A page of firms that have not left, the newest first."""
    rows = await tx.fetch(
        "SELECT * FROM parties.firm WHERE stored_since IS NULL"
        " AND ($1::text IS NULL OR opened_by = $1) AND ($2::text IS NULL OR state = $2)"
        " AND ($3::text IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        page.merchant, page.state, page.before, page.most,
    )  # fmt: skip
    return [_firm(row, ring) for row in rows]


async def list_ownerships(tx: Tx, firm: str, *, ring: KeyRing) -> list[Ownership]:
    """Every ownership declared, oldest first."""
    rows = await tx.fetch("SELECT * FROM parties.ownership WHERE firm = $1 ORDER BY id", firm)
    return [_ownership(row, ring) for row in rows]


async def get_ownership(tx: Tx, ownership_id: str, firm: str, *, ring: KeyRing) -> Ownership:
    """One ownership of this firm, locked. Raises Refused `ownership_not_found`."""
    row = await tx.fetchrow(
        "SELECT * FROM parties.ownership WHERE id = $1 AND firm = $2 FOR NO KEY UPDATE",
        ownership_id, firm,
    )  # fmt: skip
    if row is None:
        raise Refused("ownership_not_found", field="ownership")
    return _ownership(row, ring)


async def find_firms(tx: Tx, ids: Sequence[str]) -> dict[str, Party]:
    """Firms as payers and payees; those that do not exist are left out."""
    rows = await tx.fetch("SELECT * FROM parties.firm WHERE id = ANY($1::text[])", ids)
    return {row["id"]: _party(row) for row in rows}


async def find_firm_names(tx: Tx, ids: Sequence[str], *, ring: KeyRing) -> dict[str, str]:
    """The names of the firms among `ids` that have not left."""
    rows = await tx.fetch(
        "SELECT id, sealed FROM parties.firm WHERE id = ANY($1::text[]) AND stored_since IS NULL",
        ids,
    )
    return {r["id"]: dossier_of(ring.unseal(r["sealed"], bound_to=r["id"])).name for r in rows}


async def list_unscreened(
    tx: Tx, *, before: datetime, today: date, most: int = 100
) -> list[str]:  # fmt: skip
    """Firms that can pay `today`, about which their registry was last asked before `before`."""
    rows = await tx.fetch(
        "SELECT f.id FROM parties.firm f WHERE f.state = 'OPENED' AND f.document_until >= $2"
        " AND NOT EXISTS"
        " (SELECT FROM parties.verification v WHERE v.firm = f.id AND v.kind = 'FIRM_REGISTRY'"
        " AND (v.asked_at >= $1 OR v.state IN ('ASKED', 'UNKNOWN'))) ORDER BY f.id LIMIT $3",
        before, today, most,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def list_unconfirmed(
    tx: Tx, *, person: str, most: int
) -> list[tuple[str, str, str, datetime]]:  # fmt: skip
    """Ownerships nobody has confirmed that `person` did not declare, the oldest first: id, firm,
    who declared it and when. Who the owners are stays sealed."""
    rows = await tx.fetch(
        "SELECT o.id, o.firm, o.declared_by, o.declared_at FROM parties.ownership o"
        " JOIN parties.firm f ON f.id = o.firm WHERE o.confirmed_at IS NULL AND o.declared_by <> $1"
        " AND f.stored_since IS NULL ORDER BY o.id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [tuple(row) for row in rows]


def _firm(row: Any, ring: KeyRing) -> Firm:
    dossier = dossier_of(ring.unseal(row["sealed"], bound_to=row["id"]))
    return Firm(row["id"], State(row["state"]), dossier, row["opened_by"], row["created_at"])


def _party(row: Any) -> Party:
    return Party(
        row["id"], "CUSTOMER", row["state"] == "OPENED", None, (),
        document_until=row["document_until"], opened_by=row["opened_by"], firm=True,
        # 反洗钱法 28: nobody is served whose identity is not clear.
        barred="firm_not_verified" if row["state"] == "APPLIED" else "party_suspended",
    )  # fmt: skip


def _ownership(row: Any, ring: KeyRing) -> Ownership:
    return Ownership(
        row["id"], row["firm"], holders_of(ring.unseal(row["sealed"], bound_to=row["id"])),
        row["declared_by"], row["declared_at"], row["confirmed_by"], row["confirmed_at"],
    )  # fmt: skip
