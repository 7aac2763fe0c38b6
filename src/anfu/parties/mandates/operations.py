"""Writes of mandates; a change of state is guarded by the state before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant
from anfu.parties.mandates.mandate import Mandate, State
from anfu.parties.mandates.queries import COLUMNS
from anfu.storage.transaction import Tx


async def insert_mandate(tx: Tx, *, mandate: Mandate) -> None:
    """Write a new one."""
    terms = mandate.terms
    await tx.execute(
        f"INSERT INTO parties.mandate ({COLUMNS})"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        mandate.id, *(getattr(terms, name) for name in terms.__slots__), mandate.state,
        mandate.created_at, mandate.agreed_at, mandate.ended_at, mandate.ended_by,
        mandate.quiet_until,
    )  # fmt: skip


async def save_mandate(tx: Tx, *, before: Mandate, after: Mandate) -> None:
    """Write a locked mandate as it is now. Raises BrokenInvariant when it was in another state."""
    done = await tx.execute(
        "UPDATE parties.mandate SET state = $3, agreed_at = $4, ended_at = $5, ended_by = $6"
        " WHERE id = $1 AND state = $2",
        after.id, before.state, after.state, after.agreed_at, after.ended_at, after.ended_by,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant("a locked mandate changed its state")


async def quieten(tx: Tx, *, customers: Sequence[str], until: datetime) -> None:
    """Have every payment under the mandates of `customers` proven until then, at least."""
    await tx.execute(
        "UPDATE parties.mandate m SET quiet_until = greatest(m.quiet_until, $2) FROM"
        " (SELECT id FROM parties.mandate WHERE customer = ANY($1) AND state = $3"
        " ORDER BY id FOR UPDATE) held WHERE m.id = held.id",
        list(customers),
        until,
        State.ACTIVE,
    )


async def forget_mandates(tx: Tx, *, customer: str) -> None:
    """No term of any mandate of a customer is left; payments keep the ids."""
    await tx.execute("DELETE FROM parties.mandate WHERE customer = $1", customer)
