"""Writes of cases. Locks are taken in one order: links, cases by id, and only then what others
wait for: payments, limits, accounts, the log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.states import check_move
from anfu.risk.cases.case import (
    MOVES,
    Act,
    Case,
    Item,
    Note,
    Verdict,
    Voice,
    VoiceState,
)
from anfu.risk.cases.grouping import Group, Link, lock_numbers
from anfu.risk.cases.policy import CasePolicy
from anfu.risk.cases.queries import (
    CASE_COLUMNS,
    ITEM_COLUMNS,
    VOICE_COLUMNS,
    case_of,
    item_of,
    voice_of,
)
from anfu.storage.transaction import Tx

# Everything of a case but what it was opened with.
_MUTABLE = [f.name for f in fields(Case) if f.name not in ("id", "opened_at", "policy", "currency")]
_SAVE = f"""
UPDATE risk.case SET {", ".join(f"{name} = ${i}" for i, name in enumerate(_MUTABLE, start=4))}
WHERE id = $1 AND state = $2 AND revision = $3
"""


async def put_policy(tx: Tx, *, policy: CasePolicy, proposal: str, now: datetime) -> None:
    """Bring a policy into force, from the commit on."""
    await tx.execute(
        "INSERT INTO risk.case_policy (version, at, proposal, body) VALUES ($1, $2, $3, $4)",
        policy.version,
        now,
        proposal,
        policy.body,
    )


async def lock_groups(
    tx: Tx, *, links: Collection[Link], since: datetime, most: int
) -> dict[str, tuple[Case, Group]]:
    """The cases with room for more, neither closed nor said of, that got one of `links` since
    then, locked; a case holds `most`. Whoever comes with one of these links next waits for the
    commit."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) AS n", lock_numbers(links)
    )
    rows = await tx.fetch(
        f"SELECT {CASE_COLUMNS} FROM risk.case WHERE state IN ('OPEN', 'CLAIMED') AND count < $4"
        " AND id IN (SELECT l.case_id FROM unnest($1::text[], $2::text[]) AS w (kind, value)"
        " JOIN risk.case_link l ON l.kind = w.kind AND l.value = w.value WHERE l.at >= $3)"
        " ORDER BY id FOR UPDATE",
        [kind for kind, _ in links],
        [value for _, value in links],
        since,
        most,
    )
    cases = [case_of(row) for row in rows]
    found = {c.id: (c, Group(c.id, c.currency, c.opened_at, most - c.count)) for c in cases}
    for row in await tx.fetch(
        "SELECT case_id, kind, value FROM risk.case_link WHERE case_id = ANY($1) AND at >= $2",
        list(found),
        since,
    ):
        found[row["case_id"]][1].links.add((row["kind"], row["value"]))
    return found


async def insert_cases(tx: Tx, *, cases: Sequence[Case]) -> None:
    """Write new cases."""
    names = [f.name for f in fields(Case)]
    await tx.execute(
        f"INSERT INTO risk.case ({CASE_COLUMNS}) SELECT * FROM unnest($1::text[],"
        " $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[],"
        " $8::bigint[], $9::bigint[], $10::int[], $11::int[], $12::text[], $13::text[],"
        " $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::smallint[],"
        " $18::timestamptz[], $19::timestamptz[], $20::int[])",
        *([getattr(case, name) for case in cases] for name in names),
    )


async def insert_items(tx: Tx, *, items: Sequence[Item], links: Sequence[tuple[str, Link]],
                       now: datetime) -> None:  # fmt: skip
    """Write new items, and the `links` (case, link) that tie them to it."""
    names = ("decision", "case_id", "event", "at", "amount", "grade", "score", "held", "fate")
    await tx.execute(
        f"INSERT INTO risk.case_item ({', '.join(names)}) SELECT * FROM unnest($1::text[],"
        " $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::text[], $7::smallint[],"
        " $8::bool[], $9::text[])",
        *([getattr(item, name) for item in items] for name in names),
    )
    ordered = sorted(set(links))
    await tx.execute(
        "INSERT INTO risk.case_link AS l (case_id, kind, value, at)"
        " SELECT w.case_id, w.kind, w.value, $4"
        " FROM unnest($1::text[], $2::text[], $3::text[]) AS w (case_id, kind, value)"
        " ON CONFLICT (kind, value, case_id) DO UPDATE SET at = greatest(l.at, excluded.at)",
        [case for case, _ in ordered],
        [kind for _, (kind, _) in ordered],
        [value for _, (_, value) in ordered],
        now,
    )


async def lock_case(tx: Tx, *, case: str) -> Case:
    """The case, which nobody else changes until the commit. Raises Refused("case_not_found")."""
    row = await tx.fetchrow(f"SELECT {CASE_COLUMNS} FROM risk.case WHERE id = $1 FOR UPDATE", case)
    if row is None:
        raise Refused("case_not_found", field="case")
    return case_of(row)


async def lock_case_of(tx: Tx, *, event: str) -> Case | None:
    """The case in which the payment is held, locked; None where it is in none. To be asked before
    the payment is locked."""
    row = await tx.fetchrow(
        f"SELECT {CASE_COLUMNS} FROM risk.case WHERE id = (SELECT case_id FROM risk.case_item"
        " WHERE event = $1 AND held LIMIT 1) FOR UPDATE",
        event,
    )
    return None if row is None else case_of(row)


