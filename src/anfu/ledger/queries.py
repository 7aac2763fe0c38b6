"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from anfu.kernel.errors import Refused
from anfu.ledger.account import Account, Balance, Discrepancy, Side, TrialBalance
from anfu.ledger.entry import Entry, EntryPage
from anfu.ledger.hold import Hold, HoldState
from anfu.storage.transaction import Tx

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_BALANCES = """
SELECT key, asset, normal, overdraft,
       debits_pending, debits_posted, credits_pending, credits_posted
FROM ledger.account WHERE key = ANY($1::text[])
"""
# Back from the present, so that a recent moment reads few entries.
_BALANCE_AT = """
SELECT CASE a.normal WHEN 'CREDIT' THEN net ELSE -net END
FROM ledger.account a, LATERAL (
    SELECT a.credits_posted - a.debits_posted
           + (SELECT coalesce(sum(amount), 0)::bigint FROM ledger.entry
              WHERE debit = a.number AND at > $2)
           - (SELECT coalesce(sum(amount), 0)::bigint FROM ledger.entry
              WHERE credit = a.number AND at > $2)
) AS past (net)
WHERE a.key = $1
"""
_ENTRY = """
SELECT e.id, d.key, c.key, e.asset, e.amount, e.at, e.held
FROM {entries} e
JOIN ledger.account d ON d.number = e.debit JOIN ledger.account c ON c.number = e.credit
"""
_FIND = _ENTRY.format(entries="ledger.entry") + "WHERE e.id = ANY($1::text[])"
_SIDE = """
(SELECT e.* FROM ledger.entry e
 WHERE e.{side} = (SELECT number FROM ledger.account WHERE key = $1)
   AND (e.at, e.id) < ($2::timestamptz, $3::text)
 ORDER BY e.at DESC, e.id DESC LIMIT $4)
"""
_LIST = (
    _ENTRY.format(entries=f"({_SIDE.format(side='debit')} UNION ALL {_SIDE.format(side='credit')})")
    + "ORDER BY e.at DESC, e.id DESC LIMIT $4"
)
_MOVES = (
    _ENTRY.format(
        entries="""(
    SELECT * FROM ledger.entry WHERE at >= $2 AND at < $3
       AND debit = (SELECT number FROM ledger.account WHERE key = $1)
    UNION ALL
    SELECT * FROM ledger.entry WHERE at >= $2 AND at < $3
       AND credit = (SELECT number FROM ledger.account WHERE key = $1)
)"""
    )
    + "ORDER BY e.at, e.id"
)
# What has moved since is taken off again.
_BY_PURPOSE = """
WITH since (number, net) AS (
    SELECT number, sum(net) FROM (
        SELECT debit AS number, -amount AS net FROM ledger.entry WHERE asset = $1 AND at >= $2
        UNION ALL
        SELECT credit, amount FROM ledger.entry WHERE asset = $1 AND at >= $2) legs
    GROUP BY number
)
SELECT split_part(key, '/', 2) AS purpose,
       sum(credits_posted - debits_posted - coalesce(net, 0)) AS owed
FROM ledger.account LEFT JOIN since USING (number) WHERE asset = $1 GROUP BY 1 ORDER BY 1
"""
_HOLDS = """
SELECT h.id, d.key AS debit, c.key AS credit, h.asset, h.amount, h.state, h.at, h.expires_at,
       h.resolved_at, e.amount AS posted
FROM ledger.hold h
JOIN ledger.account d ON d.number = h.debit JOIN ledger.account c ON c.number = h.credit
LEFT JOIN ledger.entry e ON e.id = h.id AND e.held IS NOT NULL
WHERE h.id = ANY($1::text[])
"""
_IDS = """
(SELECT id FROM ledger.entry WHERE id > $1 ORDER BY id LIMIT $2)
UNION (SELECT id FROM ledger.hold WHERE id > $1 ORDER BY id LIMIT $2)
ORDER BY id LIMIT $2
"""
_TRIAL = """
SELECT a.asset, debits_pending, debits_posted, credits_pending, credits_posted,
       coalesce(entries, 0), coalesce(holds, 0)
FROM (SELECT asset, sum(debits_pending) AS debits_pending, sum(debits_posted) AS debits_posted,
             sum(credits_pending) AS credits_pending, sum(credits_posted) AS credits_posted
      FROM ledger.account GROUP BY asset) a
LEFT JOIN (SELECT asset, sum(amount) AS entries FROM ledger.entry GROUP BY asset) e
    ON e.asset = a.asset
LEFT JOIN (SELECT asset, sum(amount) AS holds FROM ledger.hold WHERE state = 'HELD'
           GROUP BY asset) h ON h.asset = a.asset
ORDER BY a.asset
"""
_DISCREPANCIES = """
WITH leg (number, debit_held, debited, credit_held, credited) AS (
    SELECT debit, 0, sum(amount), 0, 0 FROM ledger.entry GROUP BY debit
    UNION ALL SELECT credit, 0, 0, 0, sum(amount) FROM ledger.entry GROUP BY credit
    UNION ALL SELECT debit, sum(amount), 0, 0, 0
              FROM ledger.hold WHERE state = 'HELD' GROUP BY debit
    UNION ALL SELECT credit, 0, 0, sum(amount), 0
              FROM ledger.hold WHERE state = 'HELD' GROUP BY credit
), summed AS (
    SELECT a.number, coalesce(sum(debit_held), 0) AS debit_held,
           coalesce(sum(debited), 0) AS debited, coalesce(sum(credit_held), 0) AS credit_held,
           coalesce(sum(credited), 0) AS credited
    FROM ledger.account a LEFT JOIN leg ON leg.number = a.number GROUP BY a.number
)
SELECT key, asset, normal, overdraft,
       debits_pending, debits_posted, credits_pending, credits_posted,
       debit_held, debited, credit_held, credited
FROM ledger.account a JOIN summed s ON s.number = a.number
WHERE (debits_pending, debits_posted, credits_pending, credits_posted)
      <> (debit_held, debited, credit_held, credited)
ORDER BY key LIMIT $1
"""


