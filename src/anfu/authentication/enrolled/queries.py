"""Reads of enrolled factors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anfu.authentication.challenge import Challenge
from anfu.authentication.enrolled.enrolled import Enrolled, State
from anfu.kernel.errors import Refused
from anfu.storage.transaction import Tx

COLUMNS = (
    "id, customer, kind, label, state, created_at, handle, verifier, counter, failures,"
    " locked_until, usable_from, ended_at"
)


async def list_factors(tx: Tx, customer: str) -> list[Enrolled]:
    """Every factor a customer set up, in the order of set-up."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM authentication.factor WHERE customer = $1 ORDER BY id", customer
    )
    return [enrolled_of(row) for row in rows]


async def get_factor(tx: Tx, factor: str, *, lock: bool = False) -> Enrolled:
    """Raises Refused(factor_not_found)."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM authentication.factor WHERE id = $1"
        + (" FOR UPDATE" if lock else ""),
        factor,
    )
    if row is None:
        raise Refused("factor_not_found", field="factor")
    return enrolled_of(row)


async def find_usable(
    tx: Tx, customers: Sequence[str], *, now: datetime
) -> dict[str, list[Enrolled]]:
    """What each of `customers` can prove with now."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM authentication.factor WHERE customer = ANY($1)"
        " AND state = 'ACTIVE' ORDER BY id",
        list(customers),
    )
    found: dict[str, list[Enrolled]] = {}
    for factor in map(enrolled_of, rows):
        if factor.usable(now=now):
            found.setdefault(factor.customer, []).append(factor)
    return found


async def most_looks(tx: Tx, challenge: Challenge, factor: str) -> int:
    """How many captures may be looked at for a locked challenge: those that were wrong, and as many
    as it has attempts left."""
    wrong = await tx.fetchval(
        "SELECT count(*) FROM authentication.face_check"
        " WHERE factor = $1 AND challenge = $2 AND NOT passed",
        factor,
        challenge.id,
    )
    return int(wrong) + challenge.attempts_left


async def lock_usable(tx: Tx, customer: str, kind: str, *, now: datetime) -> list[Enrolled]:
    """A customer's usable factors of one kind, locked until the transaction ends."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM authentication.factor WHERE customer = $1 AND kind = $2"
        " AND state = 'ACTIVE' ORDER BY id FOR UPDATE",
        customer,
        kind,
    )
    return [factor for factor in map(enrolled_of, rows) if factor.usable(now=now)]


def enrolled_of(row: Any) -> Enrolled:
    """A row as it is read."""
    return Enrolled(**{**dict(row), "state": State(row["state"])})
