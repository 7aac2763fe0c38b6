"""Reads of authentication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from anfu.authentication.challenge import Challenge, State
from anfu.authentication.policy import Ways
from anfu.authentication.rates import DAY, HOUR, Sent, Source
from anfu.kernel.errors import Refused
from anfu.storage.transaction import Tx

_COLUMNS = (
    "id, customer, payment, ways, proven, device, link, code_hash, codes_sent, state,"
    " attempts_left, opened_at, expires_at, ended_at"
)
_SENT = """
SELECT (SELECT count(*) FROM authentication.code_sent s
        WHERE s.number = w.number AND s.at > $4) AS number_hour,
       (SELECT count(*) FROM authentication.code_sent s
        WHERE s.number = w.number AND s.at > $5) AS number_day,
       (SELECT count(*) FROM authentication.code_sent s
        WHERE s.address = w.address AND s.at > $4) AS address_hour,
       (SELECT count(*) FROM authentication.code_sent s
        WHERE s.device = w.device AND s.at > $4) AS device_hour
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
    AS w (number, address, device, place)
ORDER BY place
"""


async def list_sent(tx: Tx, sources: Sequence[Source], *, now: datetime) -> list[Sent]:
    """What was sent to and for each of `sources`, in their order."""
    columns = ([getattr(s, name) for s in sources] for name in Source.__slots__)
    return [Sent(**row) for row in await tx.fetch(_SENT, *columns, now - HOUR, now - DAY)]


async def get_challenge(tx: Tx, challenge_id: str) -> Challenge:
    """Raises Refused(challenge_not_found)."""
    challenge = await read_challenge(tx, challenge_id)
    if challenge is None:
        raise Refused("challenge_not_found")
    return challenge


async def find_open_challenge(tx: Tx, payment: str, *, lock: bool = False) -> Challenge | None:
    """The challenge that a payment waits for, its row locked until the transaction ends if `lock`.
    Its time may have run out already."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM authentication.challenge WHERE payment = $1 AND state = 'OPEN'"
        + (" FOR UPDATE" if lock else ""),
        payment,
    )
    return _challenge(row)


async def list_challenges(tx: Tx, payment: str) -> list[Challenge]:
    """Every challenge of a payment, oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM authentication.challenge WHERE payment = $1 ORDER BY id", payment
    )
    return [found for row in rows if (found := _challenge(row)) is not None]


async def list_overdue(tx: Tx, prefix: str, *, now: datetime, most: int) -> list[str]:
    """Names that begin with `prefix`, of what waits for a challenge whose time has run out."""
    rows = await tx.fetch(
        "SELECT payment FROM authentication.challenge"
        " WHERE state = 'OPEN' AND expires_at <= $1 AND starts_with(payment, $2)"
        " ORDER BY payment LIMIT $3",
        now, prefix, most,
    )  # fmt: skip
    return [row["payment"] for row in rows]


async def read_challenge(tx: Tx, challenge_id: str, *, lock: bool = False) -> Challenge | None:
    """One challenge, its row locked until the transaction ends if `lock`."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM authentication.challenge WHERE id = $1"
        + (" FOR UPDATE" if lock else ""),
        challenge_id,
    )
    return _challenge(row)


def _challenge(row: Any) -> Challenge | None:
    if row is None:
        return None
    ways = msgspec.json.decode(row["ways"], type=Ways)
    state, proven = State(row["state"]), tuple(row["proven"])
    return Challenge(**{**dict(row), "state": state, "ways": ways, "proven": proven})
