"""Writes of checkouts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from anfu.payments.checkouts.checkout import Checkout
from anfu.payments.checkouts.queries import CHECKOUT_COLUMNS, CHECKOUT_NAMES
from anfu.storage.transaction import Tx

_PLACES = ", ".join(f"${number}" for number in range(1, len(CHECKOUT_NAMES) + 1))


async def insert_checkout(tx: Tx, *, checkout: Checkout) -> None:
    """Write a new checkout."""
    values = {name: getattr(checkout, name) for name in CHECKOUT_NAMES}
    for name in ("lines", "offers"):
        values[name] = msgspec.json.encode(values[name]).decode()
    await tx.execute(
        f"INSERT INTO payments.checkout ({CHECKOUT_COLUMNS}) VALUES ({_PLACES})", *values.values()
    )


async def insert_tries(tx: Tx, *, rows: Sequence[tuple[str, str, int]]) -> None:
    """Note new payments (checkout, payment, offer) of checkouts that are locked."""
    if rows:
        await tx.execute(
            "INSERT INTO payments.checkout_payment (checkout, number, payment, offer)"
            " SELECT t.checkout, 1 + (SELECT count(*) FROM payments.checkout_payment c"
            " WHERE c.checkout = t.checkout), t.payment, t.offer"
            " FROM unnest($1::text[], $2::text[], $3::smallint[]) AS t (checkout, payment, offer)",
            [row[0] for row in rows],
            [row[1] for row in rows],
            [row[2] for row in rows],
        )


async def close_checkout(tx: Tx, *, checkout: str, now: datetime) -> None:
    """Note that no further payment of it is to begin; one that was closed stays as it is."""
    await tx.execute(
        "UPDATE payments.checkout SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL",
        checkout,
        now,
    )


async def set_return_origins(tx: Tx, *, merchant: str, origins: Sequence[str]) -> None:
    """These origins in place of those before."""
    await tx.execute("DELETE FROM payments.return_origin WHERE merchant = $1", merchant)
    await tx.execute(
        "INSERT INTO payments.return_origin (merchant, origin) SELECT $1, unnest($2::text[])",
        merchant,
        sorted(set(origins)),
    )
