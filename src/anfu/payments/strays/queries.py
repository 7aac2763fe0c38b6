"""Reads of strays."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from anfu.payments.strays.stray import RETURN, Stray, StrayState
from anfu.storage.transaction import Tx

STRAY_NAMES = tuple(field.name for field in fields(Stray))
STRAY_COLUMNS = ", ".join(STRAY_NAMES)


async def list_strays(
    tx: Tx, limit: int, *, before: str | None, state: StrayState | None
) -> list[Stray]:
    """A page of strays, the newest first."""
    rows = await tx.fetch(
        f"SELECT {STRAY_COLUMNS} FROM payments.stray WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR state = $2) ORDER BY id DESC LIMIT $3",
        before,
        state,
        limit,
    )
    return [stray_of(row) for row in rows]


async def list_strays_of(tx: Tx, payment: str) -> list[Stray]:
    """Every stray of a payment, oldest first."""
    rows = await tx.fetch(
        f"SELECT {STRAY_COLUMNS} FROM payments.stray WHERE payment = $1 ORDER BY id", payment
    )
    return [stray_of(row) for row in rows]


async def is_returning(tx: Tx, number: str, *, amount: int | None) -> bool:
    """Whether a stray of that amount goes back under that number."""
    id_ = "str_" + number.removeprefix(RETURN)
    kept = await tx.fetchval("SELECT amount FROM payments.stray WHERE id = $1", id_)
    return kept is not None and amount in (None, kept)


def stray_of(row: Any) -> Stray:
    """The stray a row with `STRAY_COLUMNS` stands for."""
    return Stray(**{**row, "state": StrayState(row["state"])})
