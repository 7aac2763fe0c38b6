"""Deliveries: what came of each event's way to an endpoint, and sending it there once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.kernel.ids import first_id
from anfu.storage.outbox import DeliveryState
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one endpoint."""

    id: str
    event_id: str
    object_id: str
    endpoint_id: str
    owner: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    answered: int | None
    last_error: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Deliveries in one state, of one event, to one endpoint; None for any."""

    state: DeliveryState | None = None
    event: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Deliveries to `endpoint` of `owner` that ended in `state`, put since `since` and, where a
    call before this one ended, behind `after`."""

    endpoint: str
    owner: str
    state: DeliveryState
    since: datetime
    after: str = ""


_DELIVERY = """
SELECT id, event_id, object_id, endpoint_id, owner, state, attempts, next_at, answered, last_error,
       finished_at
FROM storage.delivery
"""
# No id is older.
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_ANY = Sought()
_LIST = f"""
{_DELIVERY}
WHERE ($1::text IS NULL OR owner = $1) AND ($2::text IS NULL OR id < $2)
  AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR event_id = $5)
  AND ($6::text IS NULL OR endpoint_id = $6)
ORDER BY id DESC LIMIT $3
"""


async def mark(tx: Tx) -> tuple[str | None, int]:
    """What changes when deliveries are made or end: the latest one, and how many wait, up to a
    thousand."""
    row = await tx.fetchrow(
        "SELECT (SELECT max(id) FROM storage.delivery) AS latest, (SELECT count(*) FROM"
        " (SELECT FROM storage.delivery WHERE state = 'WAITING' LIMIT 1000) AS w) AS waiting"
    )
    return row["latest"], row["waiting"]


async def get_delivery(tx: Tx, id: str, *, owner: str | None) -> Delivery:  # noqa: A002
    """Raises Refused("delivery_not_found"), also for one of another `owner` when one is named."""
    row = await tx.fetchrow(f"{_DELIVERY} WHERE id = $1", id)
    if row is None or owner not in (None, row["owner"]):
        raise Refused("delivery_not_found", field="delivery")
    return _delivery(row)


async def list_deliveries(
    tx: Tx,
    *,
    owner: str | None,
    before: str | None = None,
    most: int = 100,
    sought: Sought = _ANY,
) -> list[Delivery]:
    """A page of deliveries, of one owner when it is named, newest first."""
    wanted = (sought.state, sought.event, sought.endpoint)
    return [_delivery(row) for row in await tx.fetch(_LIST, owner, before, most, *wanted)]


async def list_of_events(tx: Tx, events: Sequence[str]) -> list[Delivery]:
    """The deliveries of `events`, in their order."""
    rows = await tx.fetch(
        f"{_DELIVERY} WHERE event_id = ANY($1::text[]) ORDER BY seq", list(events)
    )
    return [_delivery(row) for row in rows]


_AGAIN = """
UPDATE storage.delivery d
SET state = 'WAITING', attempts = 0, next_at = $1, finished_at = NULL, answered = NULL,
    last_error = NULL
FROM locked WHERE d.id = locked.id
RETURNING d.id
"""
_REPLAY = f"""
WITH locked AS (
    SELECT id FROM storage.delivery
    WHERE id = ANY ($2::text[]) AND state <> 'WAITING' AND ($3::text IS NULL OR owner = $3)
    ORDER BY seq FOR UPDATE
)
{_AGAIN}
"""
_REPLAY_SINCE = f"""
WITH locked AS (
    SELECT id FROM storage.delivery
    WHERE owner = $2 AND endpoint_id = $3 AND state = $4 AND id >= $5 AND id > $6
    ORDER BY id LIMIT $7 FOR UPDATE
)
{_AGAIN}
"""


async def replay(
    tx: Tx, *, ids: Sequence[str], now: datetime, owner: str | None = None
) -> frozenset[str]:
    """Put DEAD or DELIVERED deliveries back, due at once, before later ones of their object.

    Returns those put back; waiting and unknown ones, and those of another `owner` when one is
    named, are left as they are.
    """
    rows = await tx.fetch(_REPLAY, now, list(ids), owner)
    return frozenset(row["id"] for row in rows)


async def replay_since(tx: Tx, *, ended: Ended, most: int, now: datetime) -> list[str]:
    """`replay` of the first `most` of them, in their order."""
    since = first_id("dlv", at=max(ended.since, _BEGINNING))
    asked = (ended.owner, ended.endpoint, ended.state, since, ended.after, most)
    return sorted(row["id"] for row in await tx.fetch(_REPLAY_SINCE, now, *asked))


def _delivery(row: Mapping[str, Any]) -> Delivery:
    return Delivery(**{**row, "state": DeliveryState(row["state"])})
