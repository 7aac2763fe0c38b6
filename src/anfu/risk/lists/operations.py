"""Writes of lists: changes, their items, their coming into force; what is known of feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.risk.lists.change import Change, Item
from anfu.risk.lists.queries import FeedState
from anfu.storage.transaction import Tx

_ITEMS = """
INSERT INTO risk.list_item (change, list, value, added, source, reason, expires_at)
SELECT $1, $2, given.* FROM unnest($3::text[], $4::boolean[], $5::text[], $6::text[],
                                   $7::timestamptz[]) AS given
"""
_FEED = """
INSERT INTO risk.list_feed (list, asked_at, serial, issued_at, etag, problem, proposal)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (list) DO UPDATE SET asked_at = EXCLUDED.asked_at, serial = EXCLUDED.serial,
    issued_at = EXCLUDED.issued_at, etag = EXCLUDED.etag, problem = EXCLUDED.problem,
    proposal = EXCLUDED.proposal
"""


async def lock_lists(tx: Tx) -> int:
    """The version in force, which nobody moves on until the commit."""
    return int(await tx.fetchval("SELECT version FROM risk.list_counter FOR UPDATE"))


async def put_items(tx: Tx, *, change: str, name: str, items: Sequence[Item]) -> None:
    """Write items of a change, in one statement; the change itself may follow."""
    await tx.execute(
        _ITEMS,
        change,
        name,
        [item.value for item in items],
        [item.added for item in items],
        [item.source for item in items],
        [item.reason for item in items],
        [item.expires for item in items],
    )


async def put_change(tx: Tx, *, change: Change) -> None:
    """Write a change, which is not in force yet."""
    await tx.execute(
        "INSERT INTO risk.list_change (id, list, action, body, tightens, loosens, digest, reason,"
        " author, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        change.id,
        change.list,
        change.action,
        change.body,
        change.weight.tightens,
        change.weight.loosens,
        change.digest,
        change.reason,
        change.author,
        change.created_at,
    )


async def put_release(tx: Tx, *, change: str, by: str, proposal: str | None, now: datetime) -> int:
    """Bring a change into force; its version. Every other change waits until the commit."""
    version = await tx.fetchval(
        "UPDATE risk.list_counter SET version = version + 1 RETURNING version"
    )
    await tx.execute(
        "INSERT INTO risk.list_release (version, change, at, by, proposal)"
        " VALUES ($1, $2, $3, $4, $5)",
        version,
        change,
        now,
        by,
        proposal,
    )
    return int(version)


async def put_feed(tx: Tx, *, name: str, state: FeedState) -> None:
    """Remember what came of asking the feed of a list."""
    await tx.execute(
        _FEED, name, state.asked_at, state.serial, state.issued_at, state.etag, state.problem,
        state.proposal,
    )  # fmt: skip


async def claim_feed(tx: Tx, *, name: str, before: datetime, now: datetime) -> bool:
    """Whether the feed of a list is ours to ask: nobody has asked it since `before`."""
    return bool(
        await tx.fetchval(
            "INSERT INTO risk.list_feed (list, asked_at) VALUES ($1, $2)"
            " ON CONFLICT (list) DO UPDATE SET asked_at = $2"
            " WHERE risk.list_feed.asked_at <= $3 RETURNING true",
            name,
            now,
            before,
        )
    )
