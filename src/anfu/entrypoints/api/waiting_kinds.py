"""What may wait for a second person: each kind with the scope that decides on it, its title, where
its object is read, and how those are found that a person may decide on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from anfu.kernel.periods import civil_date
from anfu.limits.multipliers import queries as multipliers
from anfu.parties.applications import queries as applications
from anfu.parties.firms.queries import list_unconfirmed
from anfu.parties.keyring import KeyRing
from anfu.parties.privacy import queries as privacy
from anfu.parties.sameday import queries as same_day
from anfu.risk.cases.queries import list_said
from anfu.risk.proposals.proposal import Subject
from anfu.risk.proposals.queries import list_undecided as list_proposals
from anfu.settlement.payouts.queries import list_unreleased
from anfu.settlement.reconciliation.queries import list_proposed_bills, list_proposed_treatments
from anfu.settlement.terms.queries import list_undecided as list_terms
from anfu.storage.transaction import Tx

_POLICY = (Subject.RULES, Subject.LIST, Subject.MODEL, Subject.CASE_POLICY)


class Name(StrEnum):
    """What is to be decided on."""

    PROPOSAL = "proposal"
    STAFF_CHANGE = "staff_change"
    MULTIPLIER = "multiplier"
    MERCHANT_APPLICATION = "merchant_application"
    SAME_DAY = "same_day"
    SETTLEMENT_TERMS = "settlement_terms"
    PAYOUT_BATCH = "payout_batch"
    BILL = "bill"
    TREATMENT = "treatment"
    CASE_VERDICT = "case_verdict"
    ERASURE = "erasure"
    OWNERSHIP = "ownership"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, for how many of each kind; the ring opens what is sealed."""

    person: str
    now: datetime
    most: int
    ring: KeyRing


@dataclass(frozen=True, slots=True)
class Found:
    """One that waits: its id, who proposed it (None: nobody, it came by itself) and when, the
    object it is `about`, and what tells it from others of its kind: no personal data."""

    id: str
    by: str | None
    since: datetime
    about: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """`path`: where the object is read, with `{id}` and `{about}`."""

    name: Name
    scope: str
    en: str
    zh: str
    path: str
    find: Callable[[Tx, Asked], Awaitable[Sequence[Found]]]


async def _proposals(tx: Tx, asked: Asked) -> list[Found]:
    return await _of_subjects(tx, asked, _POLICY)


async def _staff(tx: Tx, asked: Asked) -> list[Found]:
    return await _of_subjects(tx, asked, (Subject.STAFF,))


async def _of_subjects(tx: Tx, asked: Asked, subjects: Sequence[Subject]) -> list[Found]:
    found = await list_proposals(tx, subjects, person=asked.person, most=asked.most)
    return [Found(p.id, p.author, p.created_at, p.target, {"subject": p.subject}) for p in found]


async def _multipliers(tx: Tx, asked: Asked) -> list[Found]:
    found = await multipliers.list_undecided(tx, person=asked.person, most=asked.most)
    return [
        Found(m.id, m.proposed_by, m.proposed_at, m.rule, {"hundredths": m.hundredths})
        for m in found
    ]


async def _applications(tx: Tx, asked: Asked) -> list[Found]:
    found = await applications.list_undecided(
        tx, ring=asked.ring, person=asked.person, most=asked.most
    )
    return [
        Found(a.id, a.submitted_by, a.created_at, a.merchant, {"name": a.name, "rating": a.rating})
        for a in found
    ]


async def _same_day(tx: Tx, asked: Asked) -> list[Found]:
    found = await same_day.list_undecided(tx, person=asked.person, most=asked.most)
    return [
        Found(c.id, c.proposed_by, c.proposed_at, c.merchant, {"switched_on": c.switched_on})
        for c in found
    ]


async def _terms(tx: Tx, asked: Asked) -> list[Found]:
    today = civil_date(asked.now)
    found = await list_terms(
        tx, ring=asked.ring, person=asked.person, today=today, most=asked.most
    )  # fmt: skip
    return [
        Found(t.id, t.proposed_by, t.proposed_at, t.merchant,
              {"currency": t.currency, "from_day": t.from_day.isoformat()})
        for t in found
    ]  # fmt: skip


