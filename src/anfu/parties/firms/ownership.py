"""Ownership: who owns a firm in the end, and which of them are its beneficial owners (受益所有人).

A beneficial owner is a natural person who holds in the end 25 % or more of the shares, or of the
votes or of the income, or who controls the firm otherwise; where there is none, who manages it is
named (令〔2024〕3号; 令〔2025〕12号 art. 8). Parts are hundredths of a percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.parties.firms.firm import within
from anfu.parties.identity.onboarding import check_applicant
from anfu.parties.person import Person

PREFIX = "own"
WHOLE = 10_000
_ENOUGH = 2_500


class Relation(StrEnum):
    """Why somebody is a beneficial owner (令〔2025〕12号 art. 18)."""

    SHARES = "SHARES"
    VOTES = "VOTES"
    INCOME = "INCOME"
    CONTROL = "CONTROL"
    MANAGER = "MANAGER"


@dataclass(frozen=True, slots=True, repr=False)
class Owner:
    """A natural person with what it holds in the end, through however many firms, since a day."""

    person: Person
    document_until: date
    since: date
    shares: int = 0
    votes: int = 0
    income: int = 0
    control: bool = False

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Empty for somebody who holds too little."""
        held = {
            Relation.SHARES: self.shares >= _ENOUGH,
            Relation.VOTES: self.votes >= _ENOUGH,
            Relation.INCOME: self.income >= _ENOUGH,
            Relation.CONTROL: self.control,
        }
        return tuple(relation for relation, yes in held.items() if yes)


@dataclass(frozen=True, slots=True, repr=False)
class Holders:
    """All natural persons who are known to hold something. `rest_reason` says who has the shares
    that are not theirs; `manager` is the senior manager, where nobody holds enough."""

    owners: tuple[Owner, ...]
    rest_reason: str | None
    manager: Owner | None

    @property
    def rest(self) -> int:
        """The part of the shares for which nobody is named."""
        return WHOLE - sum(owner.shares for owner in self.owners)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns a firm, as it declared; `confirmed_by` is the second person, None while none has
    looked."""

    id: str
    firm: str
    holders: Holders
    declared_by: str
    declared_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


def beneficial_owners(holders: Holders) -> list[tuple[Owner, tuple[Relation, ...]]]:
    """Who they are and why, in the order declared; the manager where there is nobody."""
    found = [(owner, owner.relations) for owner in holders.owners if owner.relations]
    if not found and holders.manager is not None:
        return [(holders.manager, (Relation.MANAGER,))]
    return found


def check_holders(holders: Holders, *, now: datetime) -> None:
    """Numbered as they are tried. Raises Refused: 1 `shares_exceed` over the whole of shares, votes
    or income; 2 `shares_incomplete` where nobody says who has the rest of the shares; 3
    `owner_repeated` for one person twice; 4 `owner_empty` for one who holds nothing; 5
    `manager_needed`, or `manager_unneeded` beside a beneficial owner; 6 of each person as
    `check_applicant`, and `since_invalid` for a day to come."""
    owners = holders.owners
    for part in ("shares", "votes", "income"):
        if sum(getattr(owner, part) for owner in owners) > WHOLE:  # 1
            raise Refused("shares_exceed", field=f"owners.{part}", whole=WHOLE)
    if holders.rest and holders.rest_reason is None:  # 2
        raise Refused("shares_incomplete", field="rest_reason", rest=holders.rest)
    documents = {owner.person.document for owner in owners}
    if len(documents) < len(owners):  # 3
        raise Refused("owner_repeated", field="owners")
    if any(not (o.shares or o.votes or o.income or o.control) for o in owners):  # 4
        raise Refused("owner_empty", field="owners")
    if any(owner.relations for owner in owners) is (holders.manager is not None):  # 5
        code = "manager_needed" if holders.manager is None else "manager_unneeded"
        raise Refused(code, field="manager")
    for part, person in _named(holders):  # 6
        with within(part):
            check_applicant(person.person, person.document_until, now=now)
            if person.since > civil_date(now):
                raise Refused("since_invalid", field="since")


def in_force(declared: Sequence[Ownership]) -> Ownership | None:
    """Of all declared in their order, the last one confirmed."""
    confirmed = [one for one in declared if one.confirmed_at is not None]
    return confirmed[-1] if confirmed else None


def _named(holders: Holders) -> list[tuple[str, Owner]]:
    named = [(f"owners.{place}", owner) for place, owner in enumerate(holders.owners)]
    return named if holders.manager is None else [*named, ("manager", holders.manager)]
