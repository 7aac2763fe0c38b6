"""Writes of firms and of who owns them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import new_id
from anfu.kernel.states import check_move
from anfu.parties.firms import ownership as ownerships
from anfu.parties.firms.firm import MOVES, Dossier, Firm, State, code_index
from anfu.parties.firms.ownership import Holders, Ownership
from anfu.parties.firms.sealed import dossier_bytes, holders_bytes
from anfu.parties.keyring import Sealer
from anfu.parties.party import FIRM_PREFIX
from anfu.parties.privacy.operations import empty
from anfu.storage.transaction import Tx


async def apply(
    tx: Tx, *, dossier: Dossier, opened_by: str | None, sealer: Sealer, now: datetime
) -> Firm:
    """A new application. Raises Refused `firm_exists` when the code is known (43号 art. 6)."""
    id_ = new_id(FIRM_PREFIX, now=now, entropy=sealer.entropy)
    done = await tx.execute(
        "INSERT INTO parties.firm (id, state, opened_by, document_until, created_at, sealed,"
        " code_index) VALUES ($1, 'APPLIED', $2, $3, $4, $5, $6)"
        " ON CONFLICT (code_index) DO NOTHING",
        id_, opened_by, dossier.document_until, now,
        sealer.seal(dossier_bytes(dossier), bound_to=id_),
        code_index(sealer.ring, dossier.credit_code),
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Refused("firm_exists", field="credit_code")
    return Firm(id_, State.APPLIED, dossier, opened_by, now)


async def move(tx: Tx, *, before: Firm, after: Firm, sealer: Sealer) -> None:
    """`after` instead of `before`, which the caller has locked."""
    if before.state is not after.state:
        check_move(MOVES, before.state, after.state)
    done = await tx.execute(
        "UPDATE parties.firm SET state = $3, document_until = $4, sealed = $5"
        " WHERE id = $1 AND state = $2",
        before.id, before.state, after.state, after.dossier.document_until,
        sealer.seal(dossier_bytes(after.dossier), bound_to=after.id),
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{before.id} moved although it was locked")


async def declare(
    tx: Tx, *, firm: str, holders: Holders, by: str, sealer: Sealer, now: datetime
) -> Ownership:
    """An ownership that waits for a second person."""
    id_ = new_id(ownerships.PREFIX, now=now, entropy=sealer.entropy)
    await tx.execute(
        "INSERT INTO parties.ownership (id, firm, declared_by, declared_at, sealed)"
        " VALUES ($1, $2, $3, $4, $5)",
        id_, firm, by, now, sealer.seal(holders_bytes(holders), bound_to=id_),
    )  # fmt: skip
    return Ownership(id_, firm, holders, by, now)


async def store_firm(tx: Tx, *, firm: str, now: datetime) -> None:
    """From now on what is kept of a firm and the persons behind it is only stored."""
    await tx.execute(
        "UPDATE parties.firm SET state = 'CLOSED', stored_since = $2 WHERE id = $1", firm, now
    )


async def erase_firm(tx: Tx, *, firm: str, sealer: Sealer) -> None:
    """Nothing of a stored firm is left: sealed values are emptied, its index is random. The ids
    stay, since books and evidence name them."""
    for table in ("verification", "ownership"):
        rows = await tx.fetch(f"SELECT id FROM parties.{table} WHERE firm = $1", firm)
        await empty(tx, table=f"parties.{table}", ids=[row["id"] for row in rows], sealer=sealer)
    await empty(tx, table="parties.firm", ids=[firm], sealer=sealer)
    await tx.execute(
        "UPDATE parties.firm SET code_index = $2 WHERE id = $1", firm, sealer.entropy.bytes(32)
    )


async def confirm(tx: Tx, *, ownership: Ownership, by: str, now: datetime) -> Ownership:
    """The ownership, which the caller has locked, as a second person found it right. Raises
    Refused `ownership_confirmed`."""
    if ownership.confirmed_at is not None:
        raise Refused("ownership_confirmed", field="ownership")
    await tx.execute(
        "UPDATE parties.ownership SET confirmed_by = $2, confirmed_at = $3 WHERE id = $1",
        ownership.id, by, now,
    )  # fmt: skip
    return replace(ownership, confirmed_by=by, confirmed_at=now)
