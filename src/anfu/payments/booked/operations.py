"""Writes payments as they would stand had they been made: for benches, which cannot wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.payments.payment import State
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Made:
    """A payment through a channel."""

    id: str
    amount: int
    state: State
    at: datetime


@dataclass(frozen=True, slots=True)
class MadeRefund:
    """One that was done, of the payment of that id."""

    id: str
    payment: str
    amount: int
    at: datetime


async def insert_made(
    tx: Tx, *, channel: str, currency: str, payee: str, made: Sequence[Made]
) -> None:
    """One statement. Nothing else is written: no entry, no evidence, no event."""
    await tx.execute(
        "INSERT INTO payments.payment (id, created_at, occurred_at, updated_at, amount, state,"
        " payer, payee, currency, method, channel, detail)"
        " SELECT id, at, at, at, amount, state, 'cus_bench', $5, $6, $7, $7, '{}'"
        " FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[])"
        " AS m (id, amount, state, at)",
        [m.id for m in made], [m.amount for m in made], [m.state for m in made],
        [m.at for m in made], payee, currency, channel,
    )  # fmt: skip


async def insert_made_refunds(tx: Tx, *, made: Sequence[MadeRefund]) -> None:
    """As `insert_made`, whose payments they are of."""
    await tx.execute(
        "INSERT INTO payments.refund (id, created_at, updated_at, amount, state, payment, payer,"
        " payee, currency, method)"
        " SELECT m.id, m.at, m.at, m.amount, 'SUCCEEDED', p.id, p.payer, p.payee, p.currency,"
        " p.method FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[])"
        " AS m (id, payment, amount, at) JOIN payments.payment p ON p.id = m.payment",
        [m.id for m in made], [m.payment for m in made], [m.amount for m in made],
        [m.at for m in made],
    )  # fmt: skip
