"""Everything held about a firm and the persons behind it, in clear."""

from __future__ import annotations

from typing import Any

from anfu.compliance.privacy.export import FirmFile
from anfu.parties.firms.firm import Officer
from anfu.parties.firms.ownership import Owner, Ownership
from anfu.parties.identity.verification import Particulars, Verification
from anfu.parties.person import Person
from anfu.payments.document import rfc3339


def person_in_clear(person: Person) -> dict[str, Any]:
    """A person as JSON values."""
    return {
        "name": person.name,
        "phone": person.phone,
        "document": {"type": person.document.type, "number": person.document.number},
    }


def describe_file(file: FirmFile) -> dict[str, Any]:
    """A firm as JSON values."""
    firm, dossier = file.firm, file.firm.dossier
    until, agent = dossier.licence_until, dossier.agent
    return {
        "state": firm.state,
        "opened_by": firm.opened_by,
        "created_at": rfc3339(firm.created_at),
        "name": dossier.name,
        "credit_code": dossier.credit_code,
        "address": dossier.address,
        "business_scope": dossier.business_scope,
        "licence_until": None if until is None else until.isoformat(),
        "representative": _officer(dossier.representative),
        "agent": None if agent is None else _officer(agent),
        "ownerships": [_ownership(one) for one in file.ownerships],
        "verifications": [_asked(*one) for one in file.asked],
    }


def _officer(officer: Officer) -> dict[str, Any]:
    until = officer.document_until.isoformat()
    return {**person_in_clear(officer.person), "document_until": until}


def _ownership(ownership: Ownership) -> dict[str, Any]:
    holders, confirmed = ownership.holders, ownership.confirmed_at
    manager = holders.manager
    return {
        "id": ownership.id,
        "owners": [_owner(owner) for owner in holders.owners],
        "rest_reason": holders.rest_reason,
        "manager": None if manager is None else _owner(manager),
        "declared_at": rfc3339(ownership.declared_at),
        "confirmed_at": None if confirmed is None else rfc3339(confirmed),
    }


def _owner(owner: Owner) -> dict[str, Any]:
    return {
        **_officer(Officer(owner.person, owner.document_until)),
        "since": owner.since.isoformat(),
        "shares": owner.shares,
        "votes": owner.votes,
        "income": owner.income,
        "control": owner.control,
    }


def _asked(verification: Verification, given: Particulars) -> dict[str, Any]:
    reply, until = verification.reply, given.document_until
    return {
        "kind": verification.kind,
        "state": reply.state,
        "source": reply.source,
        "firm_state": reply.firm_state,
        "bank_account": given.bank_account,
        "document_until": None if until is None else until.isoformat(),
        "asked_at": rfc3339(verification.asked_at),
    }
