"""Reads of changes."""

from __future__ import annotations

from anfu.kernel.errors import Refused
from anfu.parties.sameday.change import Change
from anfu.storage.transaction import Tx

_COLUMNS = "id, merchant, switched_on, reason, proposed_by, proposed_at, approved_by, approved_at"


async def is_switched_on(tx: Tx, merchant: str) -> bool:
    """What the change approved last says; without one, no."""
    found = await tx.fetchval(
        "SELECT switched_on FROM parties.same_day WHERE merchant = $1 AND approved_at IS NOT NULL"
        " ORDER BY approved_at DESC, id DESC LIMIT 1",
        merchant,
    )
    return found is True


async def lock_change(tx: Tx, change: str, *, merchant: str) -> Change:
    """One change, locked until the transaction ends. Raises Refused `same_day_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM parties.same_day WHERE id = $1 AND merchant = $2"
        " FOR NO KEY UPDATE",
        change, merchant,
    )  # fmt: skip
    if row is None:
        raise Refused("same_day_not_found", field="change")
    return Change(*row)


async def list_undecided(tx: Tx, *, person: str, most: int) -> list[Change]:
    """Changes nobody has approved that `person` did not propose, the oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM parties.same_day WHERE approved_at IS NULL AND proposed_by <> $1"
        " ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [Change(*row) for row in rows]
