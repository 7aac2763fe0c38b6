"""Writes of the ledger. They lock the accounts they touch in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from anfu.kernel.errors import BrokenInvariant
from anfu.ledger.account import Account, Side
from anfu.ledger.admission import Funds, admit
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder
from anfu.ledger.hold import HoldState
from anfu.storage.transaction import ConstraintViolated, Tx

Ordered = TypeVar("Ordered", EntryOrder, HoldOrder)

_OPEN = """
INSERT INTO ledger.account (key, asset, normal, overdraft, opened_at)
SELECT key, asset, normal, overdraft, $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[]) AS a (key, asset, normal, overdraft)
ORDER BY key
ON CONFLICT (key) DO NOTHING
"""
_TERMS = "SELECT key, asset, normal, overdraft FROM ledger.account WHERE key = ANY($1::text[])"

# NO KEY: what the update of the counters takes, and no stronger.
_LOCK = """
SELECT key, number, asset, normal, overdraft,
       CASE normal WHEN 'CREDIT' THEN credits_posted - debits_posted - debits_pending
                   ELSE debits_posted - credits_posted - credits_pending END AS available
FROM ledger.account WHERE key = ANY($1::text[])
ORDER BY key FOR NO KEY UPDATE
"""
_ENTER = """
INSERT INTO ledger.entry (id, debit, credit, asset, amount, at)
SELECT id, debit, credit, asset, amount, $6
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
    AS o (id, debit, credit, asset, amount)
"""
_HOLD = """
INSERT INTO ledger.hold (id, debit, credit, asset, amount, at, expires_at)
SELECT id, debit, credit, asset, amount, $6, expires_at
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $7::timestamptz[])
    AS o (id, debit, credit, asset, amount, expires_at)
"""

# Holds are locked by id, then their accounts by key; nothing is written unless all are ready.
_LOCKED = """
locked AS MATERIALIZED (
    SELECT number FROM ledger.account
    WHERE number IN (SELECT debit FROM ready UNION ALL SELECT credit FROM ready)
    ORDER BY key FOR NO KEY UPDATE
)
"""
_HELD = """
held AS MATERIALIZED (
    SELECT id, debit, credit, asset, amount, state FROM ledger.hold
    WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE
)
"""
_WHOLE = """
(SELECT count(*) FROM ready) = cardinality($1::text[]) AND (SELECT count(*) FROM locked) > 0
"""
_POST = f"""
WITH {_HELD}, ready AS MATERIALIZED (
    SELECT h.id, h.debit, h.credit, h.asset, h.amount AS held, coalesce(w.part, h.amount) AS amount
    FROM held h JOIN unnest($1::text[], $2::bigint[]) AS w (id, part) ON w.id = h.id
    WHERE h.state = 'HELD' AND coalesce(w.part, h.amount) BETWEEN 1 AND h.amount
), {_LOCKED}
INSERT INTO ledger.entry (id, debit, credit, asset, amount, held, at)
SELECT id, debit, credit, asset, amount, held, $3 FROM ready WHERE {_WHOLE}
"""
_VOID = f"""
WITH {_HELD}, ready AS MATERIALIZED (SELECT id, debit, credit FROM held WHERE state = 'HELD'),
{_LOCKED}
UPDATE ledger.hold h SET state = 'VOIDED', resolved_at = $2
FROM ready WHERE h.id = ready.id AND {_WHOLE}
"""
# A hold that is locked is being resolved: it is not waited for.
_EXPIRE = f"""
WITH ready AS MATERIALIZED (
    SELECT id, debit, credit FROM ledger.hold
    WHERE state = 'HELD' AND expires_at <= $1
    ORDER BY expires_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), {_LOCKED}
