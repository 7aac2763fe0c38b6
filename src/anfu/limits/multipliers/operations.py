"""Writes of multipliers: proposed by one person, decided by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.limits.multipliers.multiplier import Multiplier, check_multiplier
from anfu.limits.rule import Rule
from anfu.storage.transaction import Tx


async def propose(tx: Tx, *, wish: Multiplier, rules: Sequence[Rule]) -> Multiplier:
    """Write a change that waits for a second person.

    Raises Refused(multiplier_rule_unknown | multiplier_invalid).
    """
    check_multiplier(rules, wish.rule, wish.hundredths)
    await tx.execute(
        "INSERT INTO limits.multiplier (id, rule, hundredths, reason, proposed_by, proposed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        wish.id, wish.rule, wish.hundredths, wish.reason, wish.proposed_by, wish.proposed_at,
    )  # fmt: skip
    return wish


async def decide(
    tx: Tx, *, found: Multiplier, by: str, approved: bool, now: datetime
) -> Multiplier:
    """Approve a change that is locked, which holds from then on, or turn it down. That two people
    are needed for the former is for whoever knows people to check; the table refuses one id twice.

    Raises Refused(multiplier_decided).
    """
    if found.approved is not None:
        raise Refused("multiplier_decided", field="multiplier")
    await tx.execute(
        "UPDATE limits.multiplier SET decided_by = $2, decided_at = $3, approved = $4"
        " WHERE id = $1",
        found.id, by, now, approved,
    )  # fmt: skip
    return replace(found, decided_by=by, decided_at=now, approved=approved)
