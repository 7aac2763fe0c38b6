"""The forms of applications to be a merchant: what is sent, and what is shown of it, masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.compliance.diligence.apply import Words
from anfu.compliance.diligence.standing import Standing
from anfu.entrypoints.api.customers import DocumentForm, MaskedDocument
from anfu.entrypoints.api.documents import Mcc, Name, PageQuery, Personal, Request, Text
from anfu.parties.applications.application import (
    Application,
    Particulars,
    Settlement,
    State,
    Suspension,
    parse_account,
)
from anfu.parties.applications.inquiry import Inquiry, Registry
from anfu.parties.applications.rating import Rating
from anfu.parties.applications.scene import Scene
from anfu.parties.applications.trade import Grade, trades
from anfu.parties.creditcode import parse_credit_code
from anfu.parties.identity.verification import State as InquiryState
from anfu.parties.party import clean_text
from anfu.parties.person import mask, mask_middle, mask_name, parse_document, parse_person
from anfu.payments.document import rfc3339

Scenes = Annotated[tuple[Scene, ...], Meta(min_length=1, max_length=len(Scene))]


class RepresentativeForm(Request, frozen=True):
    """The legal representative, or who answers for a firm without one; `document_until` is the last
    day of the document."""

    name: Name
    phone: Name
    document: DocumentForm
    document_until: date


class SettlementForm(Request, frozen=True):
    """The bank account that is settled to, in the merchant's own name."""

    holder: Name
    number: Name
    bank: Name


class ApplicationForm(Request, frozen=True):
    """`name` is what payers read, `legal_name` what the registry of firms has under `credit_code`
    (GB 32100). `mcc` is one of the trades listed."""

    name: Name
    legal_name: Name
    credit_code: Name
    representative: RepresentativeForm
    address: Text
    scenes: Scenes
    settlement: SettlementForm
    mcc: Mcc


class ReasonForm(Request, frozen=True):
    """Kept with the application where it still matters, and in the evidence by its digest."""

    reason: Text


class RenewalForm(Request, frozen=True):
    """`reason`: what was found. `visited_on`: the day somebody was there, for who is paid at a
    counter. `document_until`: of the representative's document, where it was renewed."""

    reason: Text
    visited_on: date | None = None
    document_until: date | None = None


class ApplicationQuery(PageQuery, frozen=True):
    """Those that stand in `state`."""

    state: State | None = None


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


def words_of(form: ApplicationForm, by: str) -> Words:
    """Raises Refused: name_invalid, legal_name_invalid, address_invalid, holder_invalid,
    bank_invalid, credit_code_invalid, phone_invalid, document_invalid, account_invalid."""
    given, account = form.representative, form.settlement
    document = parse_document(given.document.type, given.document.number)
    particulars = Particulars(
        parse_person(given.name, given.phone, document),
        clean_text(form.address, field="address", longest=200),
        Settlement(
            clean_text(account.holder, field="holder"), parse_account(account.number),
            clean_text(account.bank, field="bank"),
        ),
    )  # fmt: skip
    return Words(
        clean_text(form.name, field="name"), clean_text(form.legal_name, field="legal_name"),
        parse_credit_code(form.credit_code), form.mcc, frozenset(form.scenes), particulars,
        given.document_until, by,
    )  # fmt: skip


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
        "firm_state": inquiry.firm_state,
        "attempts": inquiry.attempts,
        "asked_at": rfc3339(inquiry.asked_at),
        "answered_at": inquiry.answered_at and rfc3339(inquiry.answered_at),
    }
