"""What is sealed of a firm, as canonical bytes and back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.parties.firms.firm import Dossier, Officer
from anfu.parties.firms.ownership import Holders, Owner
from anfu.parties.person import person_bytes, person_of


def dossier_bytes(dossier: Dossier) -> bytes:
    """Canonical bytes, to be sealed."""
    return canonical_bytes(
        {"v": 1, "name": dossier.name, "credit_code": dossier.credit_code,
         "address": dossier.address, "business_scope": dossier.business_scope,
         "licence_until": _day(dossier.licence_until),
         "representative": _officer(dossier.representative),
         "agent": None if dossier.agent is None else _officer(dossier.agent)}
    )  # fmt: skip


def dossier_of(plain: bytes) -> Dossier:
    """The dossier `dossier_bytes` wrote."""
    parts = json.loads(plain)
    agent, until = parts["agent"], parts["licence_until"]
    return Dossier(
        name=parts["name"],
        credit_code=parts["credit_code"],
        address=parts["address"],
        business_scope=parts["business_scope"],
        licence_until=None if until is None else date.fromisoformat(until),
        representative=_officer_of(parts["representative"]),
        agent=None if agent is None else _officer_of(agent),
    )


def holders_bytes(holders: Holders) -> bytes:
    """Canonical bytes, to be sealed."""
    manager = holders.manager
    return canonical_bytes(
        {"v": 1, "owners": [_owner(owner) for owner in holders.owners],
         "rest_reason": holders.rest_reason,
         "manager": None if manager is None else _owner(manager)}
    )  # fmt: skip


def holders_of(plain: bytes) -> Holders:
    """The holders `holders_bytes` wrote."""
    parts = json.loads(plain)
    manager = parts["manager"]
    owners = tuple(_owner_of(owner) for owner in parts["owners"])
    return Holders(owners, parts["rest_reason"], None if manager is None else _owner_of(manager))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _officer(officer: Officer) -> dict[str, Any]:
    return {"person": json.loads(person_bytes(officer.person)),
            "document_until": officer.document_until.isoformat()}  # fmt: skip


def _officer_of(parts: dict[str, Any]) -> Officer:
    person = person_of(canonical_bytes(parts["person"]))
    return Officer(person, date.fromisoformat(parts["document_until"]))


def _owner(owner: Owner) -> dict[str, Any]:
    officer = _officer(Officer(owner.person, owner.document_until))
    return {**officer, "since": owner.since.isoformat(), "shares": owner.shares,
            "votes": owner.votes, "income": owner.income, "control": owner.control}  # fmt: skip


def _owner_of(parts: dict[str, Any]) -> Owner:
    officer = _officer_of(parts)
    return Owner(
        officer.person, officer.document_until, date.fromisoformat(parts["since"]),
        parts["shares"], parts["votes"], parts["income"], parts["control"],
    )  # fmt: skip
