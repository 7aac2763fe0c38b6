"""Writes of authentication: open challenges, judge answers, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anfu.authentication.challenge import (
    ATTEMPTS,
    CHALLENGES_PER_PAYMENT,
    LIFETIME,
    Linked,
    State,
    Verdict,
    judge,
)
from anfu.authentication.code import code_hash, new_code
from anfu.authentication.message import Message, payment_code
from anfu.authentication.queries import read_challenge
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.storage.transaction import Tx

_CLOSE_EARLIER = """
UPDATE authentication.challenge c
SET state = CASE WHEN c.expires_at <= $2 THEN 'EXPIRED' ELSE 'CANCELLED' END, ended_at = $2
FROM (
    SELECT o.id FROM authentication.challenge o WHERE o.payment = ANY($1) AND o.state = 'OPEN'
    AND (SELECT count(*) FROM authentication.challenge c WHERE c.payment = o.payment) < $3
    ORDER BY o.id FOR UPDATE
) held
WHERE c.id = held.id AND c.state = 'OPEN'
"""
_OPEN = """
INSERT INTO authentication.challenge
    (id, customer, payment, factor, link, code_hash, attempts_left, opened_at, expires_at)
SELECT w.id, w.customer, w.payment, 'sms_code', w.link, w.code_hash, $6, $7, $8
FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
    AS w (id, customer, payment, link, code_hash)
WHERE (SELECT count(*) FROM authentication.challenge c WHERE c.payment = w.payment) < $9
ORDER BY w.payment COLLATE "C"
ON CONFLICT (payment) WHERE state = 'OPEN' DO NOTHING
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Order:
    """Ask `customer` to confirm what is `linked`, naming the payee as the customer knows it."""

    customer: str
    linked: Linked
    payee_name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` as typed in for `challenge`. `linked` is read from the payment anew by the caller,
    never taken from the customer."""

    challenge: str
    linked: Linked
    code: str = field(repr=False)


async def open(  # noqa: A001 - the verb of the house
    tx: Tx, *, orders: Sequence[Order], key: bytes, now: datetime, entropy: Entropy
) -> dict[str, Message]:
    """Open a challenge for each order and return what to send, by payment id.

    An earlier open challenge of the same payment ends. A payment that is not in the answer has had
    its `CHALLENGES_PER_PAYMENT` (the last one stays), or another transaction has just opened one.
    `key` is the secret of
    the stored hashes, 32 bytes or more. The messages are sent after the commit, by others.
    """
    if not orders:
        return {}
    if len({order.linked.payment for order in orders}) < len(orders):
        raise BrokenInvariant("two challenges of one payment in a batch")
    made = [(new_id("chl", now=now, entropy=entropy), new_code(entropy), o) for o in orders]
    await tx.execute(
        _CLOSE_EARLIER, [o.linked.payment for o in orders], now, CHALLENGES_PER_PAYMENT
    )
    rows = await tx.fetch(
        _OPEN,
        [challenge for challenge, _, _ in made],
        [o.customer for o in orders],
        [o.linked.payment for o in orders],
        [o.linked.digest() for o in orders],
        [code_hash(key, challenge, code) for challenge, code, _ in made],
        ATTEMPTS,
        now,
        now + LIFETIME,
        CHALLENGES_PER_PAYMENT,
    )
    opened = {row["id"] for row in rows}
    return {
        o.linked.payment: payment_code(
            to=o.customer, challenge=challenge, linked=o.linked, payee_name=o.payee_name, code=code
        )
        for challenge, code, o in made
        if challenge in opened
    }


async def attempt(tx: Tx, *, answer: Answer, key: bytes, now: datetime) -> Verdict:
    """Judge an answer and count it. The verdict is a value: the caller commits whatever it says,
    in a transaction whose other work cannot be refused, or the guess would be free.

    Raises Refused(challenge_not_found).
    """
    challenge = await read_challenge(tx, answer.challenge, lock=True)
    if challenge is None:
        raise Refused("challenge_not_found")
    given = code_hash(key, challenge.id, answer.code)
    verdict, after = judge(challenge, link=answer.linked.digest(), code_hash=given, now=now)
    if challenge.state is State.OPEN:
        done = await tx.execute(
            "UPDATE authentication.challenge SET state = $2, attempts_left = $3, ended_at = $4"
            " WHERE id = $1 AND state = 'OPEN'",
            challenge.id,
            after,
            verdict.attempts_left,
            None if after is State.OPEN else now,
        )
        if done != "UPDATE 1":
            raise BrokenInvariant("a locked challenge changed its state")
    return verdict


async def cancel(tx: Tx, *, ids: Sequence[str], now: datetime) -> list[str]:
    """End the open challenges among `ids`; returns those that were open."""
    rows = await tx.fetch(
        "UPDATE authentication.challenge c SET state = 'CANCELLED', ended_at = $2 FROM"
        " (SELECT id FROM authentication.challenge WHERE id = ANY($1) AND state = 'OPEN'"
        " ORDER BY id FOR UPDATE) held"
        " WHERE c.id = held.id AND c.state = 'OPEN' RETURNING c.id",
        list(ids),
        now,
    )
    return sorted(row["id"] for row in rows)
