"""Reads of multipliers."""

from __future__ import annotations

from anfu.kernel.errors import Refused
from anfu.limits.multipliers.multiplier import Multiplier
from anfu.storage.transaction import Tx

COLUMNS = "id, rule, hundredths, reason, proposed_by, proposed_at, decided_by, decided_at, approved"


async def list_multipliers(tx: Tx, *, before: str | None, most: int) -> list[Multiplier]:
    """A page of changes, the newest first, with ids below `before`."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM limits.multiplier WHERE $1::text IS NULL OR id < $1"
        " ORDER BY id DESC LIMIT $2",
        before,
        most,
    )
    return [Multiplier(*row) for row in rows]


async def list_in_force(tx: Tx) -> dict[str, int]:
    """The multiplier of each rule that was ever changed, in hundredths."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (rule) rule, hundredths FROM limits.multiplier"
        " WHERE approved ORDER BY rule, decided_at DESC, id DESC"
    )
    return {row["rule"]: row["hundredths"] for row in rows}


async def lock_multiplier(tx: Tx, id: str) -> Multiplier:  # noqa: A002 - the house's word
    """One change, locked until the transaction ends. Raises Refused(multiplier_not_found)."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM limits.multiplier WHERE id = $1 FOR UPDATE", id)
    if row is None:
        raise Refused("multiplier_not_found", field="multiplier")
    return Multiplier(*row)


async def list_undecided(tx: Tx, *, person: str, most: int) -> list[Multiplier]:
    """Changes nobody has decided on that `person` did not propose, the oldest first."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM limits.multiplier WHERE decided_at IS NULL AND proposed_by <> $1"
        " ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [Multiplier(*row) for row in rows]
