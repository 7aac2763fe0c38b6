"""What callers send about firms, and what it means."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from anfu.compliance.firms.apply import NewFirm
from anfu.compliance.firms.verify import Wish
from anfu.entrypoints.api.customers import DocumentForm
from anfu.entrypoints.api.documents import Amount, Name, PageQuery, Request, Text
from anfu.kernel.errors import Refused
from anfu.parties.creditcode import parse_credit_code
from anfu.parties.firms.bank_account import parse_bank_account
from anfu.parties.firms.firm import Business, Dossier, Officer, State, within
from anfu.parties.firms.ownership import WHOLE, Holders, Owner
from anfu.parties.identity.verification import FirmKind, Particulars
from anfu.parties.party import clean_text
from anfu.parties.person import Person, parse_document, parse_person

Part = Annotated[int, Meta(ge=0, le=WHOLE, description="Hundredths of a percent.")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class FirmQuery(PageQuery, frozen=True):
    """Firms in one state."""

    state: State | None = None


class OfficerForm(Request, frozen=True):
    """A person who acts for a firm; `document_until` is the last day of the document."""

    name: Name
    phone: Name
    document: DocumentForm
    document_until: date


class FirmForm(Request, frozen=True):
    """A firm as the register has it. `licence_until`: null for a licence without end; `agent`: who
    acts where that is not the legal representative; `day_amount` (fen) and `day_count`: what is
    paid in a day at most, as agreed (261号 二(十))."""

    name: Name
    credit_code: Name
    address: Text
    business_scope: Text
    business: Business
    licence_until: date | None
    representative: OfficerForm
    day_amount: Amount
    day_count: Count
    agent: OfficerForm | None = None


class OwnerForm(Request, frozen=True):
    """A natural person and what it holds in the end, `since` when; `control`: in any other way."""

    name: Name
    phone: Name
    document: DocumentForm
    document_until: date
    since: date
    shares: Part = 0
    votes: Part = 0
    income: Part = 0
    control: bool = False


class ManagerForm(Request, frozen=True):
    """The senior manager, `since` when."""

    name: Name
    phone: Name
    document: DocumentForm
    document_until: date
    since: date


class OwnershipForm(Request, frozen=True):
    """Everybody who is known to hold something. `rest_reason`: who has the other shares and why
    they are not named; `manager`: only where nobody is a beneficial owner."""

    owners: Annotated[tuple[OwnerForm, ...], Meta(max_length=50)]
    rest_reason: Text | None = None
    manager: ManagerForm | None = None


class FirmVerificationForm(Request, frozen=True):
    """One question. `bank_account`, the firm's bank account, belongs to CORPORATE_ACCOUNT;
    `document_until`, the last day of what was renewed, to FIRM_REGISTRY, REPRESENTATIVE, AGENT."""

    kind: FirmKind
    bank_account: Name | None = None
    document_until: date | None = None


def new_firm_of(form: FirmForm) -> NewFirm:
    """Raises Refused: name_invalid, credit_code_invalid, address_invalid, business_scope_invalid,
    and of a person as `parse_person` and `parse_document`."""
    agent = form.agent
    dossier = Dossier(
        name=clean_text(form.name, field="name"),
        credit_code=parse_credit_code(form.credit_code),
        address=clean_text(form.address, field="address", longest=200),
        business_scope=clean_text(form.business_scope, field="business_scope", longest=200),
        licence_until=form.licence_until,
        representative=_officer("representative", form.representative),
        agent=None if agent is None else _officer("agent", agent),
    )
    return NewFirm(dossier, form.business, form.day_amount, form.day_count)


def holders_of(form: OwnershipForm) -> Holders:
    """Raises Refused: rest_reason_invalid, and of a person as above."""
    reason, manager = form.rest_reason, form.manager
    return Holders(
        owners=tuple(_owner(f"owners.{place}", one) for place, one in enumerate(form.owners)),
        rest_reason=None
        if reason is None
        else clean_text(reason, field="rest_reason", longest=200),
        manager=None
        if manager is None
        else Owner(_person("manager", manager), manager.document_until, manager.since),
    )


def wish_of(firm: str, form: FirmVerificationForm) -> Wish:
    """Raises Refused `particulars_invalid`, `bank_account_invalid`."""
    of_account = form.kind is FirmKind.CORPORATE_ACCOUNT
    if of_account is not (form.bank_account is not None):
        raise Refused("particulars_invalid", field="bank_account")
    if form.document_until is not None and form.kind not in _DATED:
        raise Refused("particulars_invalid", field="document_until")
    bank_account = None if form.bank_account is None else parse_bank_account(form.bank_account)
    return Wish(
        firm, form.kind, Particulars(bank_account=bank_account, document_until=form.document_until)
    )


_DATED = (FirmKind.FIRM_REGISTRY, FirmKind.REPRESENTATIVE, FirmKind.AGENT)


def _person(part: str, form: OfficerForm | OwnerForm | ManagerForm) -> Person:
    with within(part):
        document = parse_document(form.document.type, form.document.number)
        return parse_person(form.name, form.phone, document)


def _officer(part: str, form: OfficerForm) -> Officer:
    return Officer(_person(part, form), form.document_until)


def _owner(part: str, form: OwnerForm) -> Owner:
    return Owner(
        _person(part, form), form.document_until, form.since, form.shares, form.votes,
        form.income, form.control,
    )  # fmt: skip
