"""Book: one transaction writes what the channel answered into state, ledger and evidence.

Whoever brings an answer comes here: `send`, an inbound notice, the recovery. The first certain
answer decides; a second one of the same meaning changes nothing, one of another meaning is kept
as evidence of a contradiction and changes nothing either.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anfu.channels.port import ChannelAnswer
from anfu.kernel.errors import BrokenInvariant, Outcome
from anfu.ledger import operations as ledger
from anfu.limits import operations as limits
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.draw import tell_drawn
from anfu.payments.fund import lock_sides
from anfu.payments.operations import Open
from anfu.payments.payment import Payment, State
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

_ENDS = {
    Outcome.DONE: State.SUCCEEDED,
    Outcome.NOT_DONE: State.FAILED,
    Outcome.UNKNOWN: State.UNKNOWN,
}
_PENDING = frozenset({State.SENDING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Booking:
    """What a channel answered for one payment."""

    payment: str
    answer: ChannelAnswer


async def book(tools: Tools, bookings: Sequence[Booking], *, now: datetime) -> list[Answer]:
    """The document of each payment as it stands afterwards, in the order of the bookings."""
    return await tools.database.run(lambda tx: write(tx, tools, bookings, now=now))


async def write(
    tx: Tx, tools: Tools, bookings: Sequence[Booking], *, now: datetime
) -> list[Answer]:
    """`book` within a transaction that does something else besides."""
    before = await operations.lock_payments(tx, ids=sorted({b.payment for b in bookings}))
    parties = await find_parties(tx, sorted({p.payee for p in before.values()}))
    record = Record(now, tools.entropy, parties)
    after = dict(before)
    for booking in bookings:
        if booking.payment not in after:
            raise BrokenInvariant(f"an answer for {booking.payment}, which does not exist")
        after[booking.payment] = _concluded(after[booking.payment], booking.answer, record)
    moves = [(before[i], after[i]) for i in before if before[i] != after[i]]
    await operations.advance(tx, moves=moves)
    await _settle(tx, [new for _, new in moves], now)
    await _close(tx, tools, [new for _, new in moves], record)
    await tell_drawn(tx, tools, [new for _, new in moves], now=now)
    answers = {i: record.describe(p) for i, p in after.items()}
    await record.write(tx)
    return [answers[b.payment] for b in bookings]


def _concluded(payment: Payment, answer: ChannelAnswer, record: Record) -> Payment:
    end = _ENDS[answer.outcome]
    if payment.state in _PENDING:
        if end is payment.state:
            return payment
        return replace(
            payment,
            state=end,
            failure=answer.reason if end is not State.SUCCEEDED else None,
            channel_reference=answer.reference or payment.channel_reference,
            updated_at=record.now,
        )
    if end is not State.UNKNOWN and end is not payment.state:
        log.error("channel contradicts itself on %s: %s after %s", payment.id, end, payment.state)
        said = {"state": payment.state, "answer": answer.outcome, "reference": answer.reference}
        record.leaf("contradiction", payment.id, said)
    return payment


async def _settle(tx: Tx, moved: list[Payment], now: datetime) -> None:
    """Post or void the holds, and with them the reservations: limits before accounts, as `pay`
    locks them."""
    done = [p.id for p in moved if p.state is State.SUCCEEDED]
    void = [p.id for p in moved if p.state is State.FAILED]
    if done:
        await limits.settle(tx, ids=done)
    if void:
        await limits.give_back(tx, ids=void)
    if done and void:
        await lock_sides(tx, [p for p in moved if p.state is not State.UNKNOWN])
    if done:
        await ledger.post_holds(tx, amounts=dict.fromkeys(done), now=now)
    if void:
        await ledger.void_holds(tx, ids=void, now=now)


async def _close(tx: Tx, tools: Tools, moved: list[Payment], record: Record) -> None:
    """Answer the keys in flight; UNKNOWN stays open, to be asked about again."""
    if not moved:
        return
    notes = await operations.close_payments(tx, ids=[p.id for p in moved])
    again = []
    for payment in moved:
        answer = record.payment(payment)
        note = notes.get(payment.id)
        if note is not None and note.name is not None:
            record.answers[note.name] = answer
        if payment.state is State.UNKNOWN:
            again.append(Open(payment.id, record.now + tools.policy.sending))
    await operations.open_payments(tx, rows=again)