UPDATE ledger.hold h SET state = 'EXPIRED', resolved_at = $1
FROM ready WHERE h.id = ready.id AND (SELECT count(*) FROM locked) > 0
RETURNING h.id
"""


async def open_accounts(tx: Tx, *, accounts: Sequence[Account], now: datetime) -> None:
    """Open what is not open yet.

    Raises BrokenInvariant for an account that is open on other terms.
    """
    wanted = {account.key: account for account in accounts}
    await tx.execute(
        _OPEN,
        [account.key for account in wanted.values()],
        [account.asset for account in wanted.values()],
        [account.normal for account in wanted.values()],
        [account.overdraft for account in wanted.values()],
        now,
    )
    rows = await tx.fetch(_TERMS, list(wanted))
    opened = {key: Account(key, asset, Side(normal), over) for key, asset, normal, over in rows}
    for account in accounts:
        if opened[account.key] != account:
            raise BrokenInvariant(f"account {account.key} is open on other terms")


async def lock_accounts(tx: Tx, *, keys: Iterable[str]) -> None:
    """Lock accounts that the transaction will touch in more than one step: step by step it would
    lock them out of the order that keeps parallel batches from waiting for each other."""
    await tx.fetch(_LOCK, sorted(set(keys)))


async def post(tx: Tx, *, orders: Sequence[EntryOrder], now: datetime) -> dict[str, Denial]:
    """Move money, in the sequence of `orders`; returns those denied, which change nothing.

    Two statements, however many orders. Raises BrokenInvariant for an id that has been used.
    """
    admitted = await _admit(tx, orders, moves=True)
    if admitted.orders:
        await _write(tx, _ENTER, *admitted.columns, now)
    return admitted.denials


async def hold(tx: Tx, *, orders: Sequence[HoldOrder], now: datetime) -> dict[str, Denial]:
    """Promise money, in the sequence of `orders`; returns those denied, which change nothing.

    Two statements, however many orders. Raises BrokenInvariant for an id that has been used, or
    a hold that would have expired already.
    """
    if any(order.expires_at <= now for order in orders):
        raise BrokenInvariant("a hold expires after it was made")
    admitted = await _admit(tx, orders, moves=False)
    if admitted.orders:
        ends = [order.expires_at for order in admitted.orders]
        await _write(tx, _HOLD, *admitted.columns, now, ends)
    return admitted.denials


async def post_holds(tx: Tx, *, amounts: Mapping[str, int | None], now: datetime) -> None:
    """Move what was held: whole (None), or that part, and the rest is given back. One statement.

    Raises BrokenInvariant, having changed nothing, unless each is HELD and covers its amount.
    """
    if amounts:
        done = await _write(tx, _POST, list(amounts), list(amounts.values()), now)
        _expect(done, len(amounts), HoldState.POSTED)


async def void_holds(tx: Tx, *, ids: Sequence[str], now: datetime) -> None:
    """Give back what was held. One statement.

    Raises BrokenInvariant, having changed nothing, unless each is HELD and named once.
    """
    if ids:
        _expect(await _write(tx, _VOID, list(ids), now), len(ids), HoldState.VOIDED)


async def expire_holds(tx: Tx, *, now: datetime, most: int) -> list[str]:
    """Give back up to `most` holds whose time is over, the longest overdue first; their ids."""
    return sorted(row["id"] for row in await tx.fetch(_EXPIRE, now, most))


@dataclass(frozen=True, slots=True)
class _Admitted(Generic[Ordered]):
    """The orders of a batch that go through, as columns for the insert, and the others."""

    orders: list[Ordered]
    columns: tuple[list[str], list[int], list[int], list[str], list[int]]
    denials: dict[str, Denial]


async def _admit(tx: Tx, orders: Sequence[Ordered], *, moves: bool) -> _Admitted[Ordered]:
    """Lock all accounts of the batch, then decide."""
    if len({order.id for order in orders}) != len(orders):
        raise BrokenInvariant("two orders of a batch have the same id")
    keys = {order.debit for order in orders} | {order.credit for order in orders}
    rows = await tx.fetch(_LOCK, list(keys)) if keys else []
    funds = {row[0]: Funds(row[1], row[2], Side(row[3]), row[4], row[5]) for row in rows}
    denials = admit(orders, funds, moves=moves)
    passed = [order for order in orders if order.id not in denials] if denials else list(orders)
    columns = (
        [order.id for order in passed],
        [funds[order.debit].number for order in passed],
        [funds[order.credit].number for order in passed],
        [order.asset for order in passed],
        [order.amount for order in passed],
    )
    return _Admitted(passed, columns, denials)


async def _write(tx: Tx, statement: str, *args: Any) -> str:
    try:
        return await tx.execute(statement, *args)
    except ConstraintViolated as error:
        raise BrokenInvariant(f"ledger: {error}") from error


def _expect(done: str, count: int, state: HoldState) -> None:
    """`done` is PostgreSQL's command tag; its last word is the number of rows."""
    if int(done.rpartition(" ")[2]) != count:
        raise BrokenInvariant(f"not every hold could become {state}; none did")
