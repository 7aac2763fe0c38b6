"""Applications to be a merchant as they are shown: who stands behind one only masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.diligence.standing import Standing
from anfu.entrypoints.api.customers import MaskedDocument
from anfu.entrypoints.api.documents import Personal
from anfu.parties.applications.application import Application, State, Suspension
from anfu.parties.applications.inquiry import Inquiry, Registry
from anfu.parties.applications.rating import Rating
from anfu.parties.applications.scene import Scene
from anfu.parties.applications.trade import Grade, trades
from anfu.parties.identity.verification import State as InquiryState
from anfu.parties.person import mask, mask_middle, mask_name
from anfu.payments.document import rfc3339


class InquiryDocument(Struct, frozen=True):
    """What a registry was asked and said."""

    id: str
    registry: Registry
    state: InquiryState
    reason: str | None
    source: str | None
    firm_state: str | None
    attempts: int
    asked_at: datetime
    answered_at: datetime | None


class RepresentativeDocument(Struct, frozen=True):
    """The representative, masked."""

    name: Personal
    phone: Personal
    document: MaskedDocument
    document_until: str


class SettlementDocument(Struct, frozen=True):
    """The settlement account, masked."""

    holder: Personal
    number: Personal
    bank: str


class SuspensionDocument(Struct, frozen=True):
    """By hand; lifted by another person."""

    by: str
    at: datetime
    reason: str


class ApplicationDocument(Struct, frozen=True):
    """An application as it stands. `due_on`: the last day to look again; `unverified_since`: nobody
    has in time, or a registry contradicted; `refusal`: why it was refused."""

    id: str
    object: Literal["merchant_application"]
    merchant: str
    state: State
    name: str
    legal_name: str
    credit_code: str
    mcc: str
    grade: Grade | None
    scenes: list[Scene]
    representative: RepresentativeDocument
    address: Personal
    settlement: SettlementDocument
    rating: Rating | None
    due_on: str | None
    visited_on: str | None
    refusal: Literal["firm_contradicted", "representative_contradicted", "staff_refused"] | None
    suspension: SuspensionDocument | None
    unverified_since: datetime | None
    written_by: str
    submitted_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    inquiries: list[InquiryDocument]
    created_at: datetime


class ApplicationSummary(Struct, frozen=True):
    """An application in a list: without who stands behind it."""

    id: str
    merchant: str
    state: State
    name: str
    legal_name: str
    rating: Rating | None
    due_on: str | None
    created_at: datetime


class ApplicationList(Struct, frozen=True):
    """A page of applications."""

    object: Literal["list"]
    data: list[ApplicationSummary]
    more: bool


class TradeDocument(Struct, frozen=True):
    """A trade of ISO 18245; nobody is a merchant for a PROHIBITED one (85号 四(十三))."""

    mcc: str
    grade: Grade
    en: str
    zh: str


class TradeList(Struct, frozen=True):
    """Every trade."""

    object: Literal["list"]
    data: list[TradeDocument]


def describe(standing: Standing) -> dict[str, Any]:
    """An application as JSON values, masked."""
    found = standing.application
    trade = trades().get(found.mcc)
    return {
        **summary(found),
        "object": "merchant_application",
        "credit_code": found.credit_code,
        "mcc": found.mcc,
        "grade": trade and trade.grade,
        "scenes": sorted(found.scenes),
        **_sealed(found),
        "visited_on": found.visited_on and found.visited_on.isoformat(),
        "refusal": found.refusal,
        "suspension": _suspension(found.suspension),
        "unverified_since": found.unverified_since and rfc3339(found.unverified_since),
        "written_by": found.written_by,
        "submitted_by": found.submitted_by,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at and rfc3339(found.decided_at),
        "inquiries": [_inquiry(inquiry) for inquiry in standing.inquiries],
    }


def summary(found: Application) -> dict[str, Any]:
    """What a list shows."""
    return {
        "id": found.id,
        "merchant": found.merchant,
        "state": found.state,
        "name": found.name,
        "legal_name": found.legal_name,
        "rating": found.rating,
        "due_on": found.due_on and found.due_on.isoformat(),
        "created_at": rfc3339(found.created_at),
    }


def _sealed(found: Application) -> dict[str, Any]:
    particulars = found.particulars
    masked, settlement = mask(particulars.representative), particulars.settlement
    return {
        "representative": {
            "name": masked.name,
            "phone": masked.phone,
            "document": {"type": masked.document_type, "number": masked.document_number},
            "document_until": found.document_until.isoformat(),
        },
        "address": particulars.address,
        "settlement": {
            "holder": mask_name(settlement.holder),
            "number": mask_middle(settlement.number),
            "bank": settlement.bank,
        },
    }


def _suspension(suspension: Suspension | None) -> dict[str, Any] | None:
    if suspension is None:
        return None
    return {"by": suspension.by, "at": rfc3339(suspension.at), "reason": suspension.reason}


def _inquiry(inquiry: Inquiry) -> dict[str, Any]:
    return {
        "id": inquiry.id,
        "registry": inquiry.registry,
        "state": inquiry.reply.state,
        "reason": inquiry.reply.reason,
        "source": inquiry.reply.source,
        "firm_state": inquiry.reply.firm_state,
        "attempts": inquiry.attempts,
        "asked_at": rfc3339(inquiry.asked_at),
        "answered_at": inquiry.answered_at and rfc3339(inquiry.answered_at),
    }
