"""Book: one transaction writes what the channel answered into state, ledger and evidence.

Whoever brings an answer comes here: `send`, an inbound notice, the recovery. The first certain
answer decides; a second one of the same meaning changes nothing. One of another meaning is kept as
evidence of a contradiction and changes nothing either, but money that comes for an attempt which
was given up is a stray: it goes back to the payer.

What was certainly not done on one route may go on by another: then the payment comes back in
SENDING, with its next attempt, for `send`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from anfu.channels.port import ChannelAnswer, Scene
from anfu.channels.reasons import Retry, reason_of
from anfu.kernel.errors import BrokenInvariant, Outcome
from anfu.ledger import operations as ledger
from anfu.ledger.entry import HoldOrder
from anfu.limits import operations as limits
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.attempts.attempt import MOST, Attempt, expiry, number_of, numbered, read_number
from anfu.payments.attempts.operations import insert_attempts
from anfu.payments.attempts.queries import find_attempts
from anfu.payments.draw import tell_drawn
from anfu.payments.fund import HOLD_LIFE, lock_sides, sides
from anfu.payments.operations import Open
from anfu.payments.payment import PENDING, Payment, State
from anfu.payments.record import Record
from anfu.payments.route import Wanted, choose
from anfu.payments.strays.give_back import take_strays
from anfu.payments.strays.stray import Late, Stray
from anfu.payments.tools import Tools
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

_ENDS = {
    Outcome.DONE: State.SUCCEEDED,
    Outcome.NOT_DONE: State.FAILED,
    Outcome.UNKNOWN: State.UNKNOWN,
}
# When a payment that waits for its payer is asked about for the first time.
_FIRST_LOOK = timedelta(seconds=5)

Booked = Answer | Payment
"""The document of a payment; or the payment in SENDING that `send` must go on with."""


@dataclass(frozen=True, slots=True)
class Booking:
    """What a channel answered about the attempt with this number; `closing`: to being asked to
    close it."""

    number: str
    answer: ChannelAnswer
    closing: bool = False


async def book(tools: Tools, bookings: Sequence[Booking], *, now: datetime) -> list[Booked]:
    """Each payment as it stands afterwards, in the order of the bookings."""
    return await tools.database.run(lambda tx: write(tx, tools, bookings, now=now, onward=True))


async def write(
    tx: Tx, tools: Tools, bookings: Sequence[Booking], *, now: datetime, onward: bool = False
) -> list[Booked]:
    """`book` within a transaction that does something else besides. `onward`: the caller sends
    what goes on by another route."""
    ids = sorted({read_number(b.number)[0] for b in bookings})
    before = await operations.lock_payments(tx, ids=ids)
    parties = await find_parties(tx, sorted({p.payee for p in before.values()}))
    batch = _Batch(tools, Record(now, tools.entropy, parties), before)
    for booking in bookings:
        batch.take(booking)
    if onward:
        await batch.go_on(tx)
    await batch.write(tx)
    return [batch.result(b) for b in bookings]


class _Batch:
    """Payments as they were and as they become."""

    def __init__(self, tools: Tools, record: Record, before: dict[str, Payment]) -> None:
        self.tools, self.record, self.before = tools, record, before
        self.after = dict(before)
        self.ended: list[Attempt] = []
        self.late: list[tuple[Payment, int, ChannelAnswer]] = []
        self.answers: dict[str, Answer] = {}

    def take(self, booking: Booking) -> None:
        """What an answer makes of its payment."""
        name, attempt = read_number(booking.number)
        payment = self.after.get(name)
        if payment is None:
            raise BrokenInvariant(f"an answer for {booking.number}, which does not exist")
        if payment.attempt == attempt and payment.state in PENDING:
            if payment.reversing and booking.answer.outcome is Outcome.DONE and not booking.closing:
                return  # what was sent to undo it may still arrive
            life = self.tools.policy.order_life
            self.after[name] = _concluded(payment, booking.answer, life, self.record.now)
        else:
            self._late(payment, attempt, booking.answer)

    def _late(self, payment: Payment, attempt: int, answer: ChannelAnswer) -> None:
        """An answer about an attempt that is over."""
        end = _ENDS[answer.outcome]
        own = payment.state if attempt == payment.attempt else State.FAILED
        if end is State.UNKNOWN or end is own:
            return
        number = numbered(payment.id, attempt)
        if own is State.FAILED:
            log.error("paid after all: %s", number)
            self.late.append((payment, attempt, answer))
            return
        log.error("channel contradicts itself on %s: %s after %s", number, end, own)
        said = {"state": own, "answer": answer.outcome, "reference": answer.reference}
        self.record.leaf("contradiction", payment.id, said)

    async def go_on(self, tx: Tx) -> None:
        """Send on by another route what has failed, where that is safe."""
        now = self.record.now
        retrying = self.tools.policy.retrying
        pairs = ((self.before[i], p) for i, p in self.after.items())
        failed = [new for old, new in pairs if _may_go_on(old, new, retrying, now)]
        if not failed:
            return
        earlier = await find_attempts(tx, [p.id for p in failed])
        for payment in failed:
            assert payment.channel is not None
            tried = {a.channel for a in earlier.get(payment.id, [])} | {payment.channel}
            wanted = Wanted(
                payment.amount, payment.currency, payment.scene or Scene.ON_FILE, frozenset(tried)
            )
            routes = self.tools.routes_of(payment.method)
            choice = choose(routes, wanted, self.tools.health, now=now)
            if choice.channel is not None:
                self.ended.append(_ended(payment, now))
                self.after[payment.id] = replace(
                    payment, state=State.SENDING, channel=choice.channel,
                    attempt=payment.attempt + 1, route=choice.document(), failure=None,
                    channel_reference=None,
                )  # fmt: skip

    async def write(self, tx: Tx) -> None:
        """Write what has changed."""
        moves = [(b, self.after[i]) for i, b in self.before.items() if b != self.after[i]]
        await operations.advance(tx, moves=moves)
        await insert_attempts(tx, attempts=self.ended)
        await _settle(tx, moves, self.record.now)
        await take_strays(tx, await self._strays(tx), self.record)
        await self._close(tx, [new for _, new in moves])
        await tell_drawn(tx, self.tools, [new for _, new in moves], now=self.record.now)
        self.answers |= {
            i: self.record.describe(p) for i, p in self.after.items() if i not in self.answers
        }
        await self.record.write(tx)

    async def _strays(self, tx: Tx) -> list[Stray]:
        """What came for attempts that are over, with the channels they went through."""
        if not self.late:
            return []
        earlier = await find_attempts(tx, sorted({p.id for p, _, _ in self.late}))
        channels = {a.number: a.channel for past in earlier.values() for a in past}
        strays = []
        for payment, attempt, answer in self.late:
            number = numbered(payment.id, attempt)
            channel = channels.get(number, payment.network)
            late, record = Late(number, channel, answer.reference), self.record
            strays.append(Stray.of(payment, late, now=record.now, entropy=record.entropy))
        return strays

    async def _close(self, tx: Tx, moved: list[Payment]) -> None:
        """Answer the keys in flight; what is not final stays open, to be asked about again."""
        if not moved:
            return
        on, over = _parted(moved)
        notes = await operations.close_payments(tx, ids=[p.id for p in over])
        for payment in moved:
            answer = self.answers[payment.id] = self.record.payment(payment)
            note = notes.get(payment.id)
            if note is not None and note.name is not None:
                self.record.answers[note.name] = answer
        due = ((p, _due(p, self.record.now, self.tools)) for p in over)
        again = [Open(p.id, at) for p, at in due if at is not None]
        await operations.open_payments(tx, rows=again)
        for payment in on:
            until = self.record.now + self.tools.policy.sending
            await operations.put_off(tx, payment=payment.id, until=until)

    def result(self, booking: Booking) -> Booked:
        """What the caller is told of a booking."""
        name, attempt = read_number(booking.number)
        payment = self.after[name]
        if payment.state is State.SENDING and payment.attempt == attempt + 1:
            return payment
        return self.answers[name]


def _parted(moved: list[Payment]) -> tuple[list[Payment], list[Payment]]:
    """Those that are being sent on, whose callers still wait, and the others."""
    on = [p for p in moved if p.state is State.SENDING]
    return on, [p for p in moved if p.state is not State.SENDING]


def _concluded(
    payment: Payment, answer: ChannelAnswer, order_life: Mapping[Scene, timedelta], now: datetime
) -> Payment:
    end = _ENDS[answer.outcome]
    if end is State.UNKNOWN:
        return _undecided(payment, answer, order_life, now)
    return replace(
        payment,
        state=end,
        failure=answer.reason if end is State.FAILED else None,
        channel_reference=answer.reference or payment.channel_reference,
        updated_at=now,
    )


def _undecided(
    payment: Payment, answer: ChannelAnswer, order_life: Mapping[Scene, timedelta], now: datetime
) -> Payment:
    """It waits for its payer, once and for all where the network has said so; or nobody knows."""
    waits = answer.handover is not None or answer.reason == "payer_awaited"
    if payment.state is State.AWAITING or (payment.state is State.UNKNOWN and not waits):
        return payment
    shown = payment.handover
    if answer.handover is not None:
        shown = {"kind": answer.handover.kind, "values": dict(answer.handover.values)}
    return replace(
        payment,
        state=State.AWAITING if waits else State.UNKNOWN,
        failure=None if waits else answer.reason,
        handover=shown,
        order_expires_at=expiry(payment, order_life) if waits else None,
        channel_reference=answer.reference or payment.channel_reference,
        updated_at=now,
    )


def _may_go_on(before: Payment, after: Payment, retrying: timedelta, now: datetime) -> bool:
    """Whether another route may be tried: certainly not done, for a reason that lies with the
    network, soon enough, and with nobody at the counter whose code is gone."""
    return (
        after.state is State.FAILED
        and before.state in (State.SENDING, State.UNKNOWN)
        and after.failure is not None
        and reason_of(after.failure).retry is Retry.ROUTE
        and after.scene is not Scene.PAYER_CODE
        and after.attempt < MOST
        and now < after.created_at + retrying
    )


def _ended(payment: Payment, now: datetime) -> Attempt:
    assert payment.channel is not None and payment.failure is not None
    return Attempt(
        number_of(payment), payment.id, payment.channel, now, payment.failure,
        payment.channel_reference,
    )  # fmt: skip


def _due(payment: Payment, now: datetime, tools: Tools) -> datetime | None:
    if payment.state is State.UNKNOWN:
        return now + tools.policy.sending
    return now + _FIRST_LOOK if payment.state is State.AWAITING else None


async def _settle(tx: Tx, moves: list[tuple[Payment, Payment]], now: datetime) -> None:
    """Post or void the holds, and with them the reservations: limits before accounts, as `pay`
    locks them. What is sent on is held anew, against the network it goes to now."""
    done = [(b, a) for b, a in moves if a.state is State.SUCCEEDED]
    failed = [(b, a) for b, a in moves if a.state is State.FAILED]
    on = [(b, a) for b, a in moves if a.attempt > b.attempt]
    if done:
        await limits.settle(tx, ids=[a.id for _, a in done])
    if failed:
        await limits.give_back(tx, ids=[a.id for _, a in failed])
    if bool(done) + bool(failed) + 2 * bool(on) > 1:
        await lock_sides(tx, [p for pair in (*done, *failed, *on) for p in pair])
    if done:
        await ledger.post_holds(tx, amounts={number_of(a): None for _, a in done}, now=now)
    if failed or on:
        await ledger.void_holds(tx, ids=[number_of(b) for b, _ in (*failed, *on)], now=now)
    if on:
        orders = [_hold(a, now) for _, a in on]
        if denied := await ledger.hold(tx, orders=orders, now=now):
            raise BrokenInvariant(f"held before, and not again: {sorted(denied)}")


def _hold(payment: Payment, now: datetime) -> HoldOrder:
    number, terms = number_of(payment), (payment.currency, payment.amount)
    return HoldOrder(number, *sides(payment), *terms, now + HOLD_LIFE)
