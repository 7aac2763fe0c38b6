"""Reads of authentication."""

from __future__ import annotations

from typing import Any

from anfu.authentication.challenge import Challenge, State
from anfu.kernel.errors import Refused
from anfu.storage.transaction import Tx

_COLUMNS = (
    "id, customer, payment, factor, link, code_hash, state, attempts_left, opened_at, expires_at,"
    " ended_at"
)


async def get_challenge(tx: Tx, challenge_id: str) -> Challenge:
    """Raises Refused(challenge_not_found)."""
    challenge = await read_challenge(tx, challenge_id)
    if challenge is None:
        raise Refused("challenge_not_found")
    return challenge


async def find_open_challenge(tx: Tx, payment: str) -> Challenge | None:
    """The challenge that a payment waits for. Its time may have run out already."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM authentication.challenge WHERE payment = $1 AND state = 'OPEN'",
        payment,
    )
    return _challenge(row)


async def read_challenge(tx: Tx, challenge_id: str, *, lock: bool = False) -> Challenge | None:
    """One challenge, its row locked until the transaction ends if `lock`."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM authentication.challenge WHERE id = $1"
        + (" FOR UPDATE" if lock else ""),
        challenge_id,
    )
    return _challenge(row)


def _challenge(row: Any) -> Challenge | None:
    return None if row is None else Challenge(**{**dict(row), "state": State(row["state"])})
