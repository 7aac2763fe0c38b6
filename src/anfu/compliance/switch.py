"""Switch: whether a merchant may be settled on the day it is paid (T+0), and who says so.

The rule is read again when a change is approved: a month may lie between the two people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.kernel.periods import Period, civil_date, civil_day
from anfu.parties import queries as parties
from anfu.parties.party import Status
from anfu.parties.sameday import operations, queries
from anfu.parties.sameday.change import PREFIX, Change
from anfu.parties.sameday.eligibility import (
    ARTICLE,
    LAW,
    NORMAL_DAYS,
    Eligibility,
    Trading,
    check_eligible,
    eligibility,
)
from anfu.payments import queries as payments
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.proposals.proposal import check_two_people
from anfu.risk.queries import list_fraud
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class SameDay:
    """How a merchant stands. `allowed`: switched on by two people, eligible, not suspended."""

    merchant: str
    eligibility: Eligibility
    switched_on: bool
    active: bool

    @property
    def allowed(self) -> bool:
        return self.active and self.switched_on and self.eligibility.eligible


@dataclass(frozen=True, slots=True)
class Wish:
    """Switch same-day settlement of `merchant` on or off; `by` is a person."""

    merchant: str
    switched_on: bool
    reason: str
    by: str


async def look(tx: Tx, merchant_id: str, *, merchant: str | None, now: datetime) -> SameDay:
    """`merchant` is the caller's scope. Raises Refused `merchant_not_found`."""
    found = await parties.get_merchant(tx, merchant_id, merchant=merchant)
    since = civil_day(now - timedelta(days=NORMAL_DAYS)).start
    fraud = await payments.find_payments(tx, await list_fraud(tx, since=since))
    trading = Trading(
        enrolled=civil_date(found.enrolled_at or now),
        today=civil_date(now),
        paid=await payments.find_paid_days(tx, found.id, Period(since, None)),
        fraud={civil_date(p.created_at) for p in fraud if p.payee == found.id},
    )
    switched_on = await queries.is_switched_on(tx, found.id)
    return SameDay(found.id, eligibility(trading), switched_on, found.status is Status.ACTIVE)


async def is_allowed(tx: Tx, merchant_id: str, *, now: datetime) -> bool:
    """Whether it may be settled on the day it is paid. Raises Refused `merchant_not_found`."""
    return (await look(tx, merchant_id, merchant=None, now=now)).allowed


async def propose(tools: Tools, wish: Wish, claim: Claim, *, now: datetime) -> Answer:
    """A change that waits for a second person; the answer describes it.

    Raises Refused: merchant_not_found, same_day_too_early, party_suspended.
    """

    async def work(tx: Tx) -> Answer:
        await _check(tx, wish.merchant, switched_on=wish.switched_on, now=now)
        change = Change(
            new_id(PREFIX, now=now, entropy=tools.entropy), wish.merchant, wish.switched_on,
            wish.reason, wish.by, now,
        )  # fmt: skip
        await operations.propose(tx, change=change)
        return await _told(tx, tools, change, 201, now)

    return await idempotency.once(tools.database, claim, work, now=now)


async def approve(
    tools: Tools, merchant: str, change: str, by: str, claim: Claim, *, now: datetime
) -> Answer:
    """The change in force. Raises Refused: same_day_not_found, second_person_needed,
    same_day_approved, same_day_too_early, party_suspended."""

    async def work(tx: Tx) -> Answer:
        found = await queries.lock_change(tx, change, merchant=merchant)
        check_two_people(found.proposed_by, by, field="change")
        approved = await operations.approve(tx, change=found, by=by, now=now)
        await _check(tx, merchant, switched_on=found.switched_on, now=now)
        return await _told(tx, tools, approved, 200, now)

    return await idempotency.once(tools.database, claim, work, now=now)


async def _check(tx: Tx, merchant: str, *, switched_on: bool, now: datetime) -> None:
    """Off is always allowed."""
    found = await look(tx, merchant, merchant=None, now=now)
    if not switched_on:
        return
    if not found.active:
        raise Refused("party_suspended", field="merchant")
    check_eligible(found.eligibility)


async def _told(tx: Tx, tools: Tools, change: Change, status: int, now: datetime) -> Answer:
    document = describe(change)
    record = Record(now, tools.entropy)
    law = {"law": LAW, "article": ARTICLE, "reason": digest([change.reason]).hex()}
    record.leaf("same_day_change", change.id, {**document, **law})
    await record.write(tx)
    return Answer(status, encode(document))


def describe(change: Change) -> dict[str, Any]:
    """A change as JSON values."""
    return {
        "id": change.id,
        "object": "same_day_change",
        "merchant": change.merchant,
        "on": change.switched_on,
        "reason": change.reason,
        "proposed_by": change.proposed_by,
        "proposed_at": rfc3339(change.proposed_at),
        "approved_by": change.approved_by,
        "approved_at": change.approved_at and rfc3339(change.approved_at),
    }
