"""Writes of enrolled factors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from anfu.authentication.enrolled.enrolled import FAILURES, LOCK, MOVES, Enrolled
from anfu.authentication.enrolled.queries import lock_usable
from anfu.authentication.enrolled.verify import Means, verify
from anfu.authentication.face import Seen
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.states import check_move
from anfu.storage.transaction import ConstraintViolated, Tx


async def insert(tx: Tx, *, factor: Enrolled) -> None:
    """Write a new factor. Raises Refused(factor_exists) for a second password."""
    try:
        await tx.execute(
            "INSERT INTO authentication.factor (id, customer, kind, label, state, created_at,"
            " handle, verifier, counter, usable_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
            " $9, $10)",
            factor.id, factor.customer, factor.kind, factor.label, factor.state,
            factor.created_at, factor.handle, factor.verifier, factor.counter,
            factor.usable_from,
        )  # fmt: skip
    except ConstraintViolated:
        raise Refused("factor_exists", field="kind") from None


async def save(tx: Tx, *, before: Enrolled, after: Enrolled) -> None:
    """Write a locked factor as it is now. Raises Refused(factor_exists) for a passkey that is
    enrolled already or a second face, BrokenInvariant for a move that is none."""
    if before.state is not after.state:
        check_move(MOVES, before.state, after.state)
    try:
        done = await tx.execute(
            "UPDATE authentication.factor SET state = $2, handle = $3, verifier = $4,"
            " counter = $5, failures = $6, locked_until = $7, usable_from = $8, ended_at = $9"
            " WHERE id = $1 AND state = $10",
            after.id, after.state, after.handle, after.verifier, after.counter, after.failures,
            after.locked_until, after.usable_from, after.ended_at, before.state,
        )  # fmt: skip
    except ConstraintViolated:
        raise Refused("factor_exists", field="kind") from None
    if done != "UPDATE 1":
        raise BrokenInvariant("a locked factor changed its state")


async def forget(tx: Tx, *, customer: str) -> None:
    """Nothing of a customer's factors is left; the evidence tells which there were."""
    await tx.execute(
        "DELETE FROM authentication.face_check WHERE factor IN (SELECT id FROM"
        " authentication.factor WHERE customer = $1)",
        customer,
    )
    await tx.execute("DELETE FROM authentication.factor WHERE customer = $1", customer)


@dataclass(frozen=True, slots=True)
class Given:
    """`content` as `customer` gave it for a factor of `kind`, of a face what was seen in it;
    `signed` is what a key signs, `challenge` what is answered."""

    customer: str
    kind: str
    content: str | Seen = field(repr=False)
    signed: bytes = field(repr=False)
    challenge: str


async def answered(tx: Tx, *, given: Given, means: Means, now: datetime) -> Enrolled | None:
    """The customer's factor of that kind whose answer the content is, its counter moved on so that
    the answer is good once. None for a wrong one, which is counted in each of them."""
    factors = await lock_usable(tx, given.customer, given.kind, now=now)
    for factor in factors:
        # Argon2id takes its time on purpose; nobody else waits for it.
        counter = await asyncio.to_thread(
            verify, factor, given.content, signed=given.signed, means=means, now=now
        )
        if isinstance(given.content, Seen):
            await note_sight(
                tx,
                about=(factor.id, given.challenge),
                seen=given.content,
                passed=counter is not None,
                now=now,
            )
        if counter is not None:
            after = replace(factor, counter=counter, failures=0)
            await save(tx, before=factor, after=after)
            return after
    await _count_failure(tx, factors, now)
    return None


async def note_sight(
    tx: Tx, *, about: tuple[str, str | None], seen: Seen, passed: bool, now: datetime
) -> None:
    """Keep how a face check went: outcome and reference, no picture. `about`: factor, challenge."""
    factor, challenge = about
    await tx.execute(
        "INSERT INTO authentication.face_check (factor, challenge, reference, passed, alive,"
        " score, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        factor, challenge, seen.reference, passed, seen.alive, seen.score, now,
    )  # fmt: skip


async def begin_look(tx: Tx, *, look: str, subject: str, most: int, now: datetime) -> bool:
    """Count the look `look` for `subject`, whose row is locked, before a firm outside is asked;
    whether it is a new one: the same question is counted once. Raises Refused(face_checks_spent)
    after `most`."""
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


async def _count_failure(tx: Tx, factors: Sequence[Enrolled], now: datetime) -> None:
    for factor in factors:
        failures = factor.failures + 1
        if failures < FAILURES:
            after = replace(factor, failures=failures)
        else:
            after = replace(factor, failures=0, locked_until=now + LOCK)
        await save(tx, before=factor, after=after)
