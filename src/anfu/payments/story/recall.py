"""What other rooms know of a payment: its decision, its case, its challenges, its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from anfu.authentication.challenge import Challenge
from anfu.authentication.queries import list_challenges
from anfu.kernel.errors import Refused
from anfu.limits.queries import list_bounding
from anfu.limits.rule import Rule
from anfu.parties.queries import find_parties
from anfu.payments.document import rfc3339
from anfu.payments.fund import use_of
from anfu.payments.payment import Payment
from anfu.payments.story.step import Part, Step
from anfu.payments.tools import Tools
from anfu.risk import queries as risk
from anfu.risk.cases.queries import find_case_about, list_acts
from anfu.risk.rules import RuleSet, reason_text
from anfu.risk.signals.signal import TEXTS, Signal
from anfu.storage.transaction import Tx


async def decided(tx: Tx, payment: Payment) -> list[Step]:
    """The verdict, why, and what was odd of the device; the facts stay where they are read."""
    found = await risk.find_decisions(tx, [payment.decision or ""])
    stored = found.get(payment.decision or "")
    if stored is None:
        return []
    facts = await risk.named_facts(tx, stored)
    rule_set = await risk.get_rule_set(tx, stored.rule_set)
    verdict = stored.verdict
    data = {
        "decision": stored.id,
        "outcome": verdict.outcome,
        "grade": verdict.grade,
        "score": verdict.score,
        "reasons": [{"code": code, **_words(code, rule_set)} for code in verdict.reasons],
        "watching": list(verdict.shadow),
        "lists": _split(facts.get("list_hits")),
        "signals": [_signal(code) for code in _split(facts.get("device_signals"))],
        "rule_set": stored.rule_set,
        "models": list(stored.models),
        "path": f"/v1/decisions/{stored.id}",
        "reasons_path": f"/v1/decisions/{stored.id}/reasons",
    }
    return [Step(payment.created_at, Part.DECISION, "decided", data)]


async def worked_on(tx: Tx, payment: Payment) -> list[Step]:
    """What was done with the case it is in. What was written in words stays with the case."""
    case = await find_case_about(tx, payment.id)
    if case is None:
        return []
    path = f"/v1/cases/{case}"
    return [
        Step(a.at, Part.CASE, "case",
             {"case": case, "act": a.kind, "by": a.by, "detail": json.loads(a.detail),
              "path": path})
        for a in await list_acts(tx, case)
    ]  # fmt: skip


async def challenges(tx: Tx, payment: Payment) -> list[Step]:
    """What the payer was asked, and how it ended; never what was answered."""
    steps = []
    for one in await list_challenges(tx, payment.id):
        steps.append(Step(one.opened_at, Part.PAYMENT, "challenge_opened", _asked(one)))
        if one.ended_at is not None:
            ended = {"challenge": one.id, "state": one.state, "proven": list(one.proven),
                     "attempts_left": one.attempts_left}  # fmt: skip
            steps.append(Step(one.ended_at, Part.PAYMENT, "challenge_ended", ended))
    return steps


async def limits(tx: Tx, tools: Tools, payment: Payment, *, now: datetime) -> list[Step]:
    """Every limit that bounds such a payment by the rules in force, with what its window has come
    to by `now`: what stood there when it was decided is kept of a refusal only."""
    parties = await find_parties(tx, [payment.payer])
    if payment.payer not in parties:
        return []
    use = use_of(payment, parties[payment.payer])
    bounding = await list_bounding(tx, use=use, rules=tools.rules)
    broken = None if payment.refusal is None else payment.refusal.get("rule")
    rows = [_limit(rule, used, broken == rule.id) for rule, used in bounding]
    data = {"used_as_of": rfc3339(now), "rules": rows, "refusal": payment.refusal}
    return [Step(payment.created_at, Part.LIMITS, "limits", data)]


def _limit(rule: Rule, used: int, broken: bool) -> dict[str, Any]:
    law = rule.law
    return {
        "rule": rule.id,
        "law": law and law.number,
        "article": law and law.article,
        "title": {"en": rule.title_en, "zh": rule.title_zh},
        "metric": rule.metric,
        "window": rule.window,
        "limit": rule.maximum,
        "used": used,
        "left": max(0, rule.most - used),
        "broken": broken,
    }


def _asked(challenge: Challenge) -> dict[str, Any]:
    return {
        "challenge": challenge.id,
        "ways": [list(way) for way in challenge.ways],
        "codes_sent": challenge.codes_sent,
        "expires_at": rfc3339(challenge.expires_at),
    }


def _words(code: str, rule_set: RuleSet) -> Mapping[str, str]:
    with suppress(Refused):
        return reason_text(code, rule_set)
    return {"en": "", "zh": ""}


def _signal(code: str) -> dict[str, str]:
    en, zh = TEXTS[Signal(code)]
    return {"code": code, "en": en, "zh": zh}


def _split(text: object) -> list[str]:
    return [part for part in str(text or "").split(",") if part]
