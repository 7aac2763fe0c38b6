"""Reads of the books for staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.ledger.account import Account, Balance, Side
from anfu.ledger.books.accounts import Chart, KindSum, Line
from anfu.ledger.entry import Entry
from anfu.storage.transaction import Tx

_COLUMNS = (
    "key, asset, normal, overdraft, debits_pending, debits_posted, credits_pending, credits_posted"
)
# The owner is the start of the key: up to the slash, and before the sign that follows it.
_FILTERS = {
    "after": "key > {}",
    "owner": "key > {0} || '/' AND key < {0} || '0'",
    "kind": "split_part(key, '/', 2) = {}",
    "currency": "asset = {}",
}
# Of ($1, $2]: accounts opened, and what moved on them; and the sums carried forward until $1.
MOVED = """
SELECT kind, currency, accounts, debits, credits FROM ledger.carried_sum WHERE until = $1
UNION ALL
SELECT split_part(key, '/', 2), asset, 1, 0, 0 FROM ledger.account
WHERE opened_at > $1 AND opened_at <= $2
UNION ALL
SELECT split_part(key, '/', 2), asset, 0, debited, credited
FROM (SELECT number, sum(debited) AS debited, sum(credited) AS credited FROM (
          SELECT debit AS number, amount AS debited, 0::bigint AS credited FROM ledger.entry
          WHERE at > $1 AND at <= $2
          UNION ALL SELECT credit, 0, amount FROM ledger.entry WHERE at > $1 AND at <= $2) AS legs
      GROUP BY number) AS moved JOIN ledger.account USING (number)
"""
_SUMS = f"""
SELECT kind, currency, sum(accounts)::bigint AS accounts, sum(debits)::bigint AS debits,
       sum(credits)::bigint AS credits
FROM ({MOVED}) AS moved GROUP BY 1, 2 ORDER BY 1, 2
"""
_ALWAYS, _EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# The entries of a payment and of its refunds, strays among them, bear ids made of theirs.
_OF = """
SELECT e.id, d.key, c.key, e.asset, e.amount, e.at, e.held FROM ledger.entry e
JOIN ledger.account d ON d.number = e.debit JOIN ledger.account c ON c.number = e.credit
WHERE e.id = ANY($1::text[]) ORDER BY e.at, e.id
"""


async def list_accounts(tx: Tx, chart: Chart) -> list[Line]:
    """A page of the chart of accounts."""
    given = [(text, getattr(chart, name)) for name, text in _FILTERS.items()]
    asked = [(text, value) for text, value in given if value is not None]
    where = [text.format(f"${number}") for number, (text, _) in enumerate(asked, 2)]
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM ledger.account WHERE {' AND '.join(where) or 'true'}"
        " ORDER BY key LIMIT $1",
        chart.limit,
        *(value for _, value in asked),
    )
    return [_line(row) for row in rows]


async def get_account(tx: Tx, key: str) -> Line:
    """Raises Refused("account_not_found")."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM ledger.account WHERE key = $1", key)
    if row is None:
        raise Refused("account_not_found", field="account", account=key)
    return _line(row)


async def sums_by_kind(tx: Tx, at: datetime | None) -> list[KindSum]:
    """What the accounts of each kind came to, up to and with the moment `at`; None is the present.
    Of each currency, debits equal credits. Reads what was carried forward, and the entries since;
    `tx` sees one moment."""
    until = at or _EVER
    rows = await tx.fetch(_SUMS, await last_carried(tx, until), until)
    return [KindSum(**row) for row in rows]


async def last_carried(tx: Tx, at: datetime) -> datetime:
    """The last moment up to `at` until which the books are added up; the beginning of time where
    there is none."""
    until: datetime | None = await tx.fetchval(
        "SELECT max(until) FROM ledger.carried WHERE whole AND until <= $1", at
    )
    return _ALWAYS if until is None else until


async def list_entries_of(tx: Tx, ids: Sequence[str]) -> list[Entry]:
    """Those of the entries `ids` that were posted, in order of time."""
    return [Entry(*row) for row in await tx.fetch(_OF, list(ids))]


def _line(row: Any) -> Line:
    account = Account(row["key"], row["asset"], Side(row["normal"]), row["overdraft"])
    return Line(Balance(account, *row[4:8]))
