"""Handle: what the people who work on cases do with them between claim and verdict: assign, give
back, note, hand over at the end of a shift, reopen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.keys.queries import get_person
from anfu.payments.case_document import case_document
from anfu.payments.document import encode
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import NOTE, Case, Note, State, waiting
from anfu.risk.cases.policy import CasePolicy
from anfu.risk.cases.queries import get_policy, list_items
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

SCOPE = "cases:write"


@dataclass(frozen=True, slots=True)
class Handling:
    """`by` does something with `case`. `to` is the person it goes to, `queue` the queue; `text`
    what is to be known of it."""

    claim: Claim
    case: str
    by: str
    to: str | None = None
    queue: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Everything `holder` works on goes to the person `to`, or into `queue`."""

    claim: Claim
    by: str
    holder: str
    to: str | None
    queue: str | None
    text: str


async def assign(tools: Tools, wish: Handling, *, now: datetime) -> Answer:
    """The case in the hands of `to`, whoever had it. The clock of the first response runs on until
    that person claims it. Raises Refused: case_not_found, case_closed, case_person_unknown, and as
    idempotency does."""

    async def work(tx: Tx, record: Record) -> Case:
        before = await _lock_open(tx, wish.case)
        to = await _person(tx, wish.to, now)
        after = _to_person(before, to)
        await cases.save(tx, before=before, after=after)
        record.case(after, "ASSIGNED", wish.by, to=to, of=before.holder)
        return after

    return await _once(tools, wish, work, now=now)


async def give_back(tools: Tools, wish: Handling, *, now: datetime) -> Answer:
    """The case for anybody to claim, its escalation begun anew. Raises Refused: case_not_found,
    case_closed, case_not_claimed, case_not_yours, case_confirming, and as idempotency does."""

    async def work(tx: Tx, record: Record) -> Case:
        before = await cases.lock_case(tx, case=wish.case)
        before.require_holder(wish.by)
        if before.state is State.CONFIRMING:
            raise Refused("case_confirming", field="case")
        after = _to_queue(before, wish.queue or before.queue, await get_policy(tx), now)
        await cases.save(tx, before=before, after=after)
        record.case(after, "GIVEN_BACK", wish.by)
        return after

    return await _once(tools, wish, work, now=now)


async def note(tools: Tools, wish: Handling, *, now: datetime) -> Answer:
    """The case with a note more. Raises Refused: case_not_found, and as idempotency does."""

    async def work(tx: Tx, record: Record) -> Case:
        case = await cases.lock_case(tx, case=wish.case)
        await _write_note(tx, tools, record, case, (wish.by, wish.text or ""))
        return case

    return await _once(tools, wish, work, now=now)


async def reopen(tools: Tools, wish: Handling, *, now: datetime) -> Answer:
    """The case to be looked at again: what its verdicts ended stays ended, a new verdict is a new
    label. Raises Refused: case_not_found, case_not_closed, case_not_carried_out, and as
    idempotency does."""

    async def work(tx: Tx, record: Record) -> Case:
        before = await cases.lock_case(tx, case=wish.case)
        if before.state is not State.CLOSED:
            raise Refused("case_not_closed", field="case")
        if any(item.held for item in await list_items(tx, before.id)):
            raise Refused("case_not_carried_out", field="case")
        await cases.clear_verdicts(tx, case=before.id)
        items = await list_items(tx, before.id)
        again = replace(
            before, closed_at=None, reopened=before.reopened + 1, revision=before.revision + 1,
            at_stake=sum(item.at_stake for item in items),
        )  # fmt: skip
        after = _to_queue(again, before.queue, await get_policy(tx), now)
        await cases.save(tx, before=before, after=after)
        record.case(after, "REOPENED", wish.by)
        record.tell_case("reopened", after, endpoints=tools.notified(after.queue))
        await _write_note(tx, tools, record, after, (wish.by, wish.text or ""))
        return after

    return await _once(tools, wish, work, now=now)


async def hand_over(tools: Tools, wish: HandOver, *, now: datetime) -> Answer:
    """All the cases that changed hands, in one transaction, each with the note. Raises Refused:
    case_person_unknown, and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        to = None if wish.to is None else await _person(tx, wish.to, now)
        policy = await get_policy(tx)
        record = Record(now, tools.entropy)
        moved = []
        for before in await cases.lock_cases_held(tx, holder=wish.holder):
            if to is not None:
                after = _to_person(before, to)
            else:
                after = _to_queue(before, wish.queue or before.queue, policy, now)
            await cases.save(tx, before=before, after=after)
            record.case(after, "HANDED_OVER", wish.by, to=to, of=before.holder,
                        queue=after.queue)  # fmt: skip
            await _write_note(tx, tools, record, after, (wish.by, wish.text))
            moved.append(case_document(after, now=now))
        await record.write(tx)
        return Answer(200, encode({"object": "list", "data": moved, "more": False}))

    return await idempotency.once(tools.database, wish.claim, work, now=now)


async def _once(tools: Tools, wish: Handling, work: Any, *, now: datetime) -> Answer:
    async def attempt(tx: Tx) -> Answer:
        record = Record(now, tools.entropy)
        after = await work(tx, record)
        await record.write(tx)
        return Answer(200, encode(case_document(after, now=now)))

    return await idempotency.once(tools.database, wish.claim, attempt, now=now)


async def _lock_open(tx: Tx, case: str) -> Case:
    found = await cases.lock_case(tx, case=case)
    if found.state is State.CLOSED:
        raise Refused("case_closed", field="case")
    return found


async def _person(tx: Tx, named: str | None, now: datetime) -> str:
    """Somebody of the institution who may work on cases, named by an account or by a key."""
    try:
        found = await get_person(tx, named or "", now=now)
        found.require(SCOPE)
    except Refused as refusal:
        raise Refused("case_person_unknown", field="to", reason=refusal.code) from None
    if found.merchant_id is not None:
        raise Refused("case_person_unknown", field="to", reason="institution_only")
    return found.person


def _to_person(case: Case, person: str | None) -> Case:
    """A case that was said of waits for its second voice all the same."""
    claimed = State.CLAIMED if case.state is State.OPEN else case.state
    return replace(case, state=claimed, holder=person)


def _to_queue(case: Case, queue: str, policy: CasePolicy, now: datetime) -> Case:
    if case.state is State.CONFIRMING:
        return replace(case, holder=None, queue=queue)
    moved = replace(case, queue=queue)
    return waiting(moved, next_at=policy.escalates_at(now, 0), now=now)


async def _write_note(
    tx: Tx, tools: Tools, record: Record, case: Case, said: tuple[str, str]
) -> None:
    by, text = said
    id_ = new_id(NOTE, now=record.now, entropy=tools.entropy)
    kept = digest(text)
    sealed = tools.sealer.seal(text.encode(), bound_to=id_)
    await cases.insert_note(tx, note=Note(id_, case.id, record.now, by, sealed, kept))
    record.case(case, "NOTED", by, note=id_, digest=kept.hex())
