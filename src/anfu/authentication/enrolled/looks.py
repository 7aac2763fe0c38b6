"""Looks: how often a firm outside is asked about faces. Counted before it is asked, so that of
answers that come at once no more are looked at than may be wrong."""

from __future__ import annotations

from datetime import datetime

from anfu.authentication.challenge import Challenge
from anfu.kernel.errors import Refused
from anfu.storage.transaction import Tx


async def most_looks(tx: Tx, challenge: Challenge, factor: str) -> int:
    """How many captures may be looked at for a locked challenge: those that were wrong, and as many
    as it has attempts left."""
    wrong = await tx.fetchval(
        "SELECT count(*) FROM authentication.face_check"
        " WHERE factor = $1 AND challenge = $2 AND NOT passed",
        factor,
        challenge.id,
    )
    return int(wrong) + challenge.attempts_left


async def begin_look(tx: Tx, *, look: str, subject: str, most: int, now: datetime) -> bool:
    """Count the look `look` for `subject`, whose row is locked; whether it is a new one: the same
    question is counted once. Raises Refused(face_checks_spent) after `most`."""
    rows = await tx.fetch("SELECT id FROM authentication.face_look WHERE subject = $1", subject)
    if look in {row["id"] for row in rows}:
        return False
    if len(rows) >= most:
        raise Refused("face_checks_spent", field="factor", most=most)
    await tx.execute(
        "INSERT INTO authentication.face_look (id, subject, at) VALUES ($1, $2, $3)",
        look, subject, now,
    )  # fmt: skip
    return True


async def take_back_look(tx: Tx, *, look: str) -> None:
    """The firm did not say: the look counts no more."""
    await tx.execute("DELETE FROM authentication.face_look WHERE id = $1", look)


async def forget_looks(tx: Tx, *, before: datetime) -> None:
    """Drop what no question waits for any more: `before` lies more than an hour in the past."""
    await tx.execute("DELETE FROM authentication.face_look WHERE at < $1", before)
