"""Writes of payouts; a change of state is guarded by the state before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant
from anfu.kernel.states import check_move
from anfu.settlement.payouts.batch import Batch
from anfu.settlement.payouts.payout import MOVES, Payout, State
from anfu.storage.transaction import Tx


async def insert_payout(tx: Tx, *, payout: Payout) -> None:
    """Write one that is PREPARED."""
    await tx.execute(
        "INSERT INTO settlement.payout (id, settlement, merchant, currency, amount, payable_on,"
        " terms, state, made_at, moved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        payout.id, payout.settlement, payout.merchant, payout.currency, payout.amount,
        payout.payable_on, payout.terms, payout.state, payout.made_at, payout.moved_at,
    )  # fmt: skip


async def insert_batch(tx: Tx, *, batch: Batch, payouts: Sequence[Payout]) -> None:
    """Write a batch of payouts that the caller has locked."""
    await tx.execute(
        "INSERT INTO settlement.payout_batch (id, currency, payable_on, count, total, people,"
        " made_at, released_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        batch.id, batch.currency, batch.payable_on, batch.count, batch.total, batch.people,
        batch.made_at, batch.released_at,
    )  # fmt: skip
    await tx.execute(
        "UPDATE settlement.payout SET batch = $2 WHERE id = ANY($1)",
        [payout.id for payout in payouts], batch.id,
    )  # fmt: skip


async def write_batch(tx: Tx, *, batch: Batch) -> None:
    """Write how a batch that the caller has locked stands from now on."""
    await tx.execute(
        "UPDATE settlement.payout_batch SET first_by = $2, second_by = $3, released_at = $4,"
        " sent_at = $5, asked_at = $6, digest = $7 WHERE id = $1",
        batch.id, batch.first_by, batch.second_by, batch.released_at, batch.sent_at,
        batch.asked_at, batch.digest,
    )  # fmt: skip


async def move(
    tx: Tx, *, payout: Payout, to: State, reference: str | None = None,
    reason: str | None = None, now: datetime,
) -> Payout:  # fmt: skip
    """The payout in its new state. Raises BrokenInvariant if it does not move there, or is no
    longer where it was."""
    check_move(MOVES, payout.state, to)
    moved = replace(payout, state=to, reference=reference or payout.reference, reason=reason,
                    moved_at=now)  # fmt: skip
    done = await tx.execute(
        "UPDATE settlement.payout SET state = $3, reference = $4, reason = $5, moved_at = $6"
        " WHERE id = $1 AND state = $2",
        payout.id, payout.state, moved.state, moved.reference, moved.reason, now,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant(f"payout {payout.id} is no longer {payout.state}")
    return moved
