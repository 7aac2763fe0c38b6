"""Locks on parties, so that nothing is begun for one between a look at it and the commit.

Whoever lets money go shares the lock while he looks; whoever suspends a party or stops its account
has it alone. Both lock in the order of ids, persons first, then firms, after a case and a payment.
"""

from __future__ import annotations

from collections.abc import Sequence

from anfu.parties.party import FIRM_PREFIX
from anfu.storage.transaction import Tx

# A share waits for every update of the row and is waited for; a reference to the row does not.
_SHARED = tuple(
    f"SELECT 1 FROM parties.{table} WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE"
    for table in ("customer", "firm", "merchant")
)


async def hold_parties(tx: Tx, *, ids: Sequence[str]) -> None:
    """Until the commit nobody suspends any of `ids` or stops its account; what was begun before is
    waited for, and seen by what is read next."""
    for statement in _SHARED:
        await tx.fetch(statement, ids)


async def lock_customer(tx: Tx, *, customer: str) -> None:
    """Wait for whoever holds the customer; until the commit nobody else does."""
    table = "firm" if customer.startswith(FIRM_PREFIX) else "customer"
    await tx.fetch(f"SELECT 1 FROM parties.{table} WHERE id = $1 FOR NO KEY UPDATE", customer)
