"""Writes of settlements. Each is written once, whole, with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from anfu.settlement.cycles.line import Line
from anfu.settlement.cycles.settlement import Settlement
from anfu.storage.transaction import ConstraintViolated, Raced, Tx


async def lock_merchant(tx: Tx, *, merchant: str, currency: str) -> None:
    """One settles a merchant at a time, until the transaction ends."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"settle/{merchant}/{currency}"
    )


async def insert_settlement(tx: Tx, *, made: Settlement, lines: Sequence[Line]) -> None:
    """Write it and its lines. Raises Raced for a day, or an entry, that another one has settled."""
    span = made.span
    try:
        await tx.execute(
            "INSERT INTO settlement.settlement (id, merchant, currency, day, since, until, cycle,"
            " terms, payable_on, carried_in, payments, refunds, returned, other, fees, retained,"
            " released, paid, carried_out, withheld, negative_since, at) VALUES ($1, $2, $3, $4,"
            " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
            made.id, made.merchant, made.currency, span.day, span.since, span.until, span.cycle,
            made.terms, span.payable_on, made.carried_in, made.payments, made.refunds,
            made.returned, made.other, made.fees, made.retained, made.released, made.paid,
            made.carried_out, made.withheld, made.negative_since, made.at,
        )  # fmt: skip
        await _insert_lines(tx, made, lines)
    except ConstraintViolated as error:
        if error.constraint_name in ("settlement_merchant_currency_day_key", "line_pkey"):
            raise Raced from error
        raise


async def keep_back(tx: Tx, *, made: Settlement, release_on: date) -> None:
    """Note what the settlement keeps back, and until when."""
    await tx.execute(
        "INSERT INTO settlement.retention (settlement, merchant, currency, amount, release_on)"
        " VALUES ($1, $2, $3, $4, $5)",
        made.id, made.merchant, made.currency, made.retained, release_on,
    )  # fmt: skip


async def release(tx: Tx, *, settlements: Sequence[str], made: Settlement) -> None:
    """Note that what `settlements` kept back is given with `made`."""
    await tx.execute(
        "UPDATE settlement.retention SET released_in = $2 WHERE settlement = ANY($1)",
        settlements, made.id,
    )  # fmt: skip


async def _insert_lines(tx: Tx, made: Settlement, lines: Sequence[Line]) -> None:
    await tx.execute(
        "INSERT INTO settlement.line (settlement, merchant, entry, kind, amount, fee, at, payment)"
        " SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[],"
        " $7::timestamptz[], $8::text[])",
        made.id, made.merchant, [line.entry for line in lines], [line.kind for line in lines],
        [line.amount for line in lines], [line.fee for line in lines],
        [line.at for line in lines], [line.payment for line in lines],
    )  # fmt: skip
