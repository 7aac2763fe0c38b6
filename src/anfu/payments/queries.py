"""Reads of payments, refunds and deposits. A page is in falling order of id: newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from anfu.channels.port import Scene
from anfu.kernel.errors import Refused
from anfu.kernel.ids import first_id
from anfu.kernel.periods import Period
from anfu.payments.payment import (
    FINAL,
    REFUND_FINAL,
    Deposit,
    Payment,
    Refund,
    RefundState,
    State,
)
from anfu.storage.transaction import Tx

PAYMENT_COLUMNS = (
    "id, state, payer, payee, amount, currency, method, created_at, occurred_at, updated_at,"
    " refunded, decision, detail, mandate, channel, attempt,"
    " network_payer"
)
# Nothing is, or ever will be, taken for these.
_NOTHING_DRAWN = [State.BLOCKED, State.REFUSED, State.FAILED, State.CANCELLED, State.REJECTED,
                  State.EXPIRED]  # fmt: skip
# Each mandate by itself, so that it is always the index that finds its payments.
_DRAWN = """
SELECT drawn.day, drawn.month
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[],
              $5::timestamptz[])
       WITH ORDINALITY AS w (mandate, day, day_end, month, month_end, place)
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(p.amount) FILTER (
                  WHERE p.occurred_at >= w.day AND p.occurred_at < w.day_end), 0) AS day,
              coalesce(sum(p.amount), 0) AS month
         FROM payments.payment p
        WHERE p.mandate = w.mandate AND p.occurred_at >= w.month AND p.occurred_at < w.month_end
          AND p.state <> ALL($6)) AS drawn
 ORDER BY w.place
