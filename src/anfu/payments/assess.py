"""Assess: a decision without a payment, for a firm that has its own switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.payments.refer import find_referral, refer
from anfu.payments.tools import Tools
from anfu.risk import operations as risk
from anfu.risk.decision import Decision
from anfu.risk.event import Event
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Assessment:
    """An event to decide on. Its parties are names of the caller's, unknown here."""

    claim: Claim
    event: Event


async def assess(
    tools: Tools, orders: Sequence[Assessment], *, now: datetime
) -> list[Answer | Refused]:
    """A result for each order, in their order; Refused as idempotency does."""
    learnt: list[Event] = []

    async def work(tx: Tx) -> list[Answer | Refused]:
        await tools.engine.forget(learnt)
        learnt.clear()
        known = await idempotency.find(tx, [order.claim for order in orders])
        results = {order.claim: _again(order.claim, known) for order in orders}
        fresh = {o.claim.name: o for o in reversed(orders) if o.claim.name not in known}
        decided = list(fresh.values())
        ids = [new_id("dec", now=now, entropy=tools.entropy) for _ in decided]
        decisions = await tools.engine.decide([order.event for order in decided], ids)
        learnt.extend(order.event for order in decided)
        await risk.record(tx, decisions=decisions)
        referral = await find_referral(tx, decisions, now=now)
        record = Record(now, tools.entropy)
        await refer(tx, tools, referral, referral.subjects(held=None), record)
        for order, decision in zip(decided, decisions, strict=True):
            answer = Answer(201, encode(decision_document(decision)))
            results[order.claim] = record.claims[order.claim] = answer
            record.leaf("decision", decision.id, decision_leaf(decision))
        await record.write(tx)
        return [results[o.claim] or Refused(_REUSED, field="Idempotency-Key") for o in orders]

    try:
        return await tools.database.run(work)
    except BaseException:
        await tools.engine.forget(learnt)
        raise


def decision_document(decision: Decision) -> dict[str, object]:
    """What the caller learns of a decision."""
    return {
        "id": decision.id,
        "object": "decision",
        "event": decision.event.id,
        "outcome": decision.outcome,
        "grade": decision.grade,
        "score": decision.score,
        "reasons": decision.reasons,
        "catalogue": decision.catalogue,
        "rule_set": decision.rule_set,
        "occurred_at": rfc3339(decision.event.at),
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


def _again(
    claim: Claim, known: dict[idempotency.Name, idempotency.Remembered]
) -> Answer | Refused | None:
    if claim.name not in known:
        return None
    try:
        return idempotency.answer_again(claim, known[claim.name])
    except Refused as refusal:
        return refusal


_REUSED = "idempotency_key_reused"
