"""Writes of authentication: open challenges, send codes, judge answers, cancel."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anfu.authentication.challenge import (
    ATTEMPTS,
    CHALLENGES_PER_PAYMENT,
    CODES_PER_CHALLENGE,
    LIFETIME,
    Challenge,
    Linked,
    State,
    Verdict,
    judge,
    signed_bytes,
)
from anfu.authentication.code import code_hash, new_code
from anfu.authentication.enrolled.operations import Given, answered
from anfu.authentication.enrolled.verify import Means
from anfu.authentication.face import Seen
from anfu.authentication.message import Agreed, Message, agreement_code, payment_code
from anfu.authentication.policy import Ways, factors_of
from anfu.authentication.queries import list_sent, read_challenge
from anfu.authentication.rates import Source
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.storage.transaction import Tx

SMS_CODE = "sms_code"

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
    (id, customer, payment, link, ways, device, code_hash, codes_sent, attempts_left, opened_at,
     expires_at)
SELECT w.id, w.customer, w.payment, w.link, w.ways, w.device, w.code_hash, w.codes_sent, $9, $10,
       $11
FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::bytea[],
            $8::int[])
    AS w (id, customer, payment, link, ways, device, code_hash, codes_sent)
WHERE (SELECT count(*) FROM authentication.challenge c WHERE c.payment = w.payment) < $12
ORDER BY w.payment COLLATE "C"
ON CONFLICT (payment) WHERE state = 'OPEN' DO NOTHING
RETURNING id
"""
_SENT = """
INSERT INTO authentication.code_sent (challenge, number, address, device, at)
SELECT *, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
"""


