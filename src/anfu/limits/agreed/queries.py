"""Reads of agreed limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anfu.limits.agreed.agreed import AgreedKey, AgreedLimit
from anfu.limits.counter import Metric, Window
from anfu.storage.transaction import Tx

COLUMNS = "customer, metric, span, currency, most, set_at, next_most, next_at"


async def list_agreed(tx: Tx, *, customer: str) -> list[AgreedLimit]:
    """Every limit a customer has agreed to, as written: see `AgreedLimit.at`."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM limits.agreed_limit WHERE customer = $1"
        " ORDER BY metric, span, currency",
        customer,
    )
    return [agreed_of(row) for row in rows]


def agreed_of(row: Mapping[str, Any]) -> AgreedLimit:
    """A row of the table."""
    key = AgreedKey(row["customer"], Metric(row["metric"]), Window(row["span"]), row["currency"])
    return AgreedLimit(key, row["most"], row["set_at"], row["next_most"], row["next_at"])
