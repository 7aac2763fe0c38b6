"""Assess: decisions without a payment, for a firm that has its own switch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_ids
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.payments.refer import find_referral, refer
from anfu.payments.sense import sense_events
from anfu.payments.tools import Tools
from anfu.risk import operations as risk
from anfu.risk.decision import Decision, Verdict
from anfu.risk.engine import Budget
from anfu.risk.event import Event
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Assessment:
    """Events to decide on, in turn, under one key. Their parties are names of the caller's,
    unknown here. `many`: to be answered as a list, which several are. `merchant`: the scope of the
    caller's key, in which device sessions are looked for."""

    claim: Claim
    events: tuple[Event, ...]
    budget: Budget | None = None
    many: bool = False
    merchant: str | None = None


async def assess(
    tools: Tools, orders: Sequence[Assessment], *, now: datetime
) -> list[Answer | Refused]:
    """A result for each order, in their order; Refused as idempotency does."""
    learnt: list[Event] = []

    async def work(tx: Tx) -> list[Answer | Refused]:
        await tools.engine.forget(learnt)
        learnt.clear()
        results = _remembered(orders, await idempotency.find(tx, [o.claim for o in orders]))
        fresh = [o for o in _firsts(orders) if o.claim not in results]
        decisions = await _decide(tx, tools, fresh, now)
        learnt.extend(decision.event for decision in decisions)
        await risk.record(tx, decisions=decisions)
        referral = await find_referral(tx, decisions, now=now)
        record = Record(now, tools.entropy)
        await refer(tx, tools, referral, referral.subjects(held=None), record)
        for decision in decisions:
            record.leaf("decision", decision.id, decision_leaf(decision))
        told = iter(decisions)
        for order in fresh:
            answer = answer_of(tools, list(islice(told, len(order.events))), many=order.many)
            results[order.claim] = record.claims[order.claim] = answer
        await record.write(tx)
        return [results.get(o.claim) or Refused(_REUSED, field="Idempotency-Key") for o in orders]

    try:
        return await tools.database.run(work)
    except BaseException:
        await tools.engine.forget(learnt)
        raise


async def try_out(tools: Tools, order: Assessment, *, now: datetime) -> Answer:
    """What would be decided on each event by itself: nothing is learned and nothing is kept."""
    count = len(order.events)
    async with tools.database.transaction(readonly=True) as tx:
        events = await sense_events(tx, order.events, [order.merchant] * count, now=now)
    decisions = await tools.engine.decide(
        events, [""] * count, budgets=[order.budget] * count, dry_run=True
    )
    return answer_of(tools, decisions, many=order.many, dry_run=True)


def answer_of(
    tools: Tools, decisions: Sequence[Decision], *, many: bool, dry_run: bool = False
) -> Answer:
    """The answer to an order: one document, or the list of them."""
    findings = [finding.name for finding in tools.engine.catalogue.findings]
    documents = []
    for decision in decisions:
        found = dict(zip(findings, decision.facts[-len(findings) :], strict=True))
        documents.append(
            {
                "id": None if dry_run else decision.id,
                "object": "decision",
                "event": decision.event.id,
                **verdict_document(decision.verdict, found),
                "dry_run": dry_run,
                "catalogue": decision.catalogue,
                "rule_set": decision.rule_set,
                "occurred_at": rfc3339(decision.event.at),
            }
        )
    return Answer(201, encode({"object": "list", "data": documents} if many else documents[0]))


def verdict_document(verdict: Verdict, found: Mapping[str, Any]) -> dict[str, object]:
    """What was said, and of `found`, facts by name, what a caller may go by."""
    return {
        "outcome": verdict.outcome,
        "grade": verdict.grade,
        "score": verdict.score,
        "reasons": verdict.reasons,
        "list_hits": _codes(found["list_hits"]),
        "model_score": found["model_score"],
        "degraded": _codes(found["degraded"]),
    }


def decision_leaf(decision: Decision) -> dict[str, object]:
    """What the evidence keeps of a decision: the verdict, and by digest what was known."""
    return {
        "facts": sha256(decision.body).hexdigest(),
        "catalogue": decision.catalogue,
        "rule_set": decision.rule_set,
        "score": decision.score,
        "outcome": decision.outcome,
        "grade": decision.grade,
        "reasons": decision.reasons,
    }


async def _decide(
    tx: Tx, tools: Tools, orders: Sequence[Assessment], now: datetime
) -> list[Decision]:
    told = [event for order in orders for event in order.events]
    scopes = [order.merchant for order in orders for _ in order.events]
    events = await sense_events(tx, told, scopes, now=now)
    budgets = [order.budget for order in orders for _ in order.events]
    # In the order in which they are learned, for whoever learns them again.
    ids = sorted(new_ids("dec", len(events), now=now, entropy=tools.entropy))
    return await tools.engine.decide(events, ids, budgets=budgets)


def _firsts(orders: Sequence[Assessment]) -> list[Assessment]:
    """Of those under one key, the first."""
    first: dict[idempotency.Name, Assessment] = {}
    for order in orders:
        first.setdefault(order.claim.name, order)
    return list(first.values())


def _remembered(
    orders: Sequence[Assessment], known: Mapping[idempotency.Name, idempotency.Remembered]
) -> dict[Claim, Answer | Refused]:
    results: dict[Claim, Answer | Refused] = {}
    for claim in (order.claim for order in orders if order.claim.name in known):
        try:
            results[claim] = idempotency.answer_again(claim, known[claim.name])
        except Refused as refusal:
            results[claim] = refusal
    return results


def _codes(text: str | None) -> list[str]:
    return text.split(",") if text else []


_REUSED = "idempotency_key_reused"
