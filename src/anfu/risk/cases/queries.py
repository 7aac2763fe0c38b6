"""Reads of cases. The queue is in order of priority, the oldest first among equals."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.risk.cases.case import Act, Case, Item, Note, State, Verdict, Voice, VoiceState
from anfu.risk.cases.figures import AGES, TARGET_S, OpenCount, Responses, Standing
from anfu.risk.cases.policy import DEFAULT, CasePolicy, read_policy
from anfu.risk.rules import Grade
from anfu.storage.transaction import Tx

CASE_COLUMNS = ", ".join(field.name for field in fields(Case))
ITEM_COLUMNS = ", ".join(field.name for field in fields(Item))
VOICE_COLUMNS = ", ".join(field.name for field in fields(Voice))


@dataclass(frozen=True, slots=True)
class CasePage:
    """Which part of the queue: at most `limit` cases that come behind the case `after`. Without
    `state` all that are not closed; `event`: only the case about it; `late`:
    only those without the first response they should have had."""

    limit: int
    now: datetime
    after: str | None = None
    state: State | None = None
    queue: str | None = None
    holder: str | None = None
    grade: Grade | None = None
    event: str | None = None
    late: bool = False


async def get_policy(tx: Tx) -> CasePolicy:
    """The policy in force."""
    body = await tx.fetchval("SELECT body FROM risk.case_policy ORDER BY seq DESC LIMIT 1")
    return DEFAULT if body is None else read_policy(body)


async def get_case(tx: Tx, case: str) -> Case:
    """Raises Refused("case_not_found")."""
    row = await tx.fetchrow(f"SELECT {CASE_COLUMNS} FROM risk.case WHERE id = $1", case)
    if row is None:
        raise Refused("case_not_found", field="case")
    return case_of(row)


# Each with its parameter, put together as asked for: an open queue must not read what is closed.
_FILTERS = {
    "queue": "c.queue = ",
    "holder": "c.holder = ",
    "grade": "c.grade = ",
    "event": "c.id IN (SELECT i.case_id FROM risk.case_item i WHERE i.event = ",
    "after": "(-c.priority, c.opened_at, c.id)"
    " > (SELECT -b.priority, b.opened_at, b.id FROM risk.case b WHERE b.id = ",
}


async def list_cases(tx: Tx, page: CasePage) -> list[Case]:
    """A page of the queue."""
    where = ["c.state <> 'CLOSED'" if page.state is not State.CLOSED else "c.state = 'CLOSED'"]
    values: list[object] = []
    for name, condition in _FILTERS.items():
        if (value := getattr(page, name)) is not None:
            values.append(value)
            where.append(f"{condition}${len(values)}{')' * ('(SELECT' in condition)}")
    if page.state is not None:
        values.append(page.state)
        where.append(f"c.state = ${len(values)}")
    if page.late:
        values.append(page.now)
        where.append(f"c.responded_at IS NULL AND c.due_at < ${len(values)}")
    rows = await tx.fetch(
        f"SELECT {CASE_COLUMNS} FROM risk.case c WHERE {' AND '.join(where)}"
        f" ORDER BY c.priority DESC, c.opened_at, c.id LIMIT ${len(values) + 1}",
        *values,
        page.limit,
    )
    return [case_of(row) for row in rows]


async def list_items(tx: Tx, case: str) -> list[Item]:
    """Everything a case is about, in the order it was decided."""
    rows = await tx.fetch(
        f"SELECT {ITEM_COLUMNS} FROM risk.case_item WHERE case_id = $1 ORDER BY decision", case
    )
    return [item_of(row) for row in rows]


async def find_case_of(tx: Tx, event: str) -> str | None:
    """The case in which the payment is held."""
    found = await tx.fetchval(
        "SELECT case_id FROM risk.case_item WHERE event = $1 AND held LIMIT 1", event
    )
    return None if found is None else str(found)


async def find_case_about(tx: Tx, event: str) -> str | None:
    """The case a decision on the payment is in, whether it waits or not."""
    found = await tx.fetchval(
        "SELECT case_id FROM risk.case_item WHERE event = $1 ORDER BY decision DESC LIMIT 1", event
    )
    return None if found is None else str(found)


async def list_voices(tx: Tx, case: str) -> list[Voice]:
    """Everything said of a case, the latest last."""
    rows = await tx.fetch(
        f"SELECT {VOICE_COLUMNS} FROM risk.case_voice WHERE case_id = $1 ORDER BY id", case
    )
    return [voice_of(row) for row in rows]


async def list_said(tx: Tx, *, person: str, most: int) -> list[Voice]:
    """Verdicts that wait for a second person and are not `person`'s own, the oldest first."""
    rows = await tx.fetch(
        f"SELECT {VOICE_COLUMNS} FROM risk.case_voice WHERE state = 'SAID' AND by <> $1"
        " ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [voice_of(row) for row in rows]


async def count_voices(tx: Tx) -> dict[str, int]:
    """How many verdicts in force were given by `one` person and by `two`."""
    row = await tx.fetchrow(
        "SELECT count(*) FILTER (WHERE two) AS two, count(*) FILTER (WHERE NOT two) AS one"
        " FROM risk.case_voice WHERE state = 'FINAL'"
    )
    return dict(row)


async def list_notes(tx: Tx, case: str) -> list[Note]:
    """The notes of a case, still sealed, the latest last."""
    rows = await tx.fetch(
        "SELECT id, case_id, at, by, sealed, digest FROM risk.case_note WHERE case_id = $1"
        " ORDER BY id",
        case,
    )
    return [Note(**row) for row in rows]


async def list_acts(tx: Tx, case: str) -> list[Act]:
    """What was done with a case, the latest last."""
    rows = await tx.fetch(
        "SELECT case_id, at, kind, by, detail FROM risk.case_act WHERE case_id = $1 ORDER BY seq",
        case,
    )
    return [Act(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another case that shares an input with this one."""

    id: str
    state: State
    kind: str
    value: str


async def list_neighbours(tx: Tx, case: str, *, most: int) -> list[Neighbour]:
    """Other cases tied to this one, the latest first."""
    rows = await tx.fetch(
        "SELECT o.case_id AS id, c.state, l.kind, l.value FROM risk.case_link l,"
        " LATERAL (SELECT n.case_id FROM risk.case_link n WHERE n.kind = l.kind"
        " AND n.value = l.value AND n.case_id <> l.case_id ORDER BY n.case_id DESC LIMIT $2) o"
        " JOIN risk.case c ON c.id = o.case_id WHERE l.case_id = $1"
        " ORDER BY o.case_id DESC, l.kind, l.value LIMIT $2",
        case,
        most,
    )
    return [Neighbour(r["id"], State(r["state"]), r["kind"], r["value"]) for r in rows]


async def list_links(tx: Tx, case: str) -> list[tuple[str, str]]:
    """What ties the decisions of a case together: inputs and their values."""
    rows = await tx.fetch(
        "SELECT kind, value FROM risk.case_link WHERE case_id = $1 ORDER BY kind, value", case
    )
    return [(row["kind"], row["value"]) for row in rows]


async def list_uncarried(tx: Tx, *, before: datetime, most: int) -> list[str]:
    """Cases with payments that still wait although their verdict was given before `before`."""
    rows = await tx.fetch(
        "SELECT case_id FROM risk.case_item WHERE held AND verdict IS NOT NULL"
        " AND decided_at < $1 GROUP BY case_id ORDER BY min(decided_at) LIMIT $2",
        before,
        most,
    )
    return [row["case_id"] for row in rows]


def case_of(row: Any) -> Case:
    """The case a row with `CASE_COLUMNS` stands for."""
    return Case(**{**row, "state": State(row["state"]), "grade": Grade(row["grade"])})


def item_of(row: Any) -> Item:
    """The item a row with `ITEM_COLUMNS` stands for."""
    verdict = row["verdict"]
    return Item(**{**row, "grade": Grade(row["grade"]), "verdict": verdict and Verdict(verdict)})


def voice_of(row: Any) -> Voice:
    """The voice a row with `VOICE_COLUMNS` stands for."""
    return Voice(
        **{**row, "verdict": Verdict(row["verdict"]), "state": VoiceState(row["state"]),
           "decisions": tuple(row["decisions"])}
    )  # fmt: skip


_STANDING = """
SELECT c.grade, width_bucket(extract(epoch FROM $1 - c.opened_at), $2::numeric[]) AS age,
       count(*) AS count, max(extract(epoch FROM $1 - c.opened_at)) AS oldest_s,
       count(*) FILTER (WHERE c.responded_at IS NULL AND c.due_at < $1) AS late
FROM risk.case c WHERE c.state <> 'CLOSED' GROUP BY 1, 2 ORDER BY 1, 2
"""


async def get_standing(tx: Tx, *, now: datetime) -> Standing:
    """What waits now, by grade and age."""
    ages = [int(age.total_seconds()) for age in AGES]
    rows = await tx.fetch(_STANDING, now, ages)
    counts = tuple(
        OpenCount(Grade(r["grade"]), ages[r["age"]] if r["age"] < len(ages) else None, r["count"])
        for r in rows
    )
    oldest = max((float(row["oldest_s"]) for row in rows), default=0.0)
    return Standing(counts, sum(row["late"] for row in rows), max(0.0, oldest))


# Spans are compared as they are: their seconds are taken of the two that are told.
_RESPONSES = """
WITH opened AS (
    SELECT responded_at - opened_at AS took, due_at, responded_at
    FROM risk.case WHERE opened_at >= $1 AND opened_at < $2
)
SELECT count(*) AS cases, count(took) AS answered,
       count(*) FILTER (WHERE took IS NOT NULL OR due_at < $3) AS due,
       count(*) FILTER (WHERE responded_at <= due_at) AS in_time,
       count(*) FILTER (WHERE took <= make_interval(secs => $4)) AS in_target,
       extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY took))::float8 AS p50_s,
       extract(epoch FROM percentile_disc(0.95) WITHIN GROUP (ORDER BY took))::float8 AS p95_s
FROM opened
"""


async def get_responses(tx: Tx, *, start: datetime, end: datetime, now: datetime) -> Responses:
    """How the cases opened from `start` to before `end` were answered."""
    return Responses(**await tx.fetchrow(_RESPONSES, start, end, now, TARGET_S))
