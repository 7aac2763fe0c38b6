"""Conclude: a person says what becomes of a case, above an amount a second one confirms, and each
payment that waits for it is released or rejected.

The verdict is written first and the payments are ended afterwards, one transaction each: what a
crash leaves between is carried out by the worker. Who says is bound to what was seen: numbered,
1 the case is the person's own, 2 and is as the person saw it, 3 the reason fits the verdict, 4 the
decisions are of the case and without a verdict, 5 nobody suspended or stopped is let pay or be
paid.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import is_id, new_id
from anfu.payments import operations
from anfu.payments.case_document import case_document
from anfu.payments.claim import hold_longer
from anfu.payments.document import encode
from anfu.payments.label import learn, put
from anfu.payments.queries import find_payments
from anfu.payments.record import Record
from anfu.payments.refer import CARRY, told_items
from anfu.payments.release import check_release
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import (
    VOICE,
    Case,
    Item,
    State,
    Verdict,
    Voice,
    VoiceState,
    closed,
    undecided,
    waiting,
    weighed,
)
from anfu.risk.cases.queries import get_policy, list_items
from anfu.risk.cases.reasons import REASONS, find_reason
from anfu.risk.label import Label, Told
from anfu.risk.proposals.proposal import check_two_people
from anfu.risk.queries import find_decisions, find_events
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

LABEL_SOURCE = "case"


@dataclass(frozen=True, slots=True)
class Saying:
    """`by` says `verdict`, for `reason`, of `decisions` (None: all without one) of `case`, having
    seen it at `revision`."""

    claim: Claim
    case: str
    by: str
    verdict: Verdict
    reason: str
    revision: int
    decisions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """`by` is the second voice on `case`."""

    claim: Claim
    case: str
    by: str


async def conclude(tools: Tools, wish: Saying, *, now: datetime) -> Answer:
    """The case as it stands then: with verdicts that are still to be carried out, or CONFIRMING.

    Raises Refused: case_not_found, case_closed, case_not_claimed, case_not_yours, case_confirming,
    case_changed, case_reason_unknown, case_decision_unknown, and as `check_release` and
    idempotency do.
    """

    told: list[Told] = []

    async def work(tx: Tx) -> Answer:
        told.clear()
        before = await cases.lock_case(tx, case=wish.case)
        _check(before, wish)
        items = await list_items(tx, before.id)
        chosen = _chosen(items, wish)
        await _check_parties(tx, wish.verdict, chosen, now)
        policy = await get_policy(tx)
        moves = any(item.at_stake for item in chosen)
        two = moves and policy.takes_two(before.amount, before.currency)
        voice = _voice(tools, wish, chosen, two=two, now=now)
        await cases.insert_voice(tx, voice=voice)
        record = Record(now, tools.entropy)
        if two:
            after = await _ask_second(tx, tools, before, voice, record)
        else:
            after = await _decide(tx, (before, voice), items, record, told)
        await record.write(tx)
        return Answer(200, encode(case_document(after, now=now)))

    return await _taught(tools, wish.claim, work, told, now)


async def confirm(tools: Tools, wish: Answering, *, now: datetime) -> Answer:
    """The case with what the first person said in force.

    Raises Refused: case_not_found, case_nothing_said, case_second_person_needed, and as
    `check_release` and idempotency do.
    """

    told: list[Told] = []

    async def work(tx: Tx) -> Answer:
        told.clear()
        before = await cases.lock_case(tx, case=wish.case)
        voice = await cases.get_said(tx, case=before.id)
        check_two_people(voice.by, wish.by, field="case", code="case_second_person_needed")
        items = await list_items(tx, before.id)
        chosen = [item for item in items if item.decision in voice.decisions]
        await _check_parties(tx, voice.verdict, chosen, now)
        await cases.end_voice(tx, voice=voice.id, state=VoiceState.FINAL, by=wish.by, now=now)
        record = Record(now, tools.entropy)
        said = replace(voice, state=VoiceState.FINAL, second=wish.by, second_at=now)
        after = await _decide(tx, (before, said), items, record, told)
        await record.write(tx)
        return Answer(200, encode(case_document(after, now=now)))

    return await _taught(tools, wish.claim, work, told, now)


async def decline(tools: Tools, wish: Answering, *, now: datetime) -> Answer:
    """The case without what the first person said: a second one does not agree, or the first one
    takes it back. Raises Refused: case_not_found, case_nothing_said, and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        before = await cases.lock_case(tx, case=wish.case)
        voice = await cases.get_said(tx, case=before.id)
        own = voice.by == wish.by
        state = VoiceState.WITHDRAWN if own else VoiceState.DECLINED
        await cases.end_voice(tx, voice=voice.id, state=state, by=wish.by, now=now)
        after = await _unsaid(tx, replace(before, revision=before.revision + 1), now)
        await cases.save(tx, before=before, after=after)
        record = Record(now, tools.entropy)
        record.case(after, state, wish.by, voice=voice.id)
        await record.write(tx)
        return Answer(200, encode(case_document(after, now=now)))

    return await idempotency.once(tools.database, wish.claim, work, now=now)


