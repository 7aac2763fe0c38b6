"""Refer: what asks for a person becomes a case, in the transaction that decides.

Numbered by the locks, which every journey with a case takes in this order: 1 links and cases,
2 payments, limits and accounts, 3 the log. A batch in which nothing asks for a person asks nothing
of the database here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anfu.kernel.ids import new_id
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import BLOCKED, PREFIX, Case, Item, State, Verdict, joined, undecided
from anfu.risk.cases.case import closed as closed_case
from anfu.risk.cases.case import weighed as weighed_case
from anfu.risk.cases.grouping import Group, Link, Subject, group, links_of
from anfu.risk.cases.policy import DEFAULT, CasePolicy
from anfu.risk.cases.queries import get_policy, list_items
from anfu.risk.decision import Decision
from anfu.risk.rules import Grade, Outcome
from anfu.storage.transaction import Tx

# While verdicts are being carried out, nothing expires under their hands.
CARRY = timedelta(minutes=10)


@dataclass(slots=True)
class Referral:
    """What of a batch may become a case, with the open cases it may come into locked (1)."""

    policy: CasePolicy = DEFAULT
    decisions: Sequence[Decision] = ()
    known: Mapping[str, tuple[Case, Group]] = field(default_factory=dict)

    def subjects(self, *, held: frozenset[str] | None) -> list[Subject]:
        """What asks for a person. `held` are the events whose payments wait for one; None where
        the payments are another's."""
        subjects = []
        for decision in self.decisions:
            if decision.outcome is Outcome.BLOCK:
                subjects.append(Subject(decision, False, BLOCKED))
            elif held is None or decision.event.id in held:
                subjects.append(Subject(decision, held is not None))
        return subjects


async def find_referral(tx: Tx, decisions: Sequence[Decision], *, now: datetime) -> Referral:
    """Those of `decisions` that ask for a person: for review, or blocked and among the sample."""
    asking = [d for d in decisions if d.outcome in (Outcome.REVIEW, Outcome.BLOCK)]
    if not asking:
        return Referral()
    policy = await get_policy(tx)
    asking = [d for d in asking if d.outcome is Outcome.REVIEW or policy.samples(d.id)]
    links = {link for d in asking for link in links_of(d.event) if link[0] in policy.group_by}
    if not asking or not links:
        return Referral(policy, asking)
    since = now - timedelta(seconds=policy.group_window_s)
    known = await cases.lock_groups(tx, links=links, since=since, most=policy.group_most)
    return Referral(policy, asking, known)


async def refer(
    tx: Tx, tools: Tools, referral: Referral, subjects: Sequence[Subject], record: Record
) -> Mapping[str, datetime]:
    """Open cases for `subjects`, or add them to those there are; until when each payment that is
    held waits, by its id."""
    if not subjects:
        return {}
    policy, now = referral.policy, record.now
    groups = group(
        subjects, [g for _, g in referral.known.values()], _ids(tools, now),
        group_by=policy.group_by, most=policy.group_most, now=now,
    )  # fmt: skip
    filed = [_filed(g, referral, now) for g in groups]
    if opened := [after for _, after, _ in filed if after.id not in referral.known]:
        await cases.insert_cases(tx, cases=opened)
    for before, after, items in filed:
        detail = {"decisions": [item.decision for item in items]}
        if before is None:
            record.case(after, "OPENED", None, **detail)
            record.tell_case("opened", after, endpoints=tools.notified(after.queue))
        else:
            await cases.save(tx, before=before, after=after)
            record.case(after, "JOINED", None, **detail)
    await cases.insert_items(
        tx, items=[item for _, _, items in filed for item in items], links=_links(groups, policy),
        now=now,
    )  # fmt: skip
    wait = tools.policy.review
    return {
        item.event: policy.held_most(now) if case.responded_at
        else policy.held_until(now, case.due_at, wait)
        for _, case, items in filed for item in items if item.held
    }  # fmt: skip


async def leave_case(
    tx: Tx, record: Record, case: Case, event: str, *, fate: str,
    said: tuple[Verdict, str] | None = None,
) -> None:  # fmt: skip
    """The payment of a locked case waits no more; `said` is the verdict of who ended it, and who.
    A case that has a verdict on everything is closed."""
    items = await cases.end_items(tx, event=event, fate=fate)
    if case.state is State.CLOSED:
        record.case(case, "CARRIED", None, event=event, fate=fate)
        return
    by = None
    if said is not None:
        verdict, by = said
        await cases.judge_items(
            tx, decisions=[item.decision for item in items if item.verdict is None],
            verdict=verdict, reason=None, by=by, now=record.now,
        )  # fmt: skip
    every = await list_items(tx, case.id)
    after = weighed_case(case, every)
    done = not undecided(every)
    if done:
        after = closed_case(after, now=record.now)
    await cases.save(tx, before=case, after=after)
    record.case(after, "ENDED", by, event=event, fate=fate)
    if done:
        record.tell_case("closed", after, items=told_items(every))


def told_items(items: Sequence[Item]) -> list[dict[str, object]]:
    """What a firm with its own switch must know to go on: the verdict on each of its events."""
    return [
        {"event": i.event, "decision": i.decision, "verdict": i.verdict, "reason": i.reason}
        for i in items
    ]


def _filed(found: Group, referral: Referral, now: datetime) -> tuple[Case | None, Case, list[Item]]:
    """The case before and after, and what is new in it."""
    items = [_item(subject, found.case_id, now) for subject in found.subjects]
    if found.case_id in referral.known:
        before = referral.known[found.case_id][0]
        return before, joined(before, items), items
    policy = referral.policy
    empty = Case(
        id=found.case_id,
        opened_at=now,
        policy=policy.version,
        currency=found.currency,
        state=State.OPEN,
        grade=Grade.LOW,
        score=0,
        amount=0,
        at_stake=0,
        count=0,
        revision=0,
        queue=policy.queue,
        holder=None,
        due_at=policy.due_at(now),
        waiting_at=now,
        responded_at=None,
        level=0,
        next_at=policy.escalates_at(now, 0),
        closed_at=None,
        reopened=0,
    )
    return None, joined(empty, items), items


def _item(subject: Subject, case: str, now: datetime) -> Item:
    decision = subject.decision
    return Item(
        decision=decision.id,
        case_id=case,
        event=decision.event.id,
        at=now,
        amount=decision.event.amount,
        grade=decision.grade,
        score=decision.score,
        held=subject.held,
        fate=subject.fate,
    )


def _links(groups: Sequence[Group], policy: CasePolicy) -> list[tuple[str, Link]]:
    return [
        (g.case_id, link) for g in groups for s in g.subjects for link in s.links(policy.group_by)
    ]


def _ids(tools: Tools, now: datetime) -> Iterator[str]:
    while True:
        yield new_id(PREFIX, now=now, entropy=tools.entropy)
