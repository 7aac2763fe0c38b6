"""Writes of payments, refunds, deposits; a change of state is guarded by the state before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.states import check_move
from anfu.payments.payment import MOVES, PENDING, REFUND_MOVES, Payment, Refund
from anfu.payments.queries import PAYMENT_COLUMNS, REFUND_COLUMNS, payment_of, refund_of
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim, Name
from anfu.storage.transaction import Tx

_DETAIL = (
    "card", "code", "debit", "verified_by", "order", "description", "factors", "liable", "outcome",
    "reasons", "refusal", "failure", "channel_reference", "challenge", "route", "scene",
    "return_url", "handover", "order_expires_at", "reversing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Open:
    """A payment to come back to at `due_at`; `name` is the key still without an answer."""

    payment: str
    due_at: datetime
    name: Name | None = None
    attempts: int = 0


async def insert_payments(tx: Tx, *, payments: Sequence[Payment]) -> None:
    """Write new payments."""
    if not payments:
        return
    await tx.execute(
        "INSERT INTO payments.payment (id, state, payer, payee, amount, currency, method,"
        " created_at, occurred_at, updated_at, decision, detail, mandate, channel,"
        " network_payer, merchant_order)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],"
        " $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],"
        " $11::text[], $12::bytea[], $13::text[], $14::text[], $15::bytea[],"
        " $16::text[])",
        [p.id for p in payments],
        [p.state for p in payments],
        [p.payer for p in payments],
        [p.payee for p in payments],
        [p.amount for p in payments],
        [p.currency for p in payments],
        [p.method for p in payments],
        [p.created_at for p in payments],
        [p.occurred_at for p in payments],
        [p.updated_at for p in payments],
        [p.decision for p in payments],
        [_detail(p) for p in payments],
        [p.mandate for p in payments],
        [p.channel for p in payments],
        [p.network_payer for p in payments],
        [p.order for p in payments],
    )


async def lock_payments(tx: Tx, *, ids: Sequence[str]) -> dict[str, Payment]:
    """The payments that exist, locked until the transaction ends, by id."""
    rows = await tx.fetch(
        f"SELECT {PAYMENT_COLUMNS} FROM payments.payment WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        ids,
    )
    return {row["id"]: payment_of(row) for row in rows}


async def lock_payment(
    tx: Tx, *, payment: str, merchant: str | None, claim: Claim
) -> Payment | Answer:
    """The merchant's payment, locked; or the answer given before under this key, which is looked
    up behind the lock: of two equal requests the second one gets the answer of the first.

    Raises Refused: payment_not_found, idempotency_key_reused, idempotency_in_flight.
    """
    locked = (await lock_payments(tx, ids=[payment])).get(payment)
    known = await idempotency.find(tx, [claim])
    if known:
        return idempotency.answer_again(claim, known[claim.name])
    if locked is None or merchant not in (None, locked.payee):
        raise Refused("payment_not_found", field="payment")
    return locked


async def advance(tx: Tx, *, moves: Sequence[tuple[Payment, Payment]]) -> None:
    """Write payments as they are now in place of what they were (before, after).

    Raises BrokenInvariant for a move that is not in the table, or when a row is no longer in the
    state it was read in.
    """
    if not moves:
        return
    for before, after in moves:
        if before.state is not after.state:
            check_move(MOVES, before.state, after.state)
    done = await tx.execute(
        "UPDATE payments.payment p SET state = u.after, detail = u.detail, updated_at = u.at,"
        " refunded = u.refunded, decision = u.decision, channel = u.channel, attempt = u.attempt"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[],"
        " $6::bigint[], $7::text[], $8::text[], $9::smallint[])"
        " AS u (id, before, after, detail, at, refunded, decision, channel, attempt)"
        " WHERE p.id = u.id AND p.state = u.before",
        [after.id for _, after in moves],
        [before.state for before, _ in moves],
        [after.state for _, after in moves],
        [_detail(after) for _, after in moves],
        [after.updated_at for _, after in moves],
        [after.refunded for _, after in moves],
        [after.decision for _, after in moves],
        [after.channel for _, after in moves],
        [after.attempt for _, after in moves],
    )
    _all(done, len(moves))


async def mark_reversing(tx: Tx, *, payment: str) -> None:
    """Note of an open payment that its network is about to be asked to undo it."""
    before = (await lock_payments(tx, ids=[payment]))[payment]
    if before.state in PENDING and not before.reversing:
        await advance(tx, moves=[(before, replace(before, reversing=True))])


async def open_payments(tx: Tx, *, rows: Sequence[Open]) -> None:
    """Note payments to come back to; one noted before gets its new time."""
    if not rows:
        return
    await tx.execute(
        "INSERT INTO payments.open (payment, due_at, caller, key, attempts)"
        " SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::int[])"
        " ON CONFLICT (payment) DO UPDATE SET due_at = excluded.due_at,"
        " caller = excluded.caller, key = excluded.key, attempts = excluded.attempts",
        [row.payment for row in rows],
        [row.due_at for row in rows],
        [None if row.name is None else row.name[0] for row in rows],
        [None if row.name is None else row.name[1] for row in rows],
        [row.attempts for row in rows],
    )


async def put_off(tx: Tx, *, payment: str, until: datetime) -> None:
    """Come back to a payment then, if anybody still has to."""
    await tx.execute("UPDATE payments.open SET due_at = $2 WHERE payment = $1", payment, until)


async def extend_waits(tx: Tx, *, until: Mapping[str, datetime]) -> None:
    """Come back to payments not before then; never earlier than noted, and only where noted."""
    if until:
        ordered = sorted(until)
        await tx.execute(
            "UPDATE payments.open o SET due_at = greatest(o.due_at, u.until)"
            " FROM unnest($1::text[], $2::timestamptz[]) AS u (payment, until)"
            " WHERE o.payment = u.payment",
            ordered,
            [until[payment] for payment in ordered],
        )


async def close_payments(tx: Tx, *, ids: Sequence[str]) -> dict[str, Open]:
    """Take the notes away; what they said, by payment."""
    rows = await tx.fetch("DELETE FROM payments.open WHERE payment = ANY($1) RETURNING *", ids)
    return {row["payment"]: _open(row) for row in rows}


async def take_due(tx: Tx, *, now: datetime, most: int, lease: timedelta) -> list[Open]:
    """At most `most` payments whose time has come, put off by `lease` so that nobody else comes."""
    rows = await tx.fetch(
        "UPDATE payments.open o SET due_at = $1 + $3, attempts = attempts + 1 WHERE payment IN"
        " (SELECT payment FROM payments.open WHERE due_at <= $1 ORDER BY due_at LIMIT $2"
        " FOR UPDATE SKIP LOCKED) RETURNING *",
        now,
        most,
        lease,
    )
    return [_open(row) for row in rows]


async def insert_refund(
    tx: Tx, *, refund: Refund, due_at: datetime | None, name: Name | None
) -> None:
    """Write a new refund, with the time to come back to it and the key still without answer."""
    values = [getattr(refund, column) for column in REFUND_COLUMNS.split(", ")]
    await tx.execute(
        f"INSERT INTO payments.refund ({REFUND_COLUMNS}, due_at, caller, key)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        *values,
        due_at,
        *(name or (None, None)),
    )


async def lock_refund(tx: Tx, *, refund: str) -> tuple[Refund, Name | None]:
    """The refund, locked, and its key without an answer. Raises BrokenInvariant if unknown."""
    row = await tx.fetchrow("SELECT * FROM payments.refund WHERE id = $1 FOR UPDATE", refund)
    if row is None:
        raise BrokenInvariant(f"no refund {refund}")
    name = None if row["caller"] is None else (row["caller"], row["key"])
    return refund_of(row), name


async def has_come_back(tx: Tx, *, refund: str) -> bool:
    """Whether somebody has taken the refund, which is locked, up since it was first sent."""
    query = "SELECT attempts > 0 FROM payments.refund WHERE id = $1"
    return bool(await tx.fetchval(query, refund))


async def advance_refund(tx: Tx, *, before: Refund, after: Refund, due_at: datetime | None) -> None:
    """Write a refund as it is now; it no longer waits for an answer under its key."""
    if before.state is not after.state:
        check_move(REFUND_MOVES, before.state, after.state)
    done = await tx.execute(
        "UPDATE payments.refund SET state = $3, updated_at = $4, failure = $5,"
        " channel_reference = $6, due_at = $7, caller = NULL, key = NULL"
        " WHERE id = $1 AND state = $2",
        after.id,
        before.state,
        after.state,
        after.updated_at,
        after.failure,
        after.channel_reference,
        due_at,
    )
    _all(done, 1)


async def take_due_refunds(tx: Tx, *, now: datetime, most: int, lease: timedelta) -> list[Refund]:
    """Refunds whose time has come, put off by `lease`."""
    rows = await tx.fetch(
        "UPDATE payments.refund SET due_at = $1 + $3, attempts = attempts + 1 WHERE id IN"
        " (SELECT id FROM payments.refund WHERE due_at <= $1 ORDER BY due_at LIMIT $2"
        " FOR UPDATE SKIP LOCKED) RETURNING *",
        now,
        most,
        lease,
    )
    return [refund_of(row) for row in rows]


async def insert_deposit(
    tx: Tx, *, deposit: str, party: str, amount: int, currency: str, now: datetime
) -> None:
    """Write a deposit."""
    await tx.execute(
        "INSERT INTO payments.deposit (id, created_at, party, amount, currency)"
        " VALUES ($1, $2, $3, $4, $5)",
        deposit,
        now,
        party,
        amount,
        currency,
    )


def _detail(payment: Payment) -> bytes:
    values = ((name, getattr(payment, name)) for name in _DETAIL)
    return msgspec.json.encode({name: value for name, value in values if value})


def _open(row: Mapping[str, object]) -> Open:
    name = None if row["caller"] is None else (str(row["caller"]), str(row["key"]))
    return Open(row["payment"], row["due_at"], name, row["attempts"])  # type: ignore[arg-type]


def _all(done: str, count: int) -> None:
    if done != f"UPDATE {count}":
        raise BrokenInvariant(f"{count} rows were to move, the database says {done}")
