"""What the channels remember: nonces of notices, and messages in development mode."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.channels.development import DevelopmentMessage
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
