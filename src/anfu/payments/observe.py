"""Observe: behaviour that was told is kept, and learned once it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.authentication.challenge import Result
from anfu.kernel.canonical import digest
from anfu.kernel.ids import new_ids
from anfu.parties.mandates.operations import quieten
from anfu.payments.document import encode, rfc3339
from anfu.payments.payment import Payment, State
from anfu.payments.record import Record
from anfu.payments.sense import sense_events
from anfu.payments.tools import Tools
from anfu.risk import operations as risk
from anfu.risk.behaviour import Behaviour
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

# What a take-over of an account begins with.
ALARMS = frozenset({Kind.PASSWORD_CHANGE, Kind.DEVICE_BIND})
# A proof is also what a log-in is, or one that failed.
_KINDS: Mapping[Result, tuple[Kind, ...]] = {
    Result.WRONG: (Kind.LOGIN_FAILED,),
    Result.LOCKED: (Kind.LOGIN_FAILED, Kind.CHALLENGE_FAILED),
    Result.MISMATCH: (Kind.LOGIN_FAILED, Kind.CHALLENGE_FAILED),
    Result.MET: (Kind.LOGIN, Kind.CHALLENGE_PASSED),
    Result.EXPIRED: (Kind.CHALLENGE_EXPIRED,),
}
# Somebody guessed to the end, or changed what was shown.
_ALARMING = frozenset({Result.LOCKED, Result.MISMATCH})


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen, in its order. `many`: to be answered as a list."""

    claim: Claim
    events: tuple[Event, ...]
    many: bool = False


async def observe(tools: Tools, order: Observation, *, now: datetime) -> Answer:
    """The behaviour as it was kept. Raises Refused as idempotency does."""

    events: list[Event] = []

    async def work(tx: Tx) -> Answer:
        record = Record(now, tools.entropy)
        events[:] = await sense_events(tx, order.events, [None] * len(order.events), now=now)
        rows = await keep(tx, tools, events, record)
        await record.write(tx)
        documents = [behaviour_document(row) for row in rows]
        return Answer(
            201, encode({"object": "list", "data": documents} if order.many else documents[0])
        )

    return await once_observed(tools, order.claim, work, events, now=now)


async def once_observed(
    tools: Tools, claim: Claim, work: Callable[[Tx], Awaitable[Answer]], told: Sequence[Event], *,
    now: datetime,
) -> Answer:  # fmt: skip
    """The answer of `work`; the engine observes what it `told` once that is kept."""
    done, fresh = await idempotency.once_fresh(tools.database, claim, work, now=now)
    if fresh:  # not before the commit: what was not kept must not be learned
        await tools.engine.observe(told)
    return done


async def keep(
    tx: Tx, tools: Tools, events: Sequence[Event], record: Record
) -> Sequence[Behaviour]:
    """Write behaviour down within a journey, which has the engine observe it after its commit. What
    a take-over begins with quietens the payer's mandates."""
    ids = sorted(new_ids("beh", len(events), now=record.now, entropy=tools.entropy))
    rows = [Behaviour(id_, event) for id_, event in zip(ids, events, strict=True)]
    await risk.put_behaviour(tx, rows=rows)
    alarmed = sorted({e.payer for e in events if e.kind in ALARMS})
    if alarmed:
        await quieten(tx, customers=alarmed, until=record.now + tools.policy.quiet)
    for row in rows:
        record.leaf("behaviour", row.id, {"content": digest(_content(row.event)).hex()})
    return rows


async def keep_answer(
    tx: Tx, tools: Tools, result: Result, about: Callable[[Kind], Event], record: Record
) -> list[Event]:
    """Write down what an answer to a challenge shows of the payer, `about` whom events tell. Who
    guesses to the end quietens the payer's mandates. For the engine to observe after the commit."""
    events = [about(kind) for kind in _KINDS.get(result, ())]
    await keep(tx, tools, events, record)
    if result in _ALARMING:
        payers = sorted({event.payer for event in events})
        await quieten(tx, customers=payers, until=record.now + tools.policy.quiet)
    return events


def challenge_event(challenge: str, payer: str, kind: Kind, *, at: datetime) -> Event:
    """What became of a challenge as behaviour of the payer."""
    return Event(id=challenge, payer=payer, payee="", amount=0, currency="", method="", card=None,
                 at=at, kind=kind)  # fmt: skip


def told_of(payment: Payment, kind: Kind, *, now: datetime) -> Event:
    """What became of the challenge of a payment, as `challenge_event`."""
    at = happened_at(payment, now=now)
    return challenge_event(payment.challenge or payment.id, payment.payer, kind, at=at)


def happened_at(payment: Payment, *, now: datetime) -> datetime:
    """When what happens to a payment now happened: in a history, in the time of the history."""
    return payment.occurred_at + (now - payment.created_at)


async def keep_unmet(
    tx: Tx, tools: Tools, payment: Payment, kind: Kind, record: Record
) -> list[Event]:
    """Write down that the challenge of a payment, as it was until now, was met by nobody; nothing
    for a payment that waited for no proof. For the engine to observe after the commit."""
    if payment.state is not State.CHALLENGED:
        return []
    events = [told_of(payment, kind, now=record.now)]
    await keep(tx, tools, events, record)
    return events


def behaviour_document(row: Behaviour) -> dict[str, object]:
    """What the caller learns."""
    return {
        "id": row.id,
        "object": "behaviour",
        "event": row.event.id,
        "kind": row.event.kind,
        "payer": row.event.payer,
        "occurred_at": rfc3339(row.event.at),
    }


def _content(event: Event) -> list[object]:
    seen = event.environment
    return [
        event.id, event.kind, (event.at - EPOCH) // MICROSECOND, event.payer, event.payee,
        event.amount, event.currency, event.method, event.card, seen.device, seen.address,
        seen.latitude, seen.longitude, event.terminal, event.phone, event.payee_kind, event.mcc,
        event.promotion,
    ]  # fmt: skip
