"""Recover: come back to what was left open: ask the channel again, or let a wait run out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime, timedelta

from anfu.kernel.clock import Clock
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.attempts.attempt import expiry
from anfu.payments.finish import finish
from anfu.payments.observe import keep_unmet
from anfu.payments.operations import Open
from anfu.payments.payment import PENDING, Payment, Refund, State
from anfu.payments.queries import find_due_times, find_payments
from anfu.payments.record import Record
from anfu.payments.refer import leave_case
from anfu.payments.refund import book_refund
from anfu.payments.review import end_wait
from anfu.payments.send import resolve, resolve_refund
from anfu.payments.strays.give_back import give_back
from anfu.payments.tools import Policy, Tools
from anfu.risk.cases import operations as cases
from anfu.risk.event import Event, Kind
from anfu.storage.transaction import Tx

# How long a row taken here is left alone by other workers: longer than a channel may answer.
_LEASE = timedelta(seconds=20)


async def recover(tools: Tools, clock: Clock, *, most: int = 100) -> int:
    """Resolve at most `most` open payments and as many refunds whose time has come; how many."""
    now = clock.now()

    async def take(tx: Tx) -> list[Open]:
        return await operations.take_due(tx, now=now, most=most, lease=_LEASE)

    due = await tools.database.run(take)
    async with tools.database.transaction(readonly=True) as tx:
        payments = await find_payments(tx, [note.payment for note in due])
    waiting = {p.id for p in payments if p.state in _WAITING}
    await _expire(tools, [note for note in due if note.payment in waiting], now=now)

    await _at_once(_resume(tools, clock, p) for p in payments if p.state in PENDING)
    refunds = await _recover_refunds(tools, clock, most=most)
    return len(due) + refunds + await give_back(tools, clock, most=most)


async def _resume(tools: Tools, clock: Clock, payment: Payment) -> None:
    """Ask what became of a payment; where it goes on by another route, send it on."""
    booking = await resolve(tools, payment, now=clock.now())
    await finish(tools, clock, booking)
    if payment.state is State.AWAITING:
        now = clock.now()
        until = next_look(payment, tools.policy, now=now)
        await tools.database.run(lambda tx: operations.put_off(tx, payment=payment.id, until=until))


def next_look(payment: Payment, policy: Policy, *, now: datetime) -> datetime:
    """When to ask again about a payment that waits for its payer: after half as long as it has
    waited already, and when its time is over."""
    wait = max((now - payment.created_at) / 2, timedelta(seconds=5))
    end = expiry(payment, policy.order_life) or now + wait
    return now + wait if end <= now else min(now + wait, end)


async def _at_once(work: Iterable[Awaitable[None]]) -> None:
    """All of it side by side: a channel that is down is waited for once, and one that cannot be
    resolved does not keep the others from it. Raises the first failure afterwards."""
    for end in await asyncio.gather(*work, return_exceptions=True):
        if end is not None:
            raise end


async def _expire(tools: Tools, notes: Sequence[Open], *, now: datetime) -> None:
    """Challenges nobody met, reviews nobody ended."""
    for note in notes:
        told: list[Event] = []

        async def work(tx: Tx, note: Open = note, told: list[Event] = told) -> None:
            told.clear()
            case = await cases.lock_case_of(tx, event=note.payment)
            locked = (await operations.lock_payments(tx, ids=[note.payment]))[note.payment]
            if locked.state not in _WAITING:
                return
            if (await find_due_times(tx, [note.payment])).get(note.payment) != note.due_at:
                return  # somebody has just taken its case: it waits longer
            parties = await find_parties(tx, [locked.payee])
            record = Record(now, tools.entropy, parties)
            record.payment(await end_wait(tx, tools, locked, State.EXPIRED, record))
            told += await keep_unmet(tx, tools, locked, Kind.CHALLENGE_EXPIRED, record)
            if case is not None:
                await leave_case(tx, record, case, locked.id, fate=State.EXPIRED)
            await record.write(tx)

        await tools.database.run(work)
        await tools.engine.observe(told)


async def _recover_refunds(tools: Tools, clock: Clock, *, most: int) -> int:
    now = clock.now()
    due = await tools.database.run(
        lambda tx: operations.take_due_refunds(tx, now=now, most=most, lease=_LEASE)
    )

    async def resume(refund: Refund) -> None:
        answer = await resolve_refund(tools, refund)
        await book_refund(tools, refund.id, answer, now=clock.now())

    await _at_once(resume(refund) for refund in due)
    return len(due)


_WAITING = frozenset({State.CHALLENGED, State.IN_REVIEW})
