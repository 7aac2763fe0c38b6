"""Idempotency: (caller, key) names one answer. Same content, same answer; other content, refused.

A key is looked up first and written together with its answer, in the transaction that does the
work. Of two transactions that race for one key, the second finds it taken when it writes, is
rolled back whole (`Raced`) and, run again, finds the answer: no key is ever half claimed. Work
that goes on outside leaves its key without an answer until `finish`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.storage.database import Database
from anfu.storage.transaction import Raced, Tx

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A request under an idempotency key; `content` is the SHA-256 of what it asks for."""

    caller: str
    key: str
    content: bytes

    @property
    def name(self) -> Name:
        return self.caller, self.key


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told: a status and the exact bytes of the document."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Remembered:
    """A key used before; `answer` is None while the work is still going on."""

    content: bytes
    answer: Answer | None


def answer_again(claim: Claim, remembered: Remembered) -> Answer:
    """The remembered answer.

    Raises Refused: idempotency_key_reused (other content), idempotency_in_flight (no answer yet).
    """
    if claim.content != remembered.content:
        raise Refused("idempotency_key_reused", field="Idempotency-Key")
    if remembered.answer is None:
        raise Refused("idempotency_in_flight", field="Idempotency-Key")
    return remembered.answer


async def find(tx: Tx, claims: Sequence[Claim]) -> dict[Name, Remembered]:
    """What is remembered of these keys, by (caller, key)."""
    rows = await tx.fetch(
        "SELECT i.caller, i.key, i.content, i.status, i.body"
        " FROM unnest($1::text[], $2::text[]) AS c (caller, key)"
        " JOIN storage.idempotency i ON i.caller = c.caller AND i.key = c.key",
        [claim.caller for claim in claims],
        [claim.key for claim in claims],
    )
    return {(r["caller"], r["key"]): Remembered(r["content"], _answer(r)) for r in rows}


async def remember(tx: Tx, *, claims: Mapping[Claim, Answer | None], now: datetime) -> None:
    """Write new keys with their answers; None for work that goes on after this transaction.

    Raises Raced when another transaction has written one of them since `find`.
    """
    if not claims:
        return
    ordered = sorted(claims, key=lambda claim: claim.name)
    answers = [claims[claim] for claim in ordered]
    done = await tx.execute(
        "INSERT INTO storage.idempotency (caller, key, content, at, status, body)"
        " SELECT c.caller, c.key, c.content, $6, c.status, c.body"
        " FROM unnest($1::text[], $2::text[], $3::bytea[], $4::smallint[], $5::bytea[])"
        " AS c (caller, key, content, status, body) ON CONFLICT DO NOTHING",
        [claim.caller for claim in ordered],
        [claim.key for claim in ordered],
        [claim.content for claim in ordered],
        [None if answer is None else answer.status for answer in answers],
        [None if answer is None else answer.body for answer in answers],
        now,
    )
    if done != f"INSERT 0 {len(ordered)}":
        raise Raced


async def finish(tx: Tx, *, answers: Mapping[Name, Answer]) -> None:
    """Give the keys in flight their answers.

    Raises BrokenInvariant if one is not there or has an answer already.
    """
    if not answers:
        return
    names = sorted(answers)
    done = await tx.execute(
        "UPDATE storage.idempotency i SET status = a.status, body = a.body"
        " FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bytea[])"
        " AS a (caller, key, status, body)"
        " WHERE i.caller = a.caller AND i.key = a.key AND i.status IS NULL",
        [caller for caller, _ in names],
        [key for _, key in names],
        [answers[name].status for name in names],
        [answers[name].body for name in names],
    )
    if done != f"UPDATE {len(names)}":
        raise BrokenInvariant("an idempotency key was answered twice, or never claimed")


async def once(
    database: Database, claim: Claim, work: Callable[[Tx], Awaitable[Answer]], *, now: datetime
) -> Answer:
    """The answer of `work`, done once for this key: remembered in the same transaction.

    Raises Refused as `answer_again` does, and whatever `work` raises, which is not remembered.
    """
    answer, _ = await once_fresh(database, claim, work, now=now)
    return answer


async def once_fresh(
    database: Database, claim: Claim, work: Callable[[Tx], Awaitable[Answer]], *, now: datetime
) -> tuple[Answer, bool]:
    """As `once`, and whether it was done now: the answer of another call is not."""

    async def attempt(tx: Tx) -> tuple[Answer, bool]:
        known = await find(tx, [claim])
        if known:
            return answer_again(claim, known[claim.name]), False
        answer = await work(tx)
        await remember(tx, claims={claim: answer}, now=now)
        return answer, True

    try:
        return await database.run(attempt)
    except Refused:
        # Perhaps by what an equal request has just done: then its answer is ours.
        async with database.transaction(readonly=True) as tx:
            known = await find(tx, [claim])
        if not known:
            raise
    return answer_again(claim, known[claim.name]), False


def _answer(row: object) -> Answer | None:
    status, body = row["status"], row["body"]  # type: ignore[index]
    return None if status is None else Answer(status, body)
