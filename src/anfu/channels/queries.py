"""What was kept in development mode."""

from __future__ import annotations

from anfu.channels.development import DevelopmentMessage
from anfu.storage.transaction import Tx

_LIST = """
SELECT id, recipient, kind, sealed, at FROM channels.development_message
WHERE recipient = $1 AND ($2::text IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3
"""


async def list_development_messages(
    tx: Tx, *, recipient: str, before: str | None = None, most: int = 20
) -> list[DevelopmentMessage]:
    """What `recipient` would have been sent, newest first, from the one that precedes `before`."""
    rows = await tx.fetch(_LIST, recipient, before, most)
    return [DevelopmentMessage(**row) for row in rows]
