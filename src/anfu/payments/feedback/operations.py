"""Writes of feedback."""

from __future__ import annotations

from anfu.payments.feedback.feedback import Feedback
from anfu.payments.feedback.queries import COLUMNS, NAMES
from anfu.storage.transaction import Tx

_PLACES = ", ".join(f"${number}" for number in range(1, len(NAMES) + 1))


async def put_feedback(tx: Tx, *, feedback: Feedback) -> None:
    """Write it, or what was said before anew: one piece for a checkout."""
    await tx.execute(
        f"INSERT INTO payments.feedback ({COLUMNS}) VALUES ({_PLACES})"
        " ON CONFLICT (checkout) DO UPDATE SET score = excluded.score, paid = excluded.paid,"
        " comment = excluded.comment, at = excluded.at",
        *(getattr(feedback, name) for name in NAMES),
    )


async def forget_comments(tx: Tx, *, payer: str) -> None:
    """No law keeps what a payer wrote; the score alone tells of nobody."""
    await tx.execute("UPDATE payments.feedback SET comment = NULL WHERE payer = $1", payer)