async def find_balances(tx: Tx, keys: Sequence[str]) -> dict[str, Balance]:
    """The balances of those of `keys` that are open."""
    rows = await tx.fetch(_BALANCES, list(keys))
    return {row[0]: Balance(_account(row), *row[4:8]) for row in rows}


async def get_balances(tx: Tx, keys: Sequence[str]) -> dict[str, Balance]:
    """The balances of all of `keys`. Raises Refused("account_not_found") if one is not open."""
    found = await find_balances(tx, keys)
    for key in keys:
        if key not in found:
            raise Refused("account_not_found", account=key)
    return found


async def get_balance(tx: Tx, key: str) -> Balance:
    """Raises Refused("account_not_found")."""
    return (await get_balances(tx, [key]))[key]


async def balance_at(tx: Tx, key: str, at: datetime) -> int:
    """What had been posted by the moment `at`, that moment included, on the normal side.

    A day's closing balance is the one a microsecond before the next day begins. Reads the
    account's entries after `at`. Raises Refused("account_not_found").
    """
    posted = await tx.fetchval(_BALANCE_AT, key, at)
    if posted is None:
        raise Refused("account_not_found", account=key)
    return int(posted)


async def find_entries(tx: Tx, ids: Sequence[str]) -> dict[str, Entry]:
    """The entries among `ids`, by id."""
    return {row[0]: Entry(*row) for row in await tx.fetch(_FIND, list(ids))}


async def list_entries(
    tx: Tx, account: str, *, cursor: str | None = None, most: int = 50
) -> EntryPage:
    """The entries of the account with the key `account`, either side, the newest first.

    Raises Refused("cursor_invalid") for a cursor no page has given.
    """
    at, last = _read_cursor(cursor)
    rows = await tx.fetch(_LIST, account, at, last, most + 1)
    entries = tuple(Entry(*row) for row in rows[:most])
    return EntryPage(entries, _cursor(entries[-1]) if len(rows) > most else None)


async def list_moves(tx: Tx, account: str, *, since: datetime, until: datetime) -> list[Entry]:
    """Every entry on `account`, either side, dated in `[since, until)`, in order of time."""
    return [Entry(*row) for row in await tx.fetch(_MOVES, account, since, until)]


async def sums_by_purpose(tx: Tx, asset: str, *, before: datetime) -> dict[str, int]:
    """What all accounts of one purpose came to before a moment: positive where we owe, negative
    where we have or are owed. They add up to 0. Reads all accounts, and the entries since."""
    rows = await tx.fetch(_BY_PURPOSE, asset, before)
    return {row["purpose"]: int(row["owed"]) for row in rows}


async def find_holds(tx: Tx, ids: Sequence[str]) -> dict[str, Hold]:
    """The holds among `ids`, by id."""
    return {row["id"]: _hold(row) for row in await tx.fetch(_HOLDS, list(ids))}


async def ids_after(tx: Tx, after: str, *, most: int) -> list[str]:
    """The next `most` ids of entries and holds in their order: a walk through all of them."""
    rows = await tx.fetch(_IDS, after, most)
    return [row[0] for row in rows]


async def trial_balance(tx: Tx) -> list[TrialBalance]:
    """The sums of each asset that has an account, at one moment. Reads the whole ledger."""
    return [TrialBalance(row[0], *map(int, row[1:])) for row in await tx.fetch(_TRIAL)]


async def find_discrepancies(tx: Tx, *, most: int = 100) -> list[Discrepancy]:
    """Up to `most` accounts whose counters are not the sums of their rows; [] in good books.

    Reads the whole ledger.
    """
    rows = await tx.fetch(_DISCREPANCIES, most)
    return [
        Discrepancy(Balance(_account(row), *row[4:8]), Balance(_account(row), *map(int, row[8:12])))
        for row in rows
    ]


def _account(row: Any) -> Account:
    return Account(row["key"], row["asset"], Side(row["normal"]), row["overdraft"])


def _hold(row: Mapping[str, Any]) -> Hold:
    return Hold(**{**row, "state": HoldState(row["state"])})


def _cursor(entry: Entry) -> str:
    return f"{(entry.at - _EPOCH) // _MICROSECOND}.{entry.id}"


def _read_cursor(cursor: str | None) -> tuple[datetime, str]:
    if cursor is None:
        return datetime.max.replace(tzinfo=UTC), ""
    microseconds, _, last = cursor.partition(".")
    try:
        if not last.isprintable() or not last:
            raise ValueError
        return _EPOCH + int(microseconds) * _MICROSECOND, last
    except (ValueError, OverflowError):
        raise Refused("cursor_invalid", field="cursor") from None