"""
REFUND_COLUMNS = (
    "id, state, payment, payer, payee, amount, currency, method, created_at, updated_at, reason,"
    " failure, channel_reference"
)


async def get_payment(tx: Tx, payment: str, *, merchant: str | None) -> Payment:
    """Raises Refused(payment_not_found), also for a payment of another merchant."""
    found = await find_payments(tx, [payment])
    if not found or merchant not in (None, found[0].payee):
        raise Refused("payment_not_found", field="payment")
    return found[0]


async def find_payments(tx: Tx, ids: Sequence[str]) -> list[Payment]:
    """Those that exist, in order of id."""
    rows = await tx.fetch(
        f"SELECT {PAYMENT_COLUMNS} FROM payments.payment WHERE id = ANY($1) ORDER BY id", ids
    )
    return [payment_of(row) for row in rows]


async def find_paid_days(tx: Tx, payee: str, period: Period) -> frozenset[date]:
    """The civil days of a period on which a payment to `payee` was made that succeeded."""
    rows = await tx.fetch(
        "SELECT DISTINCT (created_at AT TIME ZONE INTERVAL '8 hours')::date AS day"
        " FROM payments.payment WHERE payee = $1 AND id >= $2 AND state = 'SUCCEEDED'"
        " AND created_at >= $3 AND ($4::timestamptz IS NULL OR created_at < $4)",
        payee, first_id("pay", at=period.start), period.start, period.end,
    )  # fmt: skip
    return frozenset(row["day"] for row in rows)


async def get_refund(tx: Tx, refund: str, *, merchant: str | None) -> Refund:
    """Raises Refused(refund_not_found), also for a refund of another merchant."""
    row = await tx.fetchrow(f"SELECT {REFUND_COLUMNS} FROM payments.refund WHERE id = $1", refund)
    if row is None or merchant not in (None, row["payee"]):
        raise Refused("refund_not_found", field="refund")
    return refund_of(row)


async def find_refunds(tx: Tx, ids: Sequence[str]) -> list[Refund]:
    """Those that exist, in order of id."""
    rows = await tx.fetch(
        f"SELECT {REFUND_COLUMNS} FROM payments.refund WHERE id = ANY($1) ORDER BY id", ids
    )
    return [refund_of(row) for row in rows]


async def find_deposits(tx: Tx, ids: Sequence[str]) -> list[Deposit]:
    """Those that exist, in order of id."""
    rows = await tx.fetch(
        "SELECT id, party, amount, currency, created_at FROM payments.deposit"
        " WHERE id = ANY($1) ORDER BY id",
        ids,
    )
    return [Deposit(**row) for row in rows]


async def list_refunds_of(tx: Tx, party: str) -> list[Refund]:
    """Every refund to or from a party, oldest first."""
    rows = await tx.fetch(
        f"SELECT {REFUND_COLUMNS} FROM payments.refund WHERE $1 IN (payer, payee) ORDER BY id",
        party,
    )
    return [refund_of(row) for row in rows]


async def list_deposits_of(tx: Tx, party: str) -> list[Deposit]:
    """Every deposit of a party, oldest first."""
    rows = await tx.fetch(
        "SELECT id, party, amount, currency, created_at FROM payments.deposit"
        " WHERE party = $1 ORDER BY id",
        party,
    )
    return [Deposit(**row) for row in rows]


async def find_decided(tx: Tx, decisions: Sequence[str]) -> dict[str, str]:
    """The payment each of `decisions` is named by. Reads the whole table: for who looks for what
    should not be."""
    rows = await tx.fetch(
        "SELECT decision, id FROM payments.payment WHERE decision = ANY($1)", decisions
    )
    return {row["decision"]: row["id"] for row in rows}


async def find_open(tx: Tx, ids: Sequence[str]) -> frozenset[str]:
    """Those of `ids` that somebody is noted to come back to."""
    rows = await tx.fetch("SELECT payment FROM payments.open WHERE payment = ANY($1)", ids)
    return frozenset(row["payment"] for row in rows)


async def find_drawn(
    tx: Tx, wanted: Sequence[tuple[str, Period, Period]]
) -> list[tuple[int, int]]:  # fmt: skip
    """What payments under each mandate came to, minor units, in a day and in its month: those that
    went through or still may."""
    rows = await tx.fetch(
        _DRAWN,
        [mandate for mandate, _, _ in wanted],
        *([getattr(day, name) for _, day, _ in wanted] for name in ("start", "end")),
        *([getattr(month, name) for _, _, month in wanted] for name in ("start", "end")),
        _NOTHING_DRAWN,
    )
    return [(int(row["day"]), int(row["month"])) for row in rows]


async def list_drawn(tx: Tx, *, mandate: str, limit: int, before: str | None) -> list[Payment]:
    """A page of the payments under a mandate."""
    rows = await tx.fetch(
        f"SELECT {PAYMENT_COLUMNS} FROM payments.payment"
        " WHERE mandate = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        mandate,
        before,
        limit,
    )
    return [payment_of(row) for row in rows]


async def find_ends(tx: Tx, ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Where those of `ids` that exist stand and what was given back of them, by id."""
    rows = await tx.fetch(
        "SELECT id, state, refunded FROM payments.payment WHERE id = ANY($1)", ids
    )
    return {row["id"]: (row["state"], row["refunded"]) for row in rows}


