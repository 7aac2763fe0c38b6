"""Writes of changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.sameday.change import Change
from anfu.storage.transaction import Tx


async def propose(tx: Tx, *, change: Change) -> None:
    """Write a change that waits for a second person."""
    await tx.execute(
        "INSERT INTO parties.same_day (id, merchant, switched_on, reason, proposed_by, proposed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        change.id, change.merchant, change.switched_on, change.reason, change.proposed_by,
        change.proposed_at,
    )  # fmt: skip


async def approve(tx: Tx, *, change: Change, by: str, now: datetime) -> Change:
    """The change, which the caller has locked, as it holds from now on; that `by` is a second
    person the caller has asked. Raises Refused `same_day_approved`."""
    if change.approved_at is not None:
        raise Refused("same_day_approved", field="change")
    await tx.execute(
        "UPDATE parties.same_day SET approved_by = $2, approved_at = $3 WHERE id = $1",
        change.id, by, now,
    )  # fmt: skip
    return replace(change, approved_by=by, approved_at=now)
