"""Reads of reserve checks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from anfu.storage.transaction import Tx

_COLUMNS = "id, day, currency, at, whole, body"


@dataclass(frozen=True, slots=True)
class Kept:
    """A check as it is kept; `parts` are those of `check_document`."""

    id: str
    day: date
    currency: str
    at: datetime
    whole: bool
    parts: dict[str, Any]


async def list_checks(tx: Tx, *, before: str | None, most: int) -> list[Kept]:
    """A page, the newest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM settlement.reserve_check WHERE ($1::text IS NULL OR id < $1)"
        " ORDER BY id DESC LIMIT $2",
        before, most,
    )  # fmt: skip
    return [_kept(row) for row in rows]


async def is_checked(tx: Tx, day: date, currency: str) -> bool:
    """Whether the day was checked."""
    found = await tx.fetchval(
        "SELECT true FROM settlement.reserve_check WHERE day = $1 AND currency = $2 LIMIT 1",
        day, currency,
    )  # fmt: skip
    return found is True


def _kept(row: Any) -> Kept:
    id_, day, currency, at, whole, body = row
    return Kept(id_, day, currency, at, whole, json.loads(body))
