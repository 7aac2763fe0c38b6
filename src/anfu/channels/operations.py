"""What the channels remember: nonces of notices, texts on their way, messages in development
mode."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anfu.channels.development import DevelopmentMessage
from anfu.channels.texts.text import WaitingText
from anfu.storage.transaction import Tx

_RECORD = """
INSERT INTO channels.notice (channel, nonce, at)
SELECT DISTINCT $1, nonce, $3::timestamptz FROM unnest($2::text[]) AS nonce ORDER BY nonce
ON CONFLICT DO NOTHING
RETURNING nonce
"""


async def record_notices(
    tx: Tx, *, channel: str, nonces: Sequence[str], now: datetime
) -> frozenset[str]:
    """Remember the nonces; returns those never seen before. Only notices with these are acted on.

    In the transaction that acts: if that rolls back, the notice may come again.
    """
    rows = await tx.fetch(_RECORD, channel, list(nonces), now)
    return frozenset(row["nonce"] for row in rows)


async def forget_notices(tx: Tx, *, before: datetime) -> int:
    """Drop nonces recorded before `before`, and return their number. Safe once a signature of
    that age is refused: `before` lies at least two windows (600 s) in the past."""
    status = await tx.execute("DELETE FROM channels.notice WHERE at < $1", before)
    return int(status.rsplit(" ", 1)[1])


_PUT = """
INSERT INTO channels.development_message (id, recipient, kind, sealed, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[])
"""


async def put_development_messages(tx: Tx, *, messages: Sequence[DevelopmentMessage]) -> None:
    """Keep the messages. Only in development mode: the API gives them away."""
    columns = ([getattr(m, name) for m in messages] for name in DevelopmentMessage.__slots__)
    await tx.execute(_PUT, *columns)


async def put_texts(tx: Tx, *, texts: Sequence[WaitingText], now: datetime) -> None:
    """Queue texts, due at once."""
    await tx.execute(
        "INSERT INTO channels.text (id, sealed, next_at, expires_at)"
        " SELECT id, sealed, $3, expires_at"
        " FROM unnest($1::text[], $2::bytea[], $4::timestamptz[]) AS w (id, sealed, expires_at)",
        [t.id for t in texts], [t.sealed for t in texts], now, [t.expires_at for t in texts],
    )  # fmt: skip


_TAKE_TEXTS = """
UPDATE channels.text t SET next_at = $1 + $3, attempts = t.attempts + 1
FROM (
    SELECT id FROM channels.text WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2
    FOR UPDATE SKIP LOCKED
) due
WHERE t.id = due.id
RETURNING t.id, t.sealed, t.expires_at
"""


async def take_texts(tx: Tx, *, now: datetime, most: int, lease: timedelta) -> list[WaitingText]:
    """Claim up to `most` due texts; what is not finished within the lease is handed out again.
    Texts nobody would want any more are dropped first."""
    await tx.execute("DELETE FROM channels.text WHERE expires_at <= $1", now)
    rows = await tx.fetch(_TAKE_TEXTS, now, most, lease)
    return [WaitingText(**row) for row in rows]


async def drop_texts(tx: Tx, *, ids: Sequence[str]) -> None:
    """Forget texts that were handed over, or never will be."""
    await tx.execute("DELETE FROM channels.text WHERE id = ANY($1)", list(ids))
