"""Withdraw: a mandate ends before its time: revoked, declined, or proven by nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from anfu.authentication import operations as authentication
from anfu.authentication.queries import find_open_challenge, list_overdue
from anfu.kernel.errors import Refused
from anfu.parties.mandates.mandate import PREFIX, Mandate, State
from anfu.parties.mandates.operations import save_mandate
from anfu.parties.mandates.queries import find_mandates, get_mandate, list_mandates
from anfu.payments.mandate_document import noted
from anfu.payments.observe import challenge_event, keep, once_observed
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.event import Event, Kind
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_OPEN = frozenset({State.PENDING, State.ACTIVE})


async def revoke(
    tools: Tools, mandate: str, merchant: str | None, claim: Claim, by: str, *, now: datetime
) -> Answer:
    """The mandate, which carries no payment from now on.

    Raises Refused: mandate_not_found, mandate_ended, and as idempotency does.
    """

    async def find(tx: Tx) -> Mandate:
        found = await get_mandate(tx, mandate, merchant=merchant, lock=True)
        if found.state not in _OPEN:
            raise Refused("mandate_ended", field="mandate", state=found.state)
        return found

    return await _taken_back(tools, find, claim, by, now=now)


async def decline(tools: Tools, mandate: str, claim: Claim, *, now: datetime) -> Answer:
    """The mandate that its customer does not agree to: REVOKED before it carried anything.

    Raises Refused: mandate_not_found, mandate_not_pending, and as idempotency does.
    """

    async def find(tx: Tx) -> Mandate:
        found = await get_mandate(tx, mandate, merchant=None, lock=True)
        if found.state is not State.PENDING:
            raise Refused("mandate_not_pending", field="mandate", state=found.state)
        return found

    return await _taken_back(tools, find, claim, None, now=now)


async def revoke_all(tx: Tx, tools: Tools, customer: str, by: str, *, now: datetime) -> None:
    """Every mandate of a customer that could still carry a payment, as `revoke`."""
    held = await list_mandates(tx, customer=customer, merchant=None)
    locked = await find_mandates(tx, [mandate.id for mandate in held], lock=True)
    for mandate in locked.values():
        if mandate.state in _OPEN:
            record = Record(now, tools.entropy)
            await _revoked(tx, mandate, by, record)
            await record.write(tx)


async def lapse(tools: Tools, *, now: datetime, most: int) -> int:
    """End at most `most` mandates that nobody proved in time; how many there were."""
    async with tools.database.transaction(readonly=True) as tx:
        overdue = await list_overdue(tx, PREFIX, now=now, most=most)
    for mandate in overdue:
        told: list[Event] = []

        async def work(tx: Tx, mandate: str = mandate, told: list[Event] = told) -> None:
            told.clear()
            locked = (await find_mandates(tx, [mandate], lock=True))[mandate]
            if locked.state is not State.PENDING:
                return  # somebody has just answered, too late or not
            record = Record(now, tools.entropy)
            after = replace(locked, state=State.FAILED, ended_at=now)
            waiting = await _end(tx, locked, after, record)
            noted(after, 200, record)
            kind, payer = Kind.CHALLENGE_EXPIRED, locked.terms.customer
            told += [challenge_event(challenge, payer, kind, at=now) for challenge in waiting]
            await keep(tx, tools, told, record)
            await record.write(tx)

        await tools.database.run(work)
        await tools.engine.observe(told)
    return len(overdue)


async def _taken_back(
    tools: Tools, find: Callable[[Tx], Awaitable[Mandate]], claim: Claim, by: str | None, *,
    now: datetime,
) -> Answer:  # fmt: skip
    """The mandate that `find` locks, revoked; without `by`, by its customer."""
    told: list[Event] = []

    async def work(tx: Tx) -> Answer:
        found, record = await find(tx), Record(now, tools.entropy)
        payer = found.terms.customer
        waiting, done = await _revoked(tx, found, by or payer, record)
        told[:] = [challenge_event(c, payer, Kind.CHALLENGE_ABANDONED, at=now) for c in waiting]
        await keep(tx, tools, told, record)
        await record.write(tx)
        return done

    return await once_observed(tools, claim, work, told, now=now)


async def _revoked(
    tx: Tx, locked: Mandate, by: str, record: Record
) -> tuple[Sequence[str], Answer]:
    """The challenges that were taken back with it, and the answer."""
    after = replace(locked, state=State.REVOKED, ended_at=record.now, ended_by=by)
    waiting = await _end(tx, locked, after, record)
    return waiting, noted(after, 200, record, by=by)


async def _end(tx: Tx, locked: Mandate, after: Mandate, record: Record) -> Sequence[str]:
    """The challenges that end with the mandate: one or none."""
    waiting = await find_open_challenge(tx, locked.id)
    ids = [] if waiting is None else [waiting.id]
    await authentication.cancel(tx, ids=ids, now=record.now)
    await save_mandate(tx, before=locked, after=after)
    return ids
