"""A firm as it is shown: what the register says in clear, persons masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.firms.apply import Standing
from anfu.entrypoints.api.customers import MaskedDocument
from anfu.entrypoints.api.documents import Personal
from anfu.entrypoints.api.onboardings import describe_verification
from anfu.parties.firms.firm import Firm, Lack, Officer, State, channels_of
from anfu.parties.firms.ownership import Owner, Ownership, Relation, beneficial_owners
from anfu.parties.identity.verification import FirmKind
from anfu.parties.identity.verification import State as VerificationState
from anfu.parties.person import Person, mask
from anfu.payments.document import rfc3339


class OfficerDocument(Struct, frozen=True):
    """A person who acts for a firm, masked."""

    name: Personal
    phone: Personal
    document: MaskedDocument
    document_until: date


class BeneficialOwnerDocument(Struct, frozen=True):
    """A beneficial owner, masked, and why it is one; parts are hundredths of a percent."""

    name: Personal
    phone: Personal
    document: MaskedDocument
    document_until: date
    relations: list[Relation]
    shares: int
    votes: int
    income: int
    control: bool
    since: date


class OwnershipDocument(Struct, frozen=True):
    """Who owns a firm, as declared; the last one confirmed is in force. `unnamed`: the part of the
    shares nobody is named for, with the reason."""

    id: str
    beneficial_owners: list[BeneficialOwnerDocument]
    unnamed: int
    rest_reason: str | None
    declared_at: datetime
    confirmed_at: datetime | None


class FirmVerificationDocument(Struct, frozen=True):
    """A question about a firm. `counts`: it is a channel in the sense of 261号 一(五);
    `firm_state`: how the registry of firms has it."""

    id: str
    kind: FirmKind
    state: VerificationState
    counts: bool
    reason: str | None
    source: str | None
    firm_state: str | None
    attempts: int
    asked_at: datetime
    answered_at: datetime | None


class FirmDocument(Struct, frozen=True):
    """A firm. `missing`: what its account still needs to open; `document_until`: the earliest last
    day of licence and documents, after which it does not pay."""

    id: str
    object: Literal["firm"]
    state: State
    missing: list[Lack]
    channels: int
    name: str
    credit_code: str
    address: str
    business_scope: str
    licence_until: date | None
    document_until: date
    representative: OfficerDocument
    agent: OfficerDocument | None
    ownerships: list[OwnershipDocument]
    verifications: list[FirmVerificationDocument]
    created_at: datetime


class FirmSummary(Struct, frozen=True):
    """A firm in a list: what the register says, without the persons."""

    id: str
    object: Literal["firm"]
    state: State
    name: str
    credit_code: str
    document_until: date
    created_at: datetime


class FirmList(Struct, frozen=True):
    """A page of firms, the newest first."""

    object: Literal["list"]
    data: list[FirmSummary]
    more: bool


def summary(firm: Firm) -> dict[str, Any]:
    """What a list shows."""
    return {
        "id": firm.id,
        "object": "firm",
        "state": firm.state,
        "name": firm.dossier.name,
        "credit_code": firm.dossier.credit_code,
        "document_until": firm.dossier.document_until.isoformat(),
        "created_at": rfc3339(firm.created_at),
    }


def describe(standing: Standing) -> dict[str, Any]:
    """A firm as JSON values, persons masked."""
    firm, dossier = standing.firm, standing.firm.dossier
    until, agent = dossier.licence_until, dossier.agent
    return {
        "id": firm.id,
        "object": "firm",
        "state": firm.state,
        "missing": list(standing.missing),
        "channels": channels_of(standing.verifications),
        "name": dossier.name,
        "credit_code": dossier.credit_code,
        "address": dossier.address,
        "business_scope": dossier.business_scope,
        "licence_until": None if until is None else until.isoformat(),
        "document_until": dossier.document_until.isoformat(),
        "representative": _officer(dossier.representative),
        "agent": None if agent is None else _officer(agent),
        "ownerships": [_ownership(one) for one in standing.ownerships],
        "verifications": [
            {**describe_verification(one), "firm_state": one.reply.firm_state}
            for one in standing.verifications
        ],
        "created_at": rfc3339(firm.created_at),
    }


def _person(person: Person) -> dict[str, Any]:
    masked = mask(person)
    return {
        "name": masked.name,
        "phone": masked.phone,
        "document": {"type": masked.document_type, "number": masked.document_number},
    }


def _officer(officer: Officer) -> dict[str, Any]:
    return {**_person(officer.person), "document_until": officer.document_until.isoformat()}


def _ownership(ownership: Ownership) -> dict[str, Any]:
    holders, confirmed = ownership.holders, ownership.confirmed_at
    return {
        "id": ownership.id,
        "beneficial_owners": [_owner(*found) for found in beneficial_owners(holders)],
        "unnamed": holders.rest,
        "rest_reason": holders.rest_reason,
        "declared_at": rfc3339(ownership.declared_at),
        "confirmed_at": None if confirmed is None else rfc3339(confirmed),
    }


def _owner(owner: Owner, relations: tuple[Relation, ...]) -> dict[str, Any]:
    return {
        **_person(owner.person),
        "document_until": owner.document_until.isoformat(),
        "relations": list(relations),
        "shares": owner.shares,
        "votes": owner.votes,
        "income": owner.income,
        "control": owner.control,
        "since": owner.since.isoformat(),
    }
