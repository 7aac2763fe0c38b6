"""An application of a firm to be a merchant: its states, and what must hold before it is submitted.

The law asks the institution itself to look at every merchant (国令768 art. 22): who it is by name
and code and who stands behind it (公告〔2013〕9号 art. 7 and 9), what it lives from (85号
四(十三)), and that what it earns is settled to an account in its own name.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.states import Moves
from anfu.parties.applications.rating import Rating
from anfu.parties.applications.scene import Scene
from anfu.parties.identity.onboarding import check_applicant
from anfu.parties.person import Person, person_bytes, person_of

PREFIX = "app"
_ACCOUNT = re.compile(r"[0-9]{8,32}")
# GB 32100: registered by the market regulator (9) as an individual business (2, 个体工商户).
_INDIVIDUAL = "92"


class State(StrEnum):
    """SUBMITTED: the registries are being asked. CHECKED: they confirm, a second person decides.
    SUSPENDED: by hand, or because nobody has looked again in time, or by a registry's word."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    CHECKED = "CHECKED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


MOVES: Moves[State] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.CLOSED}),
    State.SUBMITTED: frozenset({State.CHECKED, State.REFUSED, State.CLOSED}),
    State.CHECKED: frozenset({State.APPROVED, State.REFUSED, State.CLOSED}),
    State.APPROVED: frozenset({State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.APPROVED, State.CLOSED}),
    State.REFUSED: frozenset(),
    State.CLOSED: frozenset(),
}
OPEN = frozenset({State.APPROVED, State.SUSPENDED})


@dataclass(frozen=True, slots=True, repr=False)
class Settlement:
    """The bank account that what it earns is settled to."""

    holder: str
    number: str
    bank: str


@dataclass(frozen=True, slots=True, repr=False)
class Particulars:
    """What is kept sealed: the legal representative (法定代表人), or who answers for it where there
    is none; where it does business; where it is settled to."""

    representative: Person
    address: str
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Suspension:
    """By hand: lifted by hand, by another person, and by nothing else."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Application:
    """`name` is what payers read; `written_by` who wrote it last, `submitted_by`, `decided_by` are
    persons. `refusal` is the code it was refused with. `rating`, `due_on` (the last day to look
    again) stand once it is checked, and approved. `unverified_since`: nobody has looked again in
    time, or a registry contradicted."""

    id: str
    merchant: str
    state: State
    name: str
    legal_name: str
    credit_code: str
    mcc: str
    scenes: frozenset[Scene]
    particulars: Particulars
    document_until: date
    written_by: str
    created_at: datetime
    submitted_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    refusal: str | None = None
    rating: Rating | None = None
    due_on: date | None = None
    suspension: Suspension | None = None
    unverified_since: datetime | None = None
    visited_on: date | None = None


def state_after(suspension: Suspension | None, unverified_since: datetime | None) -> State:
    """Where a merchant that was approved stands: each suspension holds until it is lifted."""
    held = suspension is not None or unverified_since is not None
    return State.SUSPENDED if held else State.APPROVED


def check_submission(application: Application, *, now: datetime) -> None:
    """What is asked of an application besides its trade.

    1. The representative's document is right and valid (GB 11643; 令〔2025〕11号 art. 26).
    2. The settlement account is in the merchant's own name (公告〔2013〕9号 art. 9).

    Raises Refused: document_invalid, document_expired, settlement_not_own.
    """
    particulars = application.particulars
    check_applicant(particulars.representative, application.document_until, now=now)  # 1
    check_own_account(application, particulars.settlement.holder, field="settlement.holder")  # 2


def check_own_account(application: Application, holder: str, *, field: str) -> None:
    """An individual business may be settled to its owner's account (公告〔2013〕9号 art. 9). Raises
    Refused `settlement_not_own`."""
    names = {_plain(application.legal_name)}
    if application.credit_code.startswith(_INDIVIDUAL):
        names.add(_plain(application.particulars.representative.name))
    if _plain(holder) not in names:
        raise Refused("settlement_not_own", field=field)


def parse_account(text: str, *, field: str = "settlement.number") -> str:
    """A bank account's digits. Raises Refused `account_invalid`; the value is never repeated."""
    number = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "")
    if not number.isascii() or _ACCOUNT.fullmatch(number) is None:
        raise Refused("account_invalid", field=field)
    return number


def sealed_bytes(particulars: Particulars) -> bytes:
    """Canonical bytes, to be sealed."""
    settlement = particulars.settlement
    return canonical_bytes(
        {"v": 1, "representative": person_bytes(particulars.representative).decode(),
         "address": particulars.address, "holder": settlement.holder,
         "number": settlement.number, "bank": settlement.bank}
    )  # fmt: skip


def particulars_of(plain: bytes) -> Particulars:
    """What `sealed_bytes` wrote."""
    parts = json.loads(plain)
    settlement = Settlement(parts["holder"], parts["number"], parts["bank"])
    person = person_of(parts["representative"].encode())
    return Particulars(person, parts["address"], settlement)


def _plain(name: str) -> str:
    """One spelling: full-width brackets and spaces make no other firm."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
