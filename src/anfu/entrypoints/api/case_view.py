"""A case as a person must see it: everything in one answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.keyring import KeyRing
from anfu.payments.attach import attachment_document, words_of
from anfu.payments.case_document import case_document, item_document, voice_document
from anfu.payments.document import rfc3339
from anfu.payments.queries import find_due_times, find_payments
from anfu.risk import queries as risk
from anfu.risk.cases import queries
from anfu.risk.cases.attachments.queries import list_attachments
from anfu.risk.cases.case import Case, Item, Verdict, undecided
from anfu.risk.cases.reasons import REASONS
from anfu.risk.replay import Stored
from anfu.risk.rules import RuleSet, reason_text
from anfu.storage.transaction import Tx

_NEIGHBOURS = 50


async def whole_case(tx: Tx, case: Case, *, ring: KeyRing, now: datetime) -> dict[str, Any]:
    """The document `WholeCase` describes."""
    items = await queries.list_items(tx, case.id)
    policy = await queries.get_policy(tx)
    moves = any(item.at_stake for item in undecided(items))
    return {
        **case_document(case, now=now),
        "two_people": moves and policy.takes_two(case.amount, case.currency),
        "items": await _items(tx, items),
        "links": [{"input": k, "value": v} for k, v in await queries.list_links(tx, case.id)],
        "neighbours": [
            {"case": n.id, "state": n.state, "input": n.kind, "value": n.value}
            for n in await queries.list_neighbours(tx, case.id, most=_NEIGHBOURS)
        ],
        "voices": [voice_document(v) for v in await queries.list_voices(tx, case.id)],
        "notes": [
            {"id": n.id, "created_at": rfc3339(n.at), "by": n.by,
             "text": ring.unseal(n.sealed, bound_to=n.id).decode()}
            for n in await queries.list_notes(tx, case.id)
        ],
        "attachments": [
            {**attachment_document(a), **words_of(a, ring)}
            for a in await list_attachments(tx, case.id)
        ],
        "acts": [
            {"created_at": rfc3339(a.at), "act": a.kind, "by": a.by, "detail": json.loads(a.detail)}
            for a in await queries.list_acts(tx, case.id)
        ],
        "choices": {verdict: _choices(verdict) for verdict in Verdict},
    }  # fmt: skip


async def _items(tx: Tx, items: Sequence[Item]) -> list[dict[str, Any]]:
    stored = await risk.find_decisions(tx, [item.decision for item in items])
    facts = await risk.find_facts(tx, stored.values())
    rule_sets = {v: await risk.get_rule_set(tx, v) for v in {s.rule_set for s in stored.values()}}
    ours = [item.event for item in items if item.held or item.fate is not None]
    payments = {p.id: p for p in await find_payments(tx, ours)}
    due = await find_due_times(tx, ours)
    labels = await risk.find_labels(tx, [item.event for item in items])
    documents = []
    for item in items:
        decision = stored[item.decision]
        named = facts[item.decision]
        waits = due.get(item.event) if item.held else None
        label = labels.get(item.event)
        documents.append(
            {
                **item_document(item),
                "outcome": decision.verdict.outcome,
                "waits_until": waits and rfc3339(waits),
                "payment": payments[item.event].state if item.event in payments else None,
                "label": label and label.truth,
                "reasons": _reasons(decision, rule_sets),
                "list_hits": [hit for hit in str(named["list_hits"]).split(",") if hit],
                "facts": named,
            }
        )
    return documents


def _reasons(decision: Stored, rule_sets: Mapping[str, RuleSet]) -> list[dict[str, str]]:
    rule_set = rule_sets[decision.rule_set]
    return [{"code": code, **_text(code, rule_set)} for code in decision.verdict.reasons]


def _text(code: str, rule_set: RuleSet) -> Mapping[str, str]:
    with suppress(Refused):
        return reason_text(code, rule_set)
    return {"en": "", "zh": ""}


def _choices(verdict: Verdict) -> list[dict[str, str]]:
    return reasons_document(r.code for r in REASONS.values() if r.verdict is verdict)


def reasons_document(codes: Iterable[str]) -> list[dict[str, str]]:
    """Reasons of verdicts in words."""
    return [{"code": c, "en": REASONS[c].en, "zh": REASONS[c].zh} for c in codes]
