"""Same-day settlement (T+0): whether a merchant may have it, why not and from when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.switch import SameDay, Wish, approve, look, propose
from anfu.entrypoints.api.documents import Request, Text
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.sameday.eligibility import ARTICLE, LAW
from anfu.payments.document import encode
from anfu.storage.idempotency import Answer


class SameDayForm(Request, frozen=True):
    """`reason` is kept in the evidence by its digest."""

    on: bool
    reason: Text


class SameDayChangeDocument(Struct, frozen=True):
    """A change of whether a merchant is settled on the same day."""

    id: str
    object: Literal["same_day_change"]
    merchant: str
    on: bool
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None


class SameDayDocument(Struct, frozen=True):
    """`allowed`: two people switched it on, the merchant is eligible and not suspended. `days`
    since it came in; `normal_days` in a row, counted to 30; `earliest`: the first day on which it
    is eligible if it trades normally until then."""

    object: Literal["same_day"]
    merchant: str
    allowed: bool
    on: bool
    eligible: bool
    days: int
    days_missing: int
    normal_days: int
    normal_days_missing: int
    earliest: str
    law: str
    article: str


async def get(call: Call) -> Answer:
    """How a merchant stands."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await look(tx, call.path["merchant"], merchant=call.merchant, now=call.now)
    return Answer(200, encode(describe(found)))


async def create(call: Call) -> Answer:
    """Propose to switch it on or off."""
    form: SameDayForm = call.body
    wish = Wish(call.path["merchant"], form.on, form.reason, call.person)
    return await propose(call.desk.tools, wish, call.once, now=call.now)


async def approve_(call: Call) -> Answer:
    """Bring a change into force."""
    path = call.path
    return await approve(
        call.desk.tools, path["merchant"], path["same_day"], call.person, call.once, now=call.now
    )


def describe(found: SameDay) -> dict[str, Any]:
    """How a merchant stands, as JSON values."""
    rule = found.eligibility
    return {
        "object": "same_day",
        "merchant": found.merchant,
        "allowed": found.allowed,
        "on": found.switched_on,
        "eligible": rule.eligible,
        "days": rule.days,
        "days_missing": rule.days_missing,
        "normal_days": rule.normal_days,
        "normal_days_missing": rule.normal_days_missing,
        "earliest": rule.earliest.isoformat(),
        "law": LAW,
        "article": ARTICLE,
    }


_PATH = "/v1/merchants/{merchant}/same-day"
_CHECKS = ("same_day_too_early", "party_suspended")
OPERATIONS = (
    Operation("get_same_day", "GET", _PATH, "Whether a merchant may be settled on the same day.",
              get, scope="merchants:read", answer=SameDayDocument,
              refusals=("merchant_not_found",)),
    Operation("propose_same_day", "POST", _PATH, "Propose to switch settlement on the same day on"
              " or off.", create, scope="applications:write", body=SameDayForm,
              answer=SameDayChangeDocument, status=201, once=True, institution=True,
              refusals=("merchant_not_found", *_CHECKS),
              example={"on": True, "reason": "asked for on 2026-11-23"}),
    Operation("approve_same_day", "POST", _PATH + "/{same_day}/approve", "Approve what another"
              " person proposed.", approve_, scope="proposals:write", answer=SameDayChangeDocument,
              once=True, institution=True,
              refusals=("same_day_not_found", "same_day_approved", "second_person_needed",
                        *_CHECKS)),
)  # fmt: skip
