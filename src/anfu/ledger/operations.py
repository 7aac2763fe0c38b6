"""Writes of the ledger. They lock the accounts they touch in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.kernel.errors import BrokenInvariant
from anfu.ledger import admission
from anfu.ledger.account import Account, Side
from anfu.ledger.admission import Funds, Order
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder
from anfu.ledger.hold import HoldState
from anfu.storage.transaction import ConstraintViolated, Raced, Tx

Columns = tuple[list[str], list[int], list[int], list[str], list[int]]
"""id, debit, credit, asset, amount; accounts by number."""

_OPEN = """
INSERT INTO ledger.account (key, asset, normal, overdraft, opened_at)
SELECT key, asset, normal, overdraft, $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[]) AS a (key, asset, normal, overdraft)
ORDER BY key
ON CONFLICT (key) DO NOTHING
"""
_CLOSE = "UPDATE ledger.account SET closed_at = $2 WHERE key = ANY($1::text[])"
_TERMS = "SELECT key, asset, normal, overdraft FROM ledger.account WHERE key = ANY($1::text[])"

_CLOSED = "account_closed_is_empty"

# NO KEY: what the update of the counters takes, and no stronger.
_READ = """
SELECT key, number, asset, normal, overdraft,
       CASE normal WHEN 'CREDIT' THEN credits_posted - debits_posted - debits_pending
                   ELSE debits_posted - credits_posted - credits_pending END AS available,
       closed_at IS NOT NULL AS closed
FROM ledger.account
"""
_LOCK = f"""
{_READ} WHERE key = ANY($1::text[])
ORDER BY key FOR NO KEY UPDATE
"""
_LOCK_SOME = f"""
WITH locked AS MATERIALIZED ({_LOCK})
SELECT * FROM locked UNION ALL ({_READ} WHERE key = ANY($2::text[]))
"""
# The accounts that were only read are locked now, after those locked before and in their order.
_REST = """
WITH rest AS MATERIALIZED (
    SELECT number FROM ledger.account WHERE number = ANY($7::bigint[])
    ORDER BY key FOR NO KEY UPDATE
)
"""
_ENTER = f"""
{_REST}
INSERT INTO ledger.entry (id, debit, credit, asset, amount, at)
SELECT id, debit, credit, asset, amount, $6
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
    AS o (id, debit, credit, asset, amount) WHERE (SELECT count(*) FROM rest) >= 0
"""
_HOLD = f"""
{_REST}
INSERT INTO ledger.hold (id, debit, credit, asset, amount, at, expires_at)
SELECT id, debit, credit, asset, amount, $6, expires_at
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $8::timestamptz[])
    AS o (id, debit, credit, asset, amount, expires_at) WHERE (SELECT count(*) FROM rest) >= 0
"""

# A hold is guarded by the locks of its two accounts, so every path locks in one order: accounts by
# key, and holds under them without waiting. Nothing is written unless all holds are ready; one
# that was resolved while we waited for its accounts is refused by the triggers.
_LOCKED = """
locked AS MATERIALIZED (
    SELECT number FROM ledger.account
    WHERE number IN (SELECT debit FROM ready UNION ALL SELECT credit FROM ready)
    ORDER BY key FOR NO KEY UPDATE
)
"""
_WHOLE = """
(SELECT count(*) FROM ready) = cardinality($1::text[]) AND (SELECT count(*) FROM locked) > 0
"""
_POST = f"""
WITH ready AS MATERIALIZED (
    SELECT h.id, h.debit, h.credit, h.asset, h.amount AS held, coalesce(w.part, h.amount) AS amount
    FROM ledger.hold h JOIN unnest($1::text[], $2::bigint[]) AS w (id, part) ON w.id = h.id
    WHERE h.state = 'HELD' AND coalesce(w.part, h.amount) BETWEEN 1 AND h.amount
), {_LOCKED}
INSERT INTO ledger.entry (id, debit, credit, asset, amount, held, at)
SELECT id, debit, credit, asset, amount, held, $3 FROM ready WHERE {_WHOLE}
"""
_VOID = f"""
WITH ready AS MATERIALIZED (
    SELECT id, debit, credit FROM ledger.hold WHERE id = ANY($1::text[]) AND state = 'HELD'
), {_LOCKED}
UPDATE ledger.hold h SET state = 'VOIDED', resolved_at = $2
FROM ready WHERE h.id = ready.id AND {_WHOLE}
"""
_EXPIRE = f"""
WITH ready AS MATERIALIZED (
    SELECT id, debit, credit FROM ledger.hold
    WHERE state = 'HELD' AND expires_at <= $1 ORDER BY expires_at LIMIT $2
), {_LOCKED}
UPDATE ledger.hold h SET state = 'EXPIRED', resolved_at = $1
FROM ready
WHERE h.id = ready.id AND h.state = 'HELD' AND (SELECT count(*) FROM locked) > 0
RETURNING h.id
"""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The orders of a batch that go through, to be written, and those denied. `rest` are the
    numbers of the accounts that were read and are not locked yet."""

    entries: Columns
    holds: Columns
    ends: list[datetime]
    denials: dict[str, Denial]
    rest: list[int]


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


