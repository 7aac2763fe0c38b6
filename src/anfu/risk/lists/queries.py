"""Reads of lists: declarations, entries, changes and their coming into force."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from anfu.kernel.errors import Refused
from anfu.risk.lists.change import Action, Change, Entry, Item, Weight, item_line
from anfu.risk.lists.declaration import Declaration, read_declaration, shipped_lists
from anfu.storage.transaction import Tx

PAGE = 10_000
_CHANGE = "id, list, action, body, tightens, loosens, digest, reason, author, created_at"
# The newest released word about each value.
_STANDING = """
SELECT DISTINCT ON (i.value) i.value, i.added, i.source, i.reason, i.expires_at,
    c.author, r.at, r.version
FROM risk.list_item i
JOIN risk.list_change c ON c.id = i.change
JOIN risk.list_release r ON r.change = i.change
WHERE i.list = $1 AND {which}
ORDER BY i.value, r.version DESC
"""
_NEXT = _STANDING.format(which="i.value > $2") + "LIMIT $3"


@dataclass(frozen=True, slots=True)
class Release:
    """A change that came into force as `version`; by one person alone when `proposal` is None."""

    version: int
    change: Change
    proposal: str | None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of the feed of a list: when it was asked, what came of it (`problem` None: all
    was well), the `serial` last taken, and the proposal that waits for a person."""

    asked_at: datetime
    serial: int | None
    issued_at: datetime | None
    etag: str | None
    problem: str | None
    proposal: str | None


async def get_version(tx: Tx) -> int:
    """The version of the newest change in force; 0 before the first."""
    return int(await tx.fetchval("SELECT version FROM risk.list_counter"))


