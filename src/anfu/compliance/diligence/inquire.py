"""Inquire: ask the registries about a firm, and do what follows from their word.

Decide, act, book, as with a customer (`compliance.onboard`): a question is committed before its
registry is asked, and the answer is booked with the application locked. The last answer decides:
an application that is confirmed is CHECKED, one that is contradicted REFUSED; a merchant that is
confirmed again is good until its next day, one that is contradicted is suspended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anfu.compliance.diligence.standing import REAL_NAME, Act, inquiry_leaf, leaf_of
from anfu.compliance.inquire import LATE, unbroken
from anfu.compliance.inquire import inquire as reply_of
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.parties.applications import operations, queries
from anfu.parties.applications.application import OPEN, Application, State, state_after
from anfu.parties.applications.inquiry import Inquiry, Registry, Verdict, facts, verdict_of
from anfu.parties.applications.rating import due_on, rate
from anfu.parties.applications.trade import trades
from anfu.parties.identity.verification import Reply
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

_REFUSALS = {
    Registry.FIRM_REGISTRY: "firm_contradicted",
    Registry.CITIZEN_REGISTRY: "representative_contradicted",
}


async def put_questions(
    tx: Tx, tools: Tools, application: Application, record: Record
) -> Sequence[str]:
    """Write down what is asked of each registry; their ids.

    Raises Refused: registry_unknown where there is no line to one, inquiry_open.
    """
    asked = []
    for registry in facts(application):
        if registry not in tools.registries:
            raise Refused("registry_unknown", field="application", known=sorted(tools.registries))
        inquiry = await operations.ask(
            tx, application=application.id, registry=registry, entropy=tools.entropy,
            now=record.now,
        )  # fmt: skip
        record.leaf("inquiry", inquiry.id, inquiry_leaf(inquiry))
        asked.append(inquiry.id)
    return asked


async def inquire(tools: Tools, inquiries: Sequence[str], clock: Clock) -> None:
    """Ask them, one after the other."""
    for inquiry in inquiries:
        await unbroken(_act(tools, inquiry, clock))


async def inquire_late(tools: Tools, clock: Clock, *, most: int) -> int:
    """Ask every question again that has no answer for `LATE`; how many were asked."""
    before = clock.now() - LATE
    async with tools.database.transaction(readonly=True) as tx:
        late = await queries.list_late(tx, before=before, most=most)
    count = 0
    for id_ in late:

        async def take(tx: Tx, id_: str = id_) -> bool:
            found = await queries.get_inquiry(tx, id_, lock=True)
            if found.answered_at is not None or found.asked_at >= before:
                return False
            await operations.ask_again(tx, before=found, now=clock.now())
            return True

        if await tools.database.run(take):
            await inquire(tools, [id_], clock)
            count += 1
    return count


async def _act(tools: Tools, inquiry: str, clock: Clock) -> None:
    async with tools.database.transaction(readonly=True) as tx:
        asked = await queries.get_inquiry(tx, inquiry)
        found = await queries.get_application(tx, asked.application, ring=tools.sealer.ring)
    reply = await reply_of(tools, asked.registry, asked.id, facts(found)[asked.registry])

    async def book(tx: Tx) -> None:
        await _book(tx, tools, asked, reply, now=clock.now())

    await tools.database.run(book)


async def _book(tx: Tx, tools: Tools, asked: Inquiry, reply: Reply, *, now: datetime) -> None:
    ring = tools.sealer.ring
    before = await queries.get_application(tx, asked.application, ring=ring, lock=True)
    answered = await operations.answer(tx, inquiry=asked, reply=reply, now=now)
    if answered is None:
        return
    record = Record(now, tools.entropy)
    record.leaf("inquiry", asked.id, inquiry_leaf(answered))
    verdict = verdict_of(await queries.list_inquiries(tx, before.id))
    if verdict is not None:
        after = _after(before, verdict, now)
        if after is not before:
            await operations.move(tx, before=before, after=after, now=now)
            act = Act("check", None, REAL_NAME, verdict.reason or "")
            record.leaf("application", after.id, leaf_of(after, act))
    await record.write(tx)


def _after(before: Application, verdict: Verdict, now: datetime) -> Application:
    """The application as it stands by what the registries say together. One that has ended in the
    meantime stays so."""
    if before.state is State.SUBMITTED and verdict.registry is not None:
        refusal = _REFUSALS[verdict.registry]
        return replace(before, state=State.REFUSED, refusal=refusal, decided_at=now)
    if before.state in OPEN and verdict.registry is not None:
        since = before.unverified_since or now
        return replace(before, unverified_since=since, state=State.SUSPENDED)
    if before.state is not State.SUBMITTED and before.state not in OPEN:
        return before
    rating = rate(trades()[before.mcc], before.scenes, abnormal=verdict.abnormal)
    due = due_on(rating, before.document_until, today=civil_date(now))
    checked = replace(before, rating=rating, due_on=due, unverified_since=None)
    if before.state is State.SUBMITTED:
        return replace(checked, state=State.CHECKED)
    return replace(checked, state=state_after(before.suspension, None))
