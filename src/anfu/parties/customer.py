"""A customer: a person who pays, with one identity at this institution (43号 art. 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.keyring import KeyRing
from anfu.parties.party import Status
from anfu.parties.person import Document, Person

_CLASSES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Customer:
    """`account_class` is 1, 2 or 3 (43号 art. 11); `opened_by` is the merchant that brought the
    customer, None for the institution itself; `reference` is the opener's own number."""

    id: str
    person: Person
    account_class: int
    status: Status
    opened_by: str | None
    reference: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """An order to open a customer."""

    person: Person
    account_class: int
    opened_by: str | None
    reference: str | None = None


def check_account_class(account_class: int) -> None:
    """Raises Refused `account_class_invalid`."""
    if type(account_class) is not int or account_class not in _CLASSES:
        raise Refused("account_class_invalid", field="account_class")


def phone_index(ring: KeyRing, phone: str) -> bytes:
    """The blind index of a parsed phone number."""
    return ring.blind_index("phone", phone)


def document_index(ring: KeyRing, document: Document) -> bytes:
    """The blind index of a parsed document, different for each type."""
    return ring.blind_index("document", document.type.value, document.number)
