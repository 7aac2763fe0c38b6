"""The outbox: events written in the transaction they tell of, and their way to each endpoint.

Deliveries are at-least-once and in order per (endpoint, object): one is handed out only when no
earlier one of the same endpoint and object is still waiting. The order is that of `put`; writers
of one object follow each other because they lock it.

A taker claims by moving `next_at` past its lease and commits, so that no transaction is open while
it sends. A taker that dies loses its claim when the lease ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, first_id, new_id
from anfu.storage.transaction import Tx

# The pause after each failed attempt; after the last one, 70 hours in, the delivery is DEAD.
PAUSES_S = (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600) + (12 * 3600,) * 5
# Each pause is stretched or cut by up to this part, so that retries do not come in waves.
JITTER = 0.2
_ERROR_MAX = 200
_MS = timedelta(milliseconds=1)


class DeliveryState(StrEnum):
    """WAITING also while leased or backing off."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to `object_id`, for `owner` to read; `body` is what endpoints are sent."""

    id: str
    kind: str
    object_id: str
    owner: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery claimed by `take`; `attempt` counts from 1 and names the claim."""

    id: str
    endpoint_id: str
    attempt: int
    event: Event


@dataclass(frozen=True, slots=True)
class Result:
    """How the attempt ended; `answered` is the status code, None when there was no answer.

    `give_up` makes a failure the last one, e.g. because the endpoint is no more.
    """

    id: str
    attempt: int
    delivered: bool
    answered: int | None = None
    error: str | None = None
    give_up: bool = False


_PUT_EVENTS = """
INSERT INTO storage.event (id, kind, object_id, owner, at, body)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[])
"""
_PUT = f"""
WITH event AS ({_PUT_EVENTS})
INSERT INTO storage.delivery (id, event_id, object_id, endpoint_id, owner, state, next_at)
SELECT d.id, d.event_id, d.object_id, d.endpoint_id, d.owner, 'WAITING', $12
FROM unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
     WITH ORDINALITY AS d (id, event_id, object_id, endpoint_id, owner, place)
ORDER BY d.place
"""


async def put(
    tx: Tx,
    *,
    events: Sequence[Event],
    endpoints: Mapping[str, Sequence[str]],
    now: datetime,
    entropy: Entropy,
) -> None:
    """Write the events, and a waiting delivery for each of `endpoints[event.id]`, in one statement.

    Raises BrokenInvariant when `endpoints` names an event that is not among `events`.
    """
    if not endpoints.keys() <= {event.id for event in events}:
        raise BrokenInvariant("endpoints are given for an event that is not put")
    columns = _columns(6, [(e.id, e.kind, e.object_id, e.owner, e.at, e.body) for e in events])
    ways = [
        (new_id("dlv", now=now, entropy=entropy), e.id, e.object_id, endpoint, e.owner)
        for e in events
        for endpoint in endpoints.get(e.id, ())
    ]
    if ways:
        await tx.execute(_PUT, *columns, *_columns(5, ways), now)
    elif events:
        await tx.execute(_PUT_EVENTS, *columns)


_TAKE = """
WITH due AS (
    SELECT d.id FROM storage.delivery d
    WHERE d.state = 'WAITING' AND d.next_at <= $1 AND NOT EXISTS (
        SELECT FROM storage.delivery earlier
        WHERE earlier.state = 'WAITING' AND earlier.endpoint_id = d.endpoint_id
          AND earlier.object_id = d.object_id AND earlier.seq < d.seq)
    ORDER BY d.next_at, d.seq LIMIT $2
    FOR UPDATE OF d SKIP LOCKED
), taken AS (
    UPDATE storage.delivery d SET next_at = $1 + $3, attempts = d.attempts + 1
    FROM due WHERE d.id = due.id
    RETURNING d.seq, d.id, d.endpoint_id, d.attempts, d.owner, d.event_id
)
SELECT t.id AS delivery_id, t.endpoint_id, t.attempts,
       e.id, e.kind, e.object_id, e.owner, e.at, e.body
FROM taken t JOIN storage.event e ON e.owner = t.owner AND e.id = t.event_id
ORDER BY t.seq
"""


async def take(tx: Tx, *, now: datetime, most: int, lease_s: float) -> list[Taken]:
    """Claim up to `most` due deliveries for `lease_s` seconds, oldest first.

    Commit, send, then `finish`. What is not finished within the lease is handed out again.
    """
    rows = await tx.fetch(_TAKE, now, most, timedelta(seconds=lease_s))
    return [
        Taken(row["delivery_id"], row["endpoint_id"], row["attempts"], _event(row)) for row in rows
    ]


# What waits behind a failed one goes to sleep with it, so that an endpoint that is down does not
# leave a growing pile of due rows for every `take` to step over.
_FINISH = """
WITH result AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::bool[], $4::int[], $5::text[],
                         $6::timestamptz[])
        AS r (id, attempt, delivered, answered, error, again_at)
), locked AS (
    SELECT d.seq, d.id, d.endpoint_id, d.object_id, d.attempts FROM storage.delivery d
    WHERE d.state = 'WAITING' AND EXISTS (
        SELECT FROM storage.delivery head JOIN result r ON r.id = head.id
        WHERE head.endpoint_id = d.endpoint_id AND head.object_id = d.object_id)
    ORDER BY d.seq FOR UPDATE OF d
), ended AS (
    SELECT l.*, r.delivered, r.answered, r.error, r.again_at
    FROM locked l JOIN result r ON r.id = l.id AND (r.delivered OR r.attempt = l.attempts)
), asleep AS (
    UPDATE storage.delivery d SET next_at = greatest(d.next_at, ended.again_at)
    FROM ended JOIN locked ON locked.endpoint_id = ended.endpoint_id
        AND locked.object_id = ended.object_id AND locked.seq > ended.seq
    WHERE NOT ended.delivered AND ended.again_at IS NOT NULL AND d.id = locked.id
      AND d.state = 'WAITING' AND d.id NOT IN (SELECT id FROM ended)
)
UPDATE storage.delivery d SET
    state = CASE WHEN ended.delivered THEN 'DELIVERED'
                 WHEN ended.again_at IS NULL THEN 'DEAD' ELSE 'WAITING' END,
    next_at = coalesce(ended.again_at, d.next_at),
    finished_at = CASE WHEN ended.again_at IS NULL THEN $7::timestamptz END,
    answered = ended.answered,
    last_error = ended.error