@dataclass(frozen=True, slots=True)
class Order:
    """Ask `customer` to confirm what is `linked` in one of `ways`, naming the payee as the
    customer knows it; `agreed` where it is a mandate and no payment."""

    customer: str
    linked: Linked
    payee_name: str
    source: Source
    ways: Ways = ((SMS_CODE,),)
    agreed: Agreed | None = None

    @property
    def sends(self) -> bool:
        """Whether a code is sent at once: only where nothing less intrusive would do."""
        return SMS_CODE in self.ways[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """`content` as given for `challenge` by `factor`: a code, a password, a signature, an
    assertion, or what was seen of a face. `linked` is read from the payment anew by the caller, or
    what the payer was shown."""

    challenge: str
    linked: Linked
    content: str | Seen = field(repr=False)
    factor: str = SMS_CODE


@dataclass(frozen=True, slots=True)
class Opened:
    """A challenge that was opened, and the message to send, if one is."""

    challenge: str
    message: Message | None


async def open(  # noqa: A001 - the verb of the house
    tx: Tx, *, orders: Sequence[Order], key: bytes, now: datetime, entropy: Entropy
) -> dict[str, Opened]:
    """Open a challenge for each order and return what was opened, by payment id.

    An earlier open challenge of the same payment ends. A payment that is not in the answer has had
    its `CHALLENGES_PER_PAYMENT` (the last one stays), or another transaction has just opened one.
    `key` is the secret of the stored hashes, 32 bytes or more. The messages are sent after the
    commit, by others.
    """
    if not orders:
        return {}
    if len({order.linked.payment for order in orders}) < len(orders):
        raise BrokenInvariant("two challenges of one payment in a batch")
    made = [(new_id("chl", now=now, entropy=entropy), o) for o in orders]
    codes = {challenge: new_code(entropy) for challenge, o in made if o.sends}
    await tx.execute(
        _CLOSE_EARLIER, [o.linked.payment for o in orders], now, CHALLENGES_PER_PAYMENT
    )
    rows = await tx.fetch(
        _OPEN,
        [challenge for challenge, _ in made],
        [o.customer for o in orders],
        [o.linked.payment for o in orders],
        [o.linked.digest() for o in orders],
        [canonical_bytes(o.ways).decode() for o in orders],
        [o.source.device for o in orders],
        [code_hash(key, c, codes[c]) if c in codes else None for c, _ in made],
        [int(o.sends) for o in orders],
        ATTEMPTS,
        now,
        now + LIFETIME,
        CHALLENGES_PER_PAYMENT,
    )
    ids = {row["id"] for row in rows}
    opened = [(challenge, o) for challenge, o in made if challenge in ids]
    await _note_sent(tx, [(c, o.source) for c, o in opened if c in codes], now)
    return {o.linked.payment: Opened(c, _message(c, o, codes.get(c))) for c, o in opened}


async def send_code(
    tx: Tx, *, challenge: str, order: Order, key: bytes, now: datetime, entropy: Entropy
) -> Message:
    """A new code for an open challenge that a code can meet; the one before is good no more.

    Raises Refused: challenge_not_found, challenge_ended, factor_not_offered, codes_spent,
    code_rate_exceeded.
    """
    found = await read_challenge(tx, challenge, lock=True)
    if found is None:
        raise Refused("challenge_not_found")
    if not found.is_open(order.linked.digest(), now=now):
        raise Refused("challenge_ended", field="payment")
    _check_offered(found, SMS_CODE)
    if found.codes_sent >= CODES_PER_CHALLENGE:
        raise Refused("codes_spent", field="payment", most=CODES_PER_CHALLENGE)
    exceeded = (await list_sent(tx, [order.source], now=now))[0].exceeded
    if exceeded is not None:
        raise Refused("code_rate_exceeded", field="payment", rate=exceeded)
    code = new_code(entropy)
    await tx.execute(
        "UPDATE authentication.challenge SET code_hash = $2, codes_sent = codes_sent + 1"
        " WHERE id = $1",
        challenge,
        code_hash(key, challenge, code),
    )
    await _note_sent(tx, [(challenge, order.source)], now)
    return _text(challenge, order, code)


async def attempt(tx: Tx, *, answer: Answer, means: Means, now: datetime) -> Verdict:
    """Judge an answer and count it. The verdict is a value: the caller commits whatever it says,
    in a transaction whose other work cannot be refused, or the guess would be free.

    Raises Refused(challenge_not_found, factor_not_offered).
    """
    challenge = await read_challenge(tx, answer.challenge, lock=True)
    if challenge is None:
        raise Refused("challenge_not_found")
    link = answer.linked.digest()
    right = False
    if challenge.is_open(link, now=now):
        _check_offered(challenge, answer.factor)
        right = await _right(tx, challenge, answer, means, now)
    verdict, after = judge(challenge, link=link, factor=answer.factor, right=right, now=now)
    if challenge.state is State.OPEN:
        done = await tx.execute(
            "UPDATE authentication.challenge SET state = $2, attempts_left = $3, ended_at = $4,"
            " proven = $5 WHERE id = $1 AND state = 'OPEN'",
            challenge.id,
            after,
            verdict.attempts_left,
            None if after is State.OPEN else now,
            list(verdict.proven),
        )
        if done != "UPDATE 1":
            raise BrokenInvariant("a locked challenge changed its state")
    return verdict


async def _right(tx: Tx, challenge: Challenge, answer: Answer, means: Means, now: datetime) -> bool:
    if answer.factor == SMS_CODE and isinstance(answer.content, str):
        hashed = code_hash(means.key, challenge.id, answer.content)
        kept = challenge.code_hash
        return kept is not None and hmac.compare_digest(kept, hashed)
    signed = signed_bytes(challenge.id, challenge.link)
    given = Given(challenge.customer, answer.factor, answer.content, signed, challenge.id)
    found = await answered(tx, given=given, means=means, now=now)
    return found is not None


def _check_offered(challenge: Challenge, factor: str) -> None:
    offered = factors_of(challenge.ways, challenge.proven)
    if factor not in offered:
        raise Refused("factor_not_offered", field="factor", offered=sorted(offered))


def _message(challenge: str, order: Order, code: str | None) -> Message | None:
    return None if code is None else _text(challenge, order, code)


def _text(challenge: str, order: Order, code: str) -> Message:
    if order.agreed is not None:
        return agreement_code(
            to=order.customer, challenge=challenge, linked=order.linked,
            payee_name=order.payee_name, agreed=order.agreed, code=code,
        )  # fmt: skip
    return payment_code(
        to=order.customer, challenge=challenge, linked=order.linked,
        payee_name=order.payee_name, code=code,
    )  # fmt: skip


async def _note_sent(tx: Tx, sent: Sequence[tuple[str, Source]], now: datetime) -> None:
    if sent:
        columns = ([getattr(s, name) for _, s in sent] for name in Source.__slots__)
        await tx.execute(_SENT, [c for c, _ in sent], *columns, now)


async def forget_sent(tx: Tx, *, before: datetime) -> None:
    """Drop what no rate counts any more: `before` lies more than a day in the past."""
    await tx.execute("DELETE FROM authentication.code_sent WHERE at < $1", before)


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
