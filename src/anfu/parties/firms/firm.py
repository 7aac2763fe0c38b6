"""A firm: its dossier in the register, who acts for it, and what it takes for an account to open.

A firm's account is of no class (43号 art. 11 is about individuals). It opens when three independent
channels at least confirm the firm, the registry of firms among them (261号 一(五)), the registry of
citizens confirms who acts for it (反洗钱法 29), and a second person who owns it (令〔2025〕12号 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.kernel.states import Moves
from anfu.parties.identity.onboarding import check_applicant
from anfu.parties.identity.verification import FirmKind, Verification, independent
from anfu.parties.keyring import KeyRing
from anfu.parties.person import Person

CHANNELS = 3
_OF_FIRM = frozenset(
    {FirmKind.FIRM_REGISTRY, FirmKind.TAX_AUTHORITY, FirmKind.CORPORATE_ACCOUNT,
     FirmKind.FIRM_BUREAU}
)  # fmt: skip


class State(StrEnum):
    """APPLIED: not verified yet. SUSPENDED: something that had been confirmed is so no more.
    CLOSED: the firm left, and what the law keeps of it is only stored."""

    APPLIED = "APPLIED"
    OPENED = "OPENED"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


MOVES: Moves[State] = {
    State.APPLIED: frozenset({State.OPENED, State.CLOSED}),
    State.OPENED: frozenset({State.SUSPENDED, State.CLOSED}),
    State.SUSPENDED: frozenset({State.OPENED, State.CLOSED}),
    State.CLOSED: frozenset(),
}


class Business(StrEnum):
    """What a firm does. Only GENERAL has an account: 43号 art. 8 names the others."""

    GENERAL = "GENERAL"
    FINANCIAL_INSTITUTION = "FINANCIAL_INSTITUTION"  # 金融机构
    CREDIT = "CREDIT"  # 信贷
    FINANCING = "FINANCING"  # 融资
    WEALTH = "WEALTH"  # 理财
    GUARANTEE = "GUARANTEE"  # 担保
    TRUST = "TRUST"  # 信托
    CURRENCY_EXCHANGE = "CURRENCY_EXCHANGE"  # 货币兑换


class Lack(StrEnum):
    """What an account still needs to open."""

    REGISTRY = "registry"
    CHANNELS = "channels"
    REPRESENTATIVE = "representative"
    AGENT = "agent"
    OWNERS = "owners"


@dataclass(frozen=True, slots=True, repr=False)
class Officer:
    """A person who acts for a firm, with the last day of the document."""

    person: Person
    document_until: date


@dataclass(frozen=True, slots=True, repr=False)
class Dossier:
    """What is known of a firm (令〔2025〕11号 art. 49): name, code, seat, scope of business, the
    last day of the licence, None for one without end. `agent` is who acts (经办人) where that is
    not the legal representative (法定代表人)."""

    name: str
    credit_code: str
    address: str
    business_scope: str
    licence_until: date | None
    representative: Officer
    agent: Officer | None

    @property
    def acting(self) -> Officer:
        """Who proves for the firm."""
        return self.representative if self.agent is None else self.agent

    @property
    def document_until(self) -> date:
        """The earliest last day of what was shown."""
        days = [self.representative.document_until, self.licence_until,
                None if self.agent is None else self.agent.document_until]  # fmt: skip
        return min(day for day in days if day is not None)


@dataclass(frozen=True, slots=True)
class Firm:
    """`opened_by` is the merchant that brought it, None for the institution."""

    id: str
    state: State
    dossier: Dossier
    opened_by: str | None
    created_at: datetime


def code_index(ring: KeyRing, credit_code: str) -> bytes:
    """The blind index of a parsed credit code."""
    return ring.blind_index("credit_code", credit_code)


def check_business(business: Business) -> None:
    """Raises Refused `firm_business_refused` (43号 art. 8)."""
    if business is not Business.GENERAL:
        raise Refused("firm_business_refused", field="business", business=business.value)


def check_dossier(dossier: Dossier, *, now: datetime) -> None:
    """Raises Refused `licence_expired`, and for either person as `check_applicant` with the part
    in front of the field."""
    if dossier.licence_until is not None and dossier.licence_until < civil_date(now):
        raise Refused("licence_expired", field="licence_until")
    for part, officer in (("representative", dossier.representative), ("agent", dossier.agent)):
        if officer is not None:
            with within(part):
                check_applicant(officer.person, officer.document_until, now=now)


@contextmanager
def within(part: str) -> Iterator[None]:
    """What is refused in here is refused of the field `part`."""
    try:
        yield
    except Refused as refused:
        field = part if refused.field is None else f"{part}.{refused.field}"
        raise Refused(refused.code, field=field, **refused.details) from None


def channels_of(verifications: Sequence[Verification]) -> int:
    """How many independent channels confirm the firm itself."""
    return independent([v for v in verifications if v.kind in _OF_FIRM])


def lacking(
    verifications: Sequence[Verification], *, has_agent: bool, owners: bool
) -> tuple[Lack, ...]:
    """What is missing, given all questions in the order they were asked, and whether an ownership
    is confirmed."""
    last = {v.kind: v for v in verifications if v.answered_at is not None}
    confirmed = {kind for kind, v in last.items() if v.counts}
    needs = {
        Lack.REGISTRY: FirmKind.FIRM_REGISTRY in confirmed,
        Lack.CHANNELS: channels_of(verifications) >= CHANNELS,
        Lack.REPRESENTATIVE: FirmKind.REPRESENTATIVE in confirmed,
        Lack.AGENT: not has_agent or FirmKind.AGENT in confirmed,
        Lack.OWNERS: owners,
    }
    return tuple(lack for lack, met in needs.items() if not met)


def state_after(state: State, missing: Sequence[Lack]) -> State:
    """Where a firm that is not closed is once this is missing."""
    if not missing:
        return State.OPENED
    return state if state is State.APPLIED else State.SUSPENDED