async def close_accounts(tx: Tx, *, keys: Iterable[str], now: datetime) -> None:
    """Close accounts for ever; the caller has locked them and seen that nothing stands on them.

    Raises BrokenInvariant for one that has money, promised or posted, or is closed already.
    """
    await _write(tx, _CLOSE, sorted(set(keys)), now)


async def post(tx: Tx, *, orders: Sequence[EntryOrder], now: datetime) -> dict[str, Denial]:
    """Move money, in the sequence of `orders`; returns those denied, which change nothing.

    Two statements, however many orders. Raises BrokenInvariant for an id that has been used.
    """
    admitted = await admit(tx, orders=orders)
    await write(tx, admitted=admitted, now=now)
    return admitted.denials


async def hold(tx: Tx, *, orders: Sequence[HoldOrder], now: datetime) -> dict[str, Denial]:
    """Promise money, in the sequence of `orders`; returns those denied, which change nothing.

    Two statements, however many orders. Raises BrokenInvariant for an id that has been used, or
    a hold that would have expired already.
    """
    admitted = await admit(tx, orders=orders)
    await write(tx, admitted=admitted, now=now)
    return admitted.denials


async def admit(tx: Tx, *, orders: Sequence[Order]) -> Admitted:
    """Decide which orders go through, and lock what that depends on: the accounts that may lack
    money. Those that only receive, where the whole world is paid, stay free until `write`."""
    if len({order.id for order in orders}) != len(orders):
        raise BrokenInvariant("two orders of a batch have the same id")
    first, rest = _to_lock(orders)
    funds = await _funds(tx, _LOCK_SOME, first, rest)
    if any(order.credit in rest and _gives(funds.get(order.credit)) for order in orders):
        funds |= await _funds(tx, _LOCK, rest)
        rest = []
    denials = admission.admit(orders, funds)
    passed = [order for order in orders if order.id not in denials] if denials else orders
    return Admitted(
        entries=_columns([order for order in passed if type(order) is EntryOrder], funds),
        holds=_columns([order for order in passed if type(order) is HoldOrder], funds),
        ends=[order.expires_at for order in passed if type(order) is HoldOrder],
        denials=denials,
        rest=[funds[key].number for key in rest if key in funds],
    )


async def write(tx: Tx, *, admitted: Admitted, now: datetime) -> None:
    """Write the entries and holds that were admitted, one statement for each kind. Raises
    BrokenInvariant for an id that has been used, or a hold that would have expired already."""
    if any(end <= now for end in admitted.ends):
        raise BrokenInvariant("a hold expires after it was made")
    if admitted.ends:
        await _write(tx, _HOLD, *admitted.holds, now, admitted.rest, admitted.ends)
    if admitted.entries[0]:
        await _write(tx, _ENTER, *admitted.entries, now, admitted.rest)


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


def _to_lock(orders: Sequence[Order]) -> tuple[list[str], list[str]]:
    """The accounts to lock at once, and those that can wait. Everybody locks in the order of the
    keys: with the accounts that are debited go all that come before the last of them."""
    last = max((order.debit for order in orders), default="")
    keys = {order.debit for order in orders} | {order.credit for order in orders}
    return [key for key in keys if key <= last], [key for key in keys if key > last]


def _gives(account: Funds | None) -> bool:
    """Whether being credited takes from what the account has."""
    return account is not None and account.normal is Side.DEBIT


async def _funds(tx: Tx, statement: str, *keys: list[str]) -> dict[str, Funds]:
    rows = await tx.fetch(statement, *keys)
    return {row[0]: Funds(row[1], row[2], Side(row[3]), *row[4:]) for row in rows}


def _columns(orders: Sequence[Order], funds: Mapping[str, Funds]) -> Columns:
    return (
        [order.id for order in orders],
        [funds[order.debit].number for order in orders],
        [funds[order.credit].number for order in orders],
        [order.asset for order in orders],
        [order.amount for order in orders],
    )


async def _write(tx: Tx, statement: str, *args: Any) -> str:
    try:
        return await tx.execute(statement, *args)
    except ConstraintViolated as error:
        if statement is not _CLOSE and error.constraint_name == _CLOSED:
            raise Raced from error  # closed since it was read
        raise BrokenInvariant(f"ledger: {error}") from error


def _expect(done: str, count: int, state: HoldState) -> None:
    """`done` is PostgreSQL's command tag; its last word is the number of rows."""
    if int(done.rpartition(" ")[2]) != count:
        raise BrokenInvariant(f"not every hold could become {state}; none did")
