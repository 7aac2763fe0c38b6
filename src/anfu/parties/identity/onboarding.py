"""An onboarding: an application for a payment account, and the class its verifications earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.kernel.states import Moves
from anfu.parties.person import DocumentType, Person

PREFIX = "onb"
# Independent channels by class, for who does not come in person: 43号 art. 11(1) to 11(3).
CHANNELS = {1: 1, 2: 3, 3: 5}


class State(StrEnum):
    """APPLIED: nothing confirms yet. SUSPENDED: what had confirmed was contradicted since."""

    APPLIED = "APPLIED"
    OPENED = "OPENED"
    SUSPENDED = "SUSPENDED"


MOVES: Moves[State] = {
    State.APPLIED: frozenset({State.OPENED}),
    State.OPENED: frozenset({State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.OPENED}),
}


@dataclass(frozen=True, slots=True)
class Onboarding:
    """`customer` is None until the account is open; `opened_by` the merchant that applied."""

    id: str
    state: State
    person: Person
    customer: str | None
    opened_by: str | None
    document_until: date
    created_at: datetime


def class_of(channels: int) -> int | None:
    """The account class that so many independent channels earn, None for none (43号 art. 11)."""
    earned = [account_class for account_class, least in CHANNELS.items() if channels >= least]
    return max(earned, default=None)


def state_after(state: State, account_class: int | None) -> State:
    """Where an onboarding is once its class is `account_class`."""
    if account_class is not None:
        return State.OPENED
    return state if state is State.APPLIED else State.SUSPENDED


def check_applicant(person: Person, document_until: date, *, now: datetime) -> None:
    """Raises Refused `document_invalid` for a resident id born on a day that is none or has not
    come (GB 11643), `document_expired` after the document's last day (令〔2025〕11号 art. 26)."""
    today, document = civil_date(now), person.document
    if document.type is DocumentType.CITIZEN_ID:
        digits = document.number[6:14]
        try:
            born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            raise Refused("document_invalid", field="document") from None
        if born > today:
            raise Refused("document_invalid", field="document")
    check_document_until(document_until, now=now)


def check_document_until(document_until: date, *, now: datetime) -> None:
    """Raises Refused `document_expired` after the document's last day."""
    if document_until < civil_date(now):
        raise Refused("document_expired", field="document_until")
