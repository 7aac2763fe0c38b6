"""Gather: the steps of a payment's story, from the evidence and every table that knows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.channels.reasons import reason_of
from anfu.evidence.log import LoggedLeaf
from anfu.evidence.queries import latest_checkpoint, leaves_of
from anfu.ledger.queries import find_entries, find_holds
from anfu.payments.attempts.attempt import number_of
from anfu.payments.attempts.queries import find_attempts
from anfu.payments.document import rfc3339
from anfu.payments.payment import REFUND_FINAL, Payment, Refund
from anfu.payments.record import INSTITUTION
from anfu.payments.sought.queries import seek_refunds
from anfu.payments.sought.wanted import WantedRefunds
from anfu.payments.story import recall
from anfu.payments.story.step import Part, Step
from anfu.payments.story.texts import TITLES
from anfu.payments.strays.queries import list_strays_of
from anfu.payments.strays.stray import Stray
from anfu.payments.tasks.queries import list_tasks_about
from anfu.payments.tools import Tools
from anfu.risk.cases.queries import find_case_about
from anfu.storage import deliveries, outbox
from anfu.storage.transaction import Tx

MOST = 100


@dataclass(frozen=True, slots=True)
class About:
    """A payment with what belongs to it: the refunds, the strays, and every leaf about these and
    about its case, oldest first."""

    payment: Payment
    refunds: Sequence[Refund]
    strays: Sequence[Stray]
    leaves: Sequence[LoggedLeaf]


async def gather(
    tx: Tx, tools: Tools, payment: Payment, parts: AbstractSet[Part], *, now: datetime
) -> list[Step]:
    """The steps of `parts`, in the order they happened."""
    about = await _about(tx, payment)
    steps = [*_ordered(payment), *_moves(about), *await recall.challenges(tx, payment)]
    steps += [*_refunds(about), *_strays(about)]
    if Part.LIMITS in parts:
        steps += await recall.limits(tx, tools, payment, now=now)
    if Part.DECISION in parts:
        steps += await recall.decided(tx, payment)
    if Part.CASE in parts:
        steps += await recall.worked_on(tx, payment)
    steps += await _attempts(tx, payment)
    for part, find in _FINDS.items():
        if part in parts:
            steps += await find(tx, about)
    return sorted((s for s in steps if s.part in parts), key=lambda step: step.at)


async def _about(tx: Tx, payment: Payment) -> About:
    refunds, _ = await seek_refunds(tx, WantedRefunds(MOST, payment=payment.id))
    strays = await list_strays_of(tx, payment.id)
    case = await find_case_about(tx, payment.id)
    subjects = [payment.id, *(r.id for r in refunds), *(s.id for s in strays)]
    leaves = await leaves_of(tx, subjects if case is None else [*subjects, case])
    return About(payment, refunds, strays, leaves)


def _ordered(payment: Payment) -> list[Step]:
    data = {
        "payer": payment.payer,
        "payee": payment.payee,
        "amount": payment.amount,
        "currency": payment.currency,
        "method": payment.method,
        "scene": payment.scene,
        "mandate": payment.mandate,
        "factors": list(payment.factors),
        "occurred_at": rfc3339(payment.occurred_at),
    }
    return [Step(payment.created_at, Part.PAYMENT, "ordered", data)]


def _moves(about: About) -> list[Step]:
    """Where the payment went, as the evidence has it."""
    steps, before = [], ""
    for leaf in about.leaves:
        if leaf.subject != about.payment.id:
            continue
        told = json.loads(leaf.body)
        kind, body = told["kind"], told["body"]
        if kind == "payment":
            state = str(body["state"])
            kind = "refunded" if state == before else state.lower()
            before = state
            body = _move(about.payment, body)
        if kind in TITLES:
            steps.append(Step(leaf.at, Part.PAYMENT, kind, body))
    return steps


def _move(payment: Payment, body: Mapping[str, Any]) -> dict[str, Any]:
    failed = body["state"] == "FAILED" and payment.failure is not None
    data = {"state": body["state"], "refunded": body["refunded"]}
    return {**data, "reason": _reason(payment.failure or "")} if failed else data


async def _attempts(tx: Tx, payment: Payment) -> list[Step]:
    """Each sending to a network: which, under what number, and why it ended."""
    found = (await find_attempts(tx, [payment.id])).get(payment.id, [])
    steps = [
        Step(a.ended_at, Part.CHANNEL, "attempt_ended",
             {"channel": a.channel, "number": a.number, "reference": a.reference,
              "reason": _reason(a.reason)})
        for a in found
    ]  # fmt: skip
    if payment.channel is not None:
        reason = None if payment.failure is None else _reason(payment.failure)
        data = {"channel": payment.channel, "number": number_of(payment),
                "attempt": payment.attempt, "reference": payment.channel_reference,
                "route": payment.route, "state": payment.state,
                "reason": reason}  # fmt: skip
        steps.append(Step(payment.updated_at, Part.CHANNEL, "attempt", data))
    return steps


def _reason(code: str) -> dict[str, str]:
    reason = reason_of(code)
    return {"code": code, "en": reason.en, "zh": reason.zh}


def _refunds(about: About) -> list[Step]:
    steps = []
    for refund in about.refunds:
        known = {"refund": refund.id, "amount": refund.amount, "currency": refund.currency}
        steps.append(Step(refund.created_at, Part.PAYMENT, "refund", known))
        if refund.state in REFUND_FINAL:
            reason = None if refund.failure is None else _reason(refund.failure)
            ended = {**known, "state": refund.state, "reason": reason}
            steps.append(Step(refund.updated_at, Part.PAYMENT, "refund_ended", ended))
    return steps


def _strays(about: About) -> list[Step]:
    steps = []
    for stray in about.strays:
        known = {"stray": stray.id, "channel": stray.channel, "number": stray.number,
                 "amount": stray.amount, "currency": stray.currency}  # fmt: skip
        steps.append(Step(stray.seen_at, Part.PAYMENT, "stray", known))
        if stray.ended_at is not None:
            ended = {**known, "state": stray.state, "failure": stray.failure}
            steps.append(Step(stray.ended_at, Part.PAYMENT, "stray_ended", ended))
    return steps


async def _books(tx: Tx, about: About) -> list[Step]:
    ids = [about.payment.id, number_of(about.payment), *(r.id for r in about.refunds)]
    ids += [id_ for s in about.strays for id_ in (s.id, s.refund)]
    ids += [a.number for a in (await find_attempts(tx, [about.payment.id])).get(ids[0], [])]
    ids = sorted(set(ids))
    steps = []
    for hold in (await find_holds(tx, ids)).values():
        known = {"hold": hold.id, "debit": hold.debit, "credit": hold.credit,
                 "amount": hold.amount, "currency": hold.asset}  # fmt: skip
        steps.append(Step(hold.at, Part.LEDGER, "held", known))
        if hold.resolved_at is not None:
            ended = {"hold": hold.id, "state": hold.state, "posted": hold.posted}
            steps.append(Step(hold.resolved_at, Part.LEDGER, "hold_ended", ended))
    for entry in (await find_entries(tx, ids)).values():
        moved = {"entry": entry.id, "debit": entry.debit, "credit": entry.credit,
                 "amount": entry.amount, "currency": entry.asset}  # fmt: skip
        steps.append(Step(entry.at, Part.LEDGER, "entry", moved))
    return steps


async def _events(tx: Tx, about: About) -> list[Step]:
    return [
        Step(e.at, Part.EVENTS, "event", {"event": e.id, "kind": e.kind, "object": e.object_id})
        for e in await _told(tx, about)
    ]


async def _deliveries(tx: Tx, about: About) -> list[Step]:
    events = {event.id: event for event in await _told(tx, about)}
    return [
        Step(d.finished_at or events[d.event_id].at, Part.DELIVERIES, "delivery",
             {"delivery": d.id, "event": d.event_id, "endpoint": d.endpoint_id, "state": d.state,
              "attempts": d.attempts, "answered": d.answered})
        for d in await deliveries.list_of_events(tx, list(events))
    ]  # fmt: skip


async def _told(tx: Tx, about: About) -> list[outbox.Event]:
    """An event is told when its leaf is written: so its time is known, and found by it."""
    moments = sorted({leaf.at for leaf in about.leaves})
    subjects = sorted({leaf.subject for leaf in about.leaves})
    return await outbox.find_events(
        tx, subjects, moments, owners=[INSTITUTION, about.payment.payee]
    )


async def _tasks(tx: Tx, about: About) -> list[Step]:
    subjects = [about.payment.id, *(r.id for r in about.refunds), *(s.id for s in about.strays)]
    steps = []
    for task in await list_tasks_about(tx, subjects):
        known = {"task": task.id, "kind": task.kind, "subject": task.subject}
        steps.append(Step(task.opened_at, Part.TASKS, "task", known))
        if task.done_at is not None:
            done = {**known, "by": task.done_by}
            steps.append(Step(task.done_at, Part.TASKS, "task_done", done))
    return steps


async def _sealed(tx: Tx, about: About) -> list[Step]:
    latest = await latest_checkpoint(tx)
    size = 0 if latest is None else latest.size
    return [
        Step(leaf.at, Part.EVIDENCE, "leaf",
             {"subject": leaf.subject, "index": leaf.index, "sealed": leaf.index < size,
              "path": f"/v1/evidence/proofs/{leaf.subject}"})
        for leaf in about.leaves
    ]  # fmt: skip


_FINDS = {
    Part.LEDGER: _books,
    Part.EVENTS: _events,
    Part.DELIVERIES: _deliveries,
    Part.TASKS: _tasks,
    Part.EVIDENCE: _sealed,
}