async def moved_since(
    tx: Tx, since: datetime, *, after: str, most: int
) -> list[tuple[str, str, int]]:
    """The next `most` payments by id that have moved since then: id, state, refunded."""
    rows = await tx.fetch(
        "SELECT id, state, refunded FROM payments.payment WHERE id > $1 AND updated_at >= $2"
        " ORDER BY id LIMIT $3",
        after,
        since,
        most,
    )
    return [(row["id"], row["state"], row["refunded"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """When a party's money last moved or was meant to, and how much of it is still open."""

    last_at: datetime | None
    open: int


async def standing_of(tx: Tx, party: str) -> Standing:
    """Payments, refunds and deposits of a party, on either side."""
    row = await tx.fetchrow(
        "SELECT max(at), count(*) FILTER (WHERE NOT ended) FROM ("
        " SELECT updated_at, state = ANY($2) FROM payments.payment WHERE $1 IN (payer, payee)"
        " UNION ALL SELECT updated_at, state = ANY($3) FROM payments.refund"
        " WHERE $1 IN (payer, payee)"
        " UNION ALL SELECT created_at, true FROM payments.deposit WHERE party = $1"
        ") AS moved (at, ended)",
        party, sorted(FINAL), sorted(REFUND_FINAL),
    )  # fmt: skip
    return Standing(row[0], row[1])


async def find_due_times(tx: Tx, payments: Sequence[str]) -> dict[str, datetime]:
    """When somebody is to come back to each of `payments` that somebody is."""
    rows = await tx.fetch(
        "SELECT payment, due_at FROM payments.open WHERE payment = ANY($1)", payments
    )
    return {row["payment"]: row["due_at"] for row in rows}


async def refunded_sums(tx: Tx, payments: Sequence[str]) -> dict[str, int]:
    """What the refunds of each payment that have not failed come to."""
    rows = await tx.fetch(
        "SELECT payment, sum(amount)::bigint AS refunded FROM payments.refund"
        " WHERE payment = ANY($1) AND state <> 'FAILED' GROUP BY payment",
        payments,
    )
    return {row["payment"]: row["refunded"] for row in rows}


async def ids_after(tx: Tx, after: str, *, most: int) -> list[str]:
    """The next `most` ids of payments, open notes, refunds and deposits in their order: a walk
    through all of them."""
    rows = await tx.fetch(
        "(SELECT id FROM payments.payment WHERE id > $1 ORDER BY id LIMIT $2)"
        " UNION (SELECT payment FROM payments.open WHERE payment > $1 ORDER BY payment LIMIT $2)"
        " UNION (SELECT id FROM payments.refund WHERE id > $1 ORDER BY id LIMIT $2)"
        " UNION (SELECT id FROM payments.deposit WHERE id > $1 ORDER BY id LIMIT $2)"
        " ORDER BY id LIMIT $2",
        after,
        most,
    )
    return [row["id"] for row in rows]


async def count_all(tx: Tx) -> int:
    """How many payments, refunds and deposits there are."""
    return int(
        await tx.fetchval(
            "SELECT (SELECT count(*) FROM payments.payment) + (SELECT count(*) FROM"
            " payments.refund) + (SELECT count(*) FROM payments.deposit)"
        )
    )


async def count_by_state(tx: Tx) -> dict[str, int]:
    """How many payments stand where."""
    rows = await tx.fetch("SELECT state, count(*) AS n FROM payments.payment GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def count_due(tx: Tx, *, now: datetime) -> int:
    """How many open payments and refunds are past their time."""
    count: int = await tx.fetchval(
        "SELECT (SELECT count(*) FROM payments.open WHERE due_at <= $1)"
        " + (SELECT count(*) FROM payments.refund WHERE due_at <= $1)",
        now,
    )
    return count


async def oldest_overdue(tx: Tx, *, now: datetime) -> float:
    """By how many seconds the longest waiting open payment or refund is past its time."""
    due = await tx.fetchval(
        "SELECT least((SELECT min(due_at) FROM payments.open),"
        " (SELECT min(due_at) FROM payments.refund WHERE due_at IS NOT NULL))"
    )
    return 0.0 if due is None else max(0.0, (now - due).total_seconds())


def payment_of(row: Any) -> Payment:
    """The payment a row with `PAYMENT_COLUMNS` stands for."""
    detail = msgspec.json.decode(row["detail"])
    columns = {name: row[name] for name in _PLAIN}
    for name in ("factors", "reasons"):
        if name in detail:
            detail[name] = tuple(detail[name])
    if "order_expires_at" in detail:
        detail["order_expires_at"] = datetime.fromisoformat(detail["order_expires_at"])
    if "scene" in detail:
        detail["scene"] = Scene(detail["scene"])
    return Payment(state=State(row["state"]), **columns, **detail)


def refund_of(row: Any) -> Refund:
    """The refund a row with `REFUND_COLUMNS` stands for."""
    return Refund(
        state=RefundState(row["state"]),
        **{name: row[name] for name in REFUND_COLUMNS.split(", ") if name != "state"},
    )


_PLAIN = [name for name in PAYMENT_COLUMNS.split(", ") if name not in ("state", "detail")]