async def find_declarations(tx: Tx) -> dict[str, Declaration]:
    """Every list by name, the shipped ones and the retired ones among them."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (c.list) c.body FROM risk.list_change c"
        " JOIN risk.list_release r ON r.change = c.id WHERE c.action = 'DECLARE'"
        " ORDER BY c.list, r.version DESC"
    )
    made = [read_declaration(row["body"]) for row in rows]
    return {d.name: d for d in (*shipped_lists(), *made)}


async def get_declaration(tx: Tx, name: str) -> Declaration:
    """A list that is not retired. Raises Refused("list_not_found")."""
    found = (await find_declarations(tx)).get(name)
    if found is None or found.retired:
        raise Refused("list_not_found", field="list", list=name)
    return found


async def find_expiries(tx: Tx, name: str, values: Iterable[str]) -> dict[str, datetime | None]:
    """Until when those of `values` that stand on the list do."""
    found = await find_entries(tx, name, values)
    return {value: entry.item.expires for value, entry in found.items()}


async def list_entries(tx: Tx, name: str, *, after: str = "", most: int = PAGE) -> list[Entry]:
    """A page of what stands on a list, expired or not, in the order of the values."""
    entries: list[Entry] = []
    while len(entries) < most:
        rows = await tx.fetch(
            _STANDING.format(which="i.value > $2") + "LIMIT $3", name, after, most
        )
        entries += [_entry(row) for row in rows if row["added"]]
        if len(rows) < most:
            break
        after = rows[-1]["value"]
    return entries[:most]


async def find_entries(tx: Tx, name: str, values: Iterable[str]) -> dict[str, Entry]:
    """Those of `values` that stand on the list, expired or not."""
    which = "i.value = ANY($2::text[])"
    rows = await tx.fetch(_STANDING.format(which=which), name, list(set(values)))
    return {row["value"]: _entry(row) for row in rows if row["added"]}


async def stream_entries(tx: Tx, name: str) -> AsyncIterator[list[Entry]]:
    """All that stands on a list, page by page, in the order of the values."""
    after = ""
    while True:
        rows = await tx.fetch(_NEXT, name, after, PAGE)
        yield [_entry(row) for row in rows if row["added"]]
        if len(rows) < PAGE:
            return
        after = rows[-1]["value"]


async def get_change(tx: Tx, change: str) -> Change:
    """Raises Refused("list_change_not_found")."""
    row = await tx.fetchrow(f"SELECT {_CHANGE} FROM risk.list_change WHERE id = $1", change)
    if row is None:
        raise Refused("list_change_not_found", field="change")
    return _change(row)


async def list_releases(tx: Tx, after: int, *, most: int = 100) -> list[Release]:
    """The next changes that came into force, in their order."""
    rows = await tx.fetch(
        f"SELECT version, proposal, {_CHANGE} FROM risk.list_release r JOIN risk.list_change c"
        " ON c.id = r.change WHERE version > $1 ORDER BY version LIMIT $2",
        after,
        most,
    )
    return [Release(row["version"], _change(row), row["proposal"]) for row in rows]


async def list_history(tx: Tx, name: str, *, before: int | None, most: int) -> list[Release]:
    """The changes of one list that came into force, the newest first, below version `before`."""
    rows = await tx.fetch(
        f"SELECT version, proposal, {_CHANGE} FROM risk.list_release r JOIN risk.list_change c"
        " ON c.id = r.change WHERE c.list = $1 AND ($2::bigint IS NULL OR version < $2)"
        " ORDER BY version DESC LIMIT $3",
        name,
        before,
        most,
    )
    return [Release(row["version"], _change(row), row["proposal"]) for row in rows]


async def stream_items(tx: Tx, change: str) -> AsyncIterator[list[Item]]:
    """What a change adds and takes off, in the order of the values, page by page."""
    after = ""
    while True:
        rows = await tx.fetch(
            "SELECT value, added, source, reason, expires_at FROM risk.list_item"
            " WHERE change = $1 AND value > $2 ORDER BY value LIMIT $3",
            change,
            after,
            PAGE,
        )
        yield [_item(row) for row in rows]
        if len(rows) < PAGE:
            return
        after = rows[-1]["value"]


async def digest_items(tx: Tx, change: str) -> str:
    """SHA-256 over the items of a change, in the order of their values."""
    taken = sha256()
    async for items in stream_items(tx, change):
        for item in items:
            taken.update(f"{item_line(item)}\n".encode())
    return taken.hexdigest()


async def alone_lately(tx: Tx, name: str, author: str, *, since: datetime) -> Weight:
    """What `author` changed on a list without a second person."""
    row = await tx.fetchrow(
        "SELECT coalesce(sum(tightens), 0) AS tightens, coalesce(sum(loosens), 0) AS loosens"
        " FROM risk.list_change c JOIN risk.list_release r ON r.change = c.id"
        " WHERE c.list = $1 AND c.author = $2 AND c.action = 'ENTRIES' AND r.at > $3"
        " AND r.proposal IS NULL",
        name,
        author,
        since,
    )
    return Weight(int(row["tightens"]), int(row["loosens"]))


async def count_entries(tx: Tx, name: str) -> int:
    """How many values stand on a list, the expired ones too."""
    standing = _STANDING.format(which="true")
    return int(
        await tx.fetchval(f"SELECT count(*) FROM ({standing}) AS standing WHERE added", name)
    )


async def find_feeds(tx: Tx, names: Sequence[str]) -> dict[str, FeedState]:
    """What is known of the feeds of these lists; those never asked are left out."""
    rows = await tx.fetch(
        "SELECT list, asked_at, serial, issued_at, etag, problem, proposal FROM risk.list_feed"
        " WHERE list = ANY($1::text[])",
        list(names),
    )
    return {name: FeedState(*state) for name, *state in map(tuple, rows)}


def _change(row: Any) -> Change:
    return Change(
        id=row["id"],
        list=row["list"],
        action=Action(row["action"]),
        weight=Weight(row["tightens"], row["loosens"]),
        digest=row["digest"],
        reason=row["reason"],
        author=row["author"],
        created_at=row["created_at"],
        body=row["body"],
    )


def _item(row: Any) -> Item:
    return Item(row["value"], row["source"], row["reason"], row["expires_at"], added=row["added"])


def _entry(row: Any) -> Entry:
    return Entry(_item(row), row["author"], row["at"])