FROM ended WHERE d.id = ended.id AND d.state = 'WAITING'
RETURNING d.id, d.state
"""


async def finish(
    tx: Tx, *, results: Sequence[Result], now: datetime, entropy: Entropy
) -> dict[str, DeliveryState]:
    """Note how attempts ended: DELIVERED, or waiting for the next attempt, or DEAD.

    Returns the new state of each delivery that was changed. A failure reported by a taker whose
    claim has passed to another is left out, and so is anything about a finished delivery; a
    success counts whoever reports it.
    """
    if not results:
        return {}
    rows = await tx.fetch(
        _FINISH,
        *_columns(6, [
            (
                r.id,
                r.attempt,
                r.delivered,
                r.answered,
                None if r.error is None else r.error[:_ERROR_MAX],
                None if r.delivered or r.give_up else _again_at(r.attempt, now, entropy),
            )
            for r in results
        ]),
        now,
    )  # fmt: skip
    return {row["id"]: DeliveryState(row["state"]) for row in rows}


async def get_event(tx: Tx, id: str, *, owner: str | None) -> Event:  # noqa: A002
    """Raises Refused("event_not_found"), also for an event of another `owner` when one is named."""
    row = await tx.fetchrow("SELECT * FROM storage.event WHERE id = $1", id)
    if row is None or owner not in (None, row["owner"]):
        raise Refused("event_not_found", field="event")
    return _event(row)


async def list_events(
    tx: Tx, *, owner: str | None, before: str | None = None, most: int = 100
) -> list[Event]:
    """A page of events, of one owner when it is named, newest first."""
    rows = await tx.fetch(
        "SELECT * FROM storage.event WHERE ($1::text IS NULL OR owner = $1)"
        " AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        owner,
        before,
        most,
    )
    return [_event(row) for row in rows]


async def moved_between(
    tx: Tx, kinds: Sequence[str], *, since: datetime, until: datetime
) -> list[str]:
    """What events of kinds that begin so were told of, by ids of events made in `[since, until)`,
    which is the order of the primary key."""
    rows = await tx.fetch(
        "SELECT DISTINCT object_id FROM storage.event WHERE id >= $1 AND id < $2"
        " AND kind ^@ ANY($3::text[])",
        first_id("evt", at=since),
        first_id("evt", at=until),
        kinds,
    )
    return [row["object_id"] for row in rows]


# By the time in their ids: there is no index on objects, which every payment would pay for.
_FIND_EVENTS = """
SELECT e.* FROM unnest($1::text[]) AS o (owner)
 CROSS JOIN unnest($2::text[], $3::text[]) AS w (low, high)
 CROSS JOIN LATERAL (SELECT * FROM storage.event
                      WHERE owner = o.owner AND id >= w.low AND id < w.high
                        AND object_id = ANY($4::text[])) e
 ORDER BY e.id
"""


async def find_events(
    tx: Tx, objects: Sequence[str], moments: Sequence[datetime], *, owners: Sequence[str]
) -> list[Event]:
    """The events of `owners` about `objects` that were put in the milliseconds of `moments`."""
    marks = sorted({first_id("evt", at=at): first_id("evt", at=at + _MS) for at in moments}.items())
    lows, highs = [low for low, _ in marks], [high for _, high in marks]
    rows = await tx.fetch(_FIND_EVENTS, sorted(set(owners)), lows, highs, list(objects))
    return [_event(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Backlog:
    """`waiting` deliveries are past their time, the first of them since `since`; `dead` ones were
    given up."""

    waiting: int
    since: datetime | None
    dead: int


async def backlog(tx: Tx, *, now: datetime) -> Backlog:
    """What lies in the outbox."""
    row = await tx.fetchrow(
        "SELECT count(*) FILTER (WHERE state = 'WAITING' AND next_at <= $1) AS waiting,"
        " min(next_at) FILTER (WHERE state = 'WAITING' AND next_at <= $1) AS since,"
        " count(*) FILTER (WHERE state = 'DEAD') AS dead"
        " FROM storage.delivery WHERE state <> 'DELIVERED'",
        now,
    )
    return Backlog(**row)


def _again_at(attempt: int, now: datetime, entropy: Entropy) -> datetime | None:
    if attempt > len(PAUSES_S):
        return None
    share = int.from_bytes(entropy.bytes(4), "big") / (1 << 32)
    factor = 1 - JITTER + 2 * JITTER * share
    return now + timedelta(seconds=PAUSES_S[attempt - 1] * factor)


def _columns(count: int, rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [[row[i] for row in rows] for i in range(count)]


def _event(row: Mapping[str, object]) -> Event:
    return Event(**{name: row[name] for name in Event.__slots__})  # type: ignore[arg-type]