async def _batches(tx: Tx, asked: Asked) -> list[Found]:
    found = await list_unreleased(tx, person=asked.person, most=asked.most)
    return [
        Found(b.id, b.first_by, b.made_at, b.id,
              {"currency": b.currency, "total": b.total, "count": b.count,
               "payable_on": b.payable_on.isoformat()})
        for b in found
    ]  # fmt: skip


async def _bills(tx: Tx, asked: Asked) -> list[Found]:
    found = await list_proposed_bills(tx, person=asked.person, most=asked.most)
    return [
        Found(b.id, b.by, b.at, b.id,
              {"channel": b.channel, "kind": b.kind, "day": b.day.isoformat()})
        for b in found
    ]  # fmt: skip


async def _treatments(tx: Tx, asked: Asked) -> list[Found]:
    found = await list_proposed_treatments(tx, person=asked.person, most=asked.most)
    return [Found(t.id, t.proposed_by, t.proposed_at, t.item, {"act": t.act}) for t in found]


async def _verdicts(tx: Tx, asked: Asked) -> list[Found]:
    found = await list_said(tx, person=asked.person, most=asked.most)
    return [
        Found(v.id, v.by, v.at, v.case_id,
              {"verdict": v.verdict, "reason": v.reason, "decisions": len(v.decisions)})
        for v in found
    ]  # fmt: skip


async def _erasures(tx: Tx, asked: Asked) -> list[Found]:
    found = await privacy.list_undecided(tx, person=asked.person, most=asked.most)
    return [Found(e.id, e.requested_by, e.requested_at, e.customer, {}) for e in found]


async def _ownerships(tx: Tx, asked: Asked) -> list[Found]:
    found = await list_unconfirmed(tx, person=asked.person, most=asked.most)
    return [Found(id_, by, at, firm, {}) for id_, firm, by, at in found]


KINDS = (
    Kind(Name.PROPOSAL, "proposals:write", "A change of rules, lists, models or case policy",
         "规则、名单、模型或案件策略变更", "/v1/proposals/{id}", _proposals),
    Kind(Name.STAFF_CHANGE, "staff:write", "A change of an account", "员工账号变更",
         "/v1/staff/{about}", _staff),
    Kind(Name.MULTIPLIER, "proposals:write", "A multiplier of limits", "限额倍数变更",
         "/v1/limits/multipliers", _multipliers),
    Kind(Name.MERCHANT_APPLICATION, "proposals:write", "A merchant who applies", "商户入网申请",
         "/v1/merchant-applications/{id}", _applications),
    Kind(Name.SAME_DAY, "proposals:write", "Settlement on the same day", "当日结算开关",
         "/v1/merchants/{about}/same-day", _same_day),
    Kind(Name.SETTLEMENT_TERMS, "proposals:write", "Settlement terms of a merchant", "商户结算条款",
         "/v1/merchants/{about}/settlement-terms", _terms),
    Kind(Name.PAYOUT_BATCH, "payouts:write", "Payouts to be released", "待放行的出款批次",
         "/v1/payout-batches", _batches),
    Kind(Name.BILL, "proposals:write", "Another bill in the place of one", "替换对账单",
         "/v1/bills/{id}", _bills),
    Kind(Name.TREATMENT, "proposals:write", "The treatment of a difference", "对账差异处理",
         "/v1/reconciliation-items/{about}", _treatments),
    Kind(Name.CASE_VERDICT, "cases:write", "A verdict on a case", "案件结论复核",
         "/v1/cases/{about}", _verdicts),
    Kind(Name.ERASURE, "personal:erase", "A customer's wish to be forgotten", "客户信息删除申请",
         "/v1/erasures/{id}", _erasures),
    Kind(Name.OWNERSHIP, "owners:write", "Who owns a firm", "受益所有人确认",
         "/v1/firms/{about}", _ownerships),
)  # fmt: skip
