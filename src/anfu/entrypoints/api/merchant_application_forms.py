"""The forms of applications to be a merchant, as they are sent."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from anfu.compliance.diligence.apply import Words
from anfu.entrypoints.api.customers import DocumentForm
from anfu.entrypoints.api.documents import Id, Mcc, Name, PageQuery, Request, Text
from anfu.parties.applications.application import Particulars, Settlement, State, parse_account
from anfu.parties.applications.scene import Scene
from anfu.parties.creditcode import parse_credit_code
from anfu.parties.party import clean_text
from anfu.parties.person import parse_document, parse_person

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
    """Those that stand in `state`, or that of `merchant`."""

    state: State | None = None
    merchant: Id | None = None


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