async def _taught(
    tools: Tools,
    claim: Claim,
    work: Callable[[Tx], Awaitable[Answer]],
    told: Sequence[Told],
    now: datetime,
) -> Answer:
    """The answer of `work`; risk learns what it wrote into `told` once that is kept."""
    answer, fresh = await idempotency.once_fresh(tools.database, claim, work, now=now)
    if fresh:
        await learn(tools, told)
    return answer


def _check(case: Case, wish: Saying) -> None:
    case.require_holder(wish.by)  # 1
    if case.state is State.CONFIRMING:
        raise Refused("case_confirming", field="case")
    if case.revision != wish.revision:  # 2
        raise Refused("case_changed", field="revision", revision=case.revision)
    find_reason(wish.reason, wish.verdict)  # 3


def _chosen(items: Sequence[Item], wish: Saying) -> list[Item]:
    open_ = undecided(items)
    if wish.decisions is None:
        return open_
    wanted = set(wish.decisions)
    if not wanted or not wanted <= {item.decision for item in open_}:  # 4
        raise Refused("case_decision_unknown", field="decisions")
    return [item for item in open_ if item.decision in wanted]


async def _check_parties(
    tx: Tx, verdict: Verdict, chosen: Sequence[Item], now: datetime
) -> None:  # fmt: skip
    """5"""
    if verdict is Verdict.RELEASE:
        payments = await find_payments(tx, [item.event for item in chosen if item.held])
        await check_release(tx, payments, field="decisions", now=now)


def _voice(
    tools: Tools, wish: Saying, chosen: Sequence[Item], *, two: bool, now: datetime
) -> Voice:
    return Voice(
        id=new_id(VOICE, now=now, entropy=tools.entropy),
        case_id=wish.case,
        at=now,
        by=wish.by,
        verdict=wish.verdict,
        reason=wish.reason,
        decisions=tuple(item.decision for item in chosen),
        two=two,
        state=VoiceState.SAID if two else VoiceState.FINAL,
    )


async def _unsaid(tx: Tx, case: Case, now: datetime) -> Case:
    """The case back with who works on it; with nobody, for anybody to take."""
    if case.holder is not None:
        return replace(case, state=State.CLAIMED)
    return waiting(case, next_at=(await get_policy(tx)).escalates_at(now, 0), now=now)


async def _ask_second(tx: Tx, tools: Tools, before: Case, voice: Voice, record: Record) -> Case:
    after = replace(
        before, state=State.CONFIRMING, revision=before.revision + 1, next_at=None,
        responded_at=before.responded_at or record.now,
    )  # fmt: skip
    await cases.save(tx, before=before, after=after)
    await hold_longer(tx, after)
    record.case(after, "SAID", voice.by, **_said(voice))
    record.tell_case("confirming", after, endpoints=tools.notified(after.queue))
    return after


async def _decide(
    tx: Tx, said: tuple[Case, Voice], items: Sequence[Item], record: Record, told: list[Told]
) -> Case:
    """Write the verdict and what it teaches (to be learned after the commit), and close the case
    when it was the last one."""
    (before, voice), now = said, record.now
    await cases.judge_items(
        tx, decisions=voice.decisions, verdict=voice.verdict, reason=voice.reason,
        by=voice.by, now=now,
    )  # fmt: skip
    chosen = [item for item in items if item.decision in voice.decisions]
    until = {item.event: now + CARRY for item in chosen if item.held}
    await operations.extend_waits(tx, until=until)
    told += await _lessons(tx, chosen, voice.reason, now)
    await put(tx, told, record)
    every = await list_items(tx, before.id)
    after = replace(weighed(before, every), responded_at=before.responded_at or now, next_at=None)
    if undecided(every):
        after = await _unsaid(tx, after, now)
    else:
        after = closed(after, now=now)
        record.tell_case("closed", after, items=told_items(every))
    await cases.save(tx, before=before, after=after)
    record.case(after, "DECIDED", voice.by, second=voice.second, **_said(voice))
    return after


def _said(voice: Voice) -> dict[str, object]:
    return {"voice": voice.id, "verdict": voice.verdict, "reason": voice.reason,
            "decisions": list(voice.decisions)}  # fmt: skip


async def _lessons(tx: Tx, chosen: Sequence[Item], reason: str, now: datetime) -> list[Told]:
    """What the reason teaches of each event. A firm with its own switch names its events itself:
    one that bears the name of a payment of ours teaches nothing."""
    truth = REASONS[reason].truth
    if truth is None:
        return []
    taught = [
        item for item in chosen
        if item.held or item.fate is not None or not is_id("pay", item.event)
    ]  # fmt: skip
    stored = await find_decisions(tx, [item.decision for item in taught])
    events = await find_events(tx, stored.values())
    return [
        Told(
            events[item.decision],
            Label(item.event, truth, now, LABEL_SOURCE, item.decision, now),
        )
        for item in taught
        if item.decision in events
    ]