async def lock_cases_held(tx: Tx, *, holder: str) -> list[Case]:
    """Everything a person works on, locked."""
    rows = await tx.fetch(
        f"SELECT {CASE_COLUMNS} FROM risk.case WHERE holder = $1 ORDER BY id FOR UPDATE", holder
    )
    return [case_of(row) for row in rows]


async def save(tx: Tx, *, before: Case, after: Case) -> None:
    """Write a locked case as it is now. Raises BrokenInvariant for a move that is not in the table
    or when the row is not as it was read."""
    if before.state is not after.state:
        check_move(MOVES, before.state, after.state)
    values = [getattr(after, name) for name in _MUTABLE]
    done = await tx.execute(_SAVE, before.id, before.state, before.revision, *values)
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{before.id} is not as it was read: {done}")


async def take_waiting(tx: Tx, *, now: datetime, most: int) -> list[Case]:
    """Cases whose next level of escalation is reached, locked; those another worker holds are left
    to it."""
    rows = await tx.fetch(
        f"SELECT {CASE_COLUMNS} FROM risk.case WHERE next_at <= $1 ORDER BY next_at LIMIT $2"
        " FOR UPDATE SKIP LOCKED",
        now,
        most,
    )
    return [case_of(row) for row in rows]


async def end_items(tx: Tx, *, event: str, fate: str) -> list[Item]:
    """Note that the payment waits no more; its items, none where it was in no case."""
    rows = await tx.fetch(
        "UPDATE risk.case_item SET held = false, fate = $2 WHERE event = $1 AND held"
        f" RETURNING {ITEM_COLUMNS}",
        event,
        fate,
    )
    return [item_of(row) for row in rows]


async def judge_items(
    tx: Tx, *, decisions: Sequence[str], verdict: Verdict, reason: str | None, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """Write a verdict on decisions that have none. Raises BrokenInvariant if one of them has."""
    done = await tx.execute(
        "UPDATE risk.case_item SET verdict = $2, reason = $3, decided_by = $4, decided_at = $5"
        " WHERE decision = ANY($1) AND verdict IS NULL",
        decisions,
        verdict,
        reason,
        by,
        now,
    )
    if done != f"UPDATE {len(decisions)}":
        raise BrokenInvariant(f"{len(decisions)} verdicts were to be written: {done}")


async def clear_verdicts(tx: Tx, *, case: str) -> None:
    """Take the verdicts back: the case is looked at again. What they ended stays ended, and the
    voices stay as history."""
    await tx.execute(
        "UPDATE risk.case_item SET verdict = NULL, reason = NULL, decided_by = NULL,"
        " decided_at = NULL WHERE case_id = $1",
        case,
    )


async def insert_voice(tx: Tx, *, voice: Voice) -> None:
    """Keep what was said."""
    names = [f.name for f in fields(Voice)]
    marks = ", ".join(f"${i + 1}" for i in range(len(names)))
    await tx.execute(
        f"INSERT INTO risk.case_voice ({VOICE_COLUMNS}) VALUES ({marks})",
        *(getattr(voice, name) for name in names),
    )


async def get_said(tx: Tx, *, case: str) -> Voice:
    """The voice that waits for a second one. Raises Refused("case_nothing_said")."""
    row = await tx.fetchrow(
        f"SELECT {VOICE_COLUMNS} FROM risk.case_voice WHERE case_id = $1 AND state = 'SAID'", case
    )
    if row is None:
        raise Refused("case_nothing_said", field="case")
    return voice_of(row)


async def end_voice(tx: Tx, *, voice: str, state: VoiceState, by: str, now: datetime) -> None:
    """The second person has spoken. The database refuses a second voice of the first person."""
    done = await tx.execute(
        "UPDATE risk.case_voice SET state = $2, second = $3, second_at = $4"
        " WHERE id = $1 AND state = 'SAID'",
        voice,
        state,
        by,
        now,
    )
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{voice} does not wait for a second voice")


async def insert_note(tx: Tx, *, note: Note) -> None:
    """Keep a note."""
    await tx.execute(
        "INSERT INTO risk.case_note (id, case_id, at, by, sealed, digest)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        note.id,
        note.case_id,
        note.at,
        note.by,
        note.sealed,
        note.digest,
    )


async def insert_acts(tx: Tx, *, acts: Sequence[Act]) -> None:
    """Keep what was done, in its order."""
    await tx.execute(
        "INSERT INTO risk.case_act (case_id, at, kind, by, detail)"
        " SELECT a.case_id, a.at, a.kind, a.by, a.detail FROM unnest($1::text[],"
        " $2::timestamptz[], $3::text[], $4::text[], $5::text[])"
        " WITH ORDINALITY AS a (case_id, at, kind, by, detail, place) ORDER BY a.place",
        [act.case_id for act in acts],
        [act.at for act in acts],
        [act.kind for act in acts],
        [act.by for act in acts],
        [act.detail for act in acts],
    )
