"""Reads of payouts and their batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.settlement.payouts.batch import Batch
from anfu.settlement.payouts.payout import Payout, State
from anfu.storage.transaction import Tx

_PAYOUT = ("id, settlement, merchant, currency, amount, payable_on, terms, made_at, moved_at,"
           " state, batch, reference, reason")  # fmt: skip
_BATCH = ("id, currency, payable_on, count, total, people, made_at, first_by, second_by,"
          " released_at, sent_at, asked_at, digest")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: at most `most` with an id before `before`; None narrows nothing."""

    most: int
    before: str | None = None
    merchant: str | None = None
    state: State | None = None


async def list_payouts(tx: Tx, page: Page) -> list[Payout]:
    """A page, the newest first."""
    rows = await tx.fetch(
        f"SELECT {_PAYOUT} FROM settlement.payout WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR merchant = $2) AND ($3::text IS NULL OR state = $3)"
        " ORDER BY id DESC LIMIT $4",
        page.before, page.merchant, page.state, page.most,
    )  # fmt: skip
    return [_payout(row) for row in rows]


async def get_payout(tx: Tx, payout: str, *, merchant: str | None) -> Payout:
    """Raises Refused `payout_not_found`, also for one of another merchant."""
    row = await tx.fetchrow(f"SELECT {_PAYOUT} FROM settlement.payout WHERE id = $1", payout)
    if row is None or merchant not in (None, row["merchant"]):
        raise Refused("payout_not_found", field="payout")
    return _payout(row)


async def find_payouts(tx: Tx, ids: Sequence[str]) -> list[Payout]:
    """Those that exist, in order of id."""
    rows = await tx.fetch(
        f"SELECT {_PAYOUT} FROM settlement.payout WHERE id = ANY($1) ORDER BY id", ids
    )
    return [_payout(row) for row in rows]


async def lock_payouts(tx: Tx, ids: Sequence[str]) -> list[Payout]:
    """Those that exist, in order of id, locked until the transaction ends."""
    rows = await tx.fetch(
        f"SELECT {_PAYOUT} FROM settlement.payout WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        ids,
    )
    return [_payout(row) for row in rows]


async def lock_ungathered(tx: Tx, day: date, currency: str, *, most: int) -> list[Payout]:
    """Payouts in no batch that are payable by `day`, locked; those another one has are left."""
    rows = await tx.fetch(
        f"SELECT {_PAYOUT} FROM settlement.payout WHERE batch IS NULL AND payable_on <= $1"
        " AND currency = $2 ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
        day, currency, most,
    )  # fmt: skip
    return [_payout(row) for row in rows]


async def list_of_batch(tx: Tx, batch: str) -> list[Payout]:
    """The payouts of a batch, in order of id: that of the file."""
    rows = await tx.fetch(
        f"SELECT {_PAYOUT} FROM settlement.payout WHERE batch = $1 ORDER BY id", batch
    )
    return [_payout(row) for row in rows]


async def lock_batch(tx: Tx, batch: str) -> Batch:
    """One, locked until the transaction ends. Raises Refused `payout_batch_not_found`."""
    row = await tx.fetchrow(
        f"SELECT {_BATCH} FROM settlement.payout_batch WHERE id = $1 FOR NO KEY UPDATE", batch
    )
    if row is None:
        raise Refused("payout_batch_not_found", field="batch")
    return Batch(*row)


async def find_batches(tx: Tx, ids: Sequence[str]) -> list[Batch]:
    """Those that exist, in order of id."""
    rows = await tx.fetch(
        f"SELECT {_BATCH} FROM settlement.payout_batch WHERE id = ANY($1) ORDER BY id", ids
    )
    return [Batch(*row) for row in rows]


async def list_batches(tx: Tx, *, before: str | None, most: int) -> list[Batch]:
    """A page, the newest first."""
    rows = await tx.fetch(
        f"SELECT {_BATCH} FROM settlement.payout_batch WHERE ($1::text IS NULL OR id < $1)"
        " ORDER BY id DESC LIMIT $2",
        before, most,
    )  # fmt: skip
    return [Batch(*row) for row in rows]


async def list_unsent(tx: Tx) -> list[str]:
    """Batches that are released and were never sent."""
    rows = await tx.fetch(
        "SELECT id FROM settlement.payout_batch WHERE released_at IS NOT NULL"
        " AND sent_at IS NULL ORDER BY id"
    )
    return [row["id"] for row in rows]


async def list_unanswered(tx: Tx, *, before: datetime) -> list[str]:
    """Batches that were sent, of which the bank has not said of every payout what became of it, and
    was not asked since `before`."""
    rows = await tx.fetch(
        "SELECT b.id FROM settlement.payout_batch b WHERE b.sent_at IS NOT NULL"
        " AND coalesce(b.asked_at, b.sent_at) < $1 AND EXISTS (SELECT FROM settlement.payout p"
        " WHERE p.batch = b.id AND p.state IN ('SENT', 'UNKNOWN')) ORDER BY b.id",
        before,
    )
    return [row["id"] for row in rows]


async def list_unreleased(tx: Tx, *, person: str, most: int) -> list[Batch]:
    """Batches that wait for one more person than `person`'s own release, the oldest first."""
    rows = await tx.fetch(
        f"SELECT {_BATCH} FROM settlement.payout_batch WHERE released_at IS NULL AND people > 0"
        " AND first_by IS DISTINCT FROM $1 ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [Batch(*row) for row in rows]


def _payout(row: Any) -> Payout:
    return Payout(**{**row, "state": State(row["state"])})
