"""A reveal: one look at personal data in clear, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.parties.person import Person

PREFIX = "rvl"


class Field(StrEnum):
    """What is masked until somebody says why he has to see it. EVERYTHING is an export."""

    NAME = "name"
    PHONE = "phone"
    DOCUMENT_NUMBER = "document_number"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Reveal:
    """Who (`by`, the id of a key) saw which field of a customer, when and why."""

    id: str
    customer: str
    field: Field
    reason: str
    by: str
    at: datetime


def value_of(person: Person, field: Field) -> str:
    """The one field in clear. Raises ValueError for EVERYTHING."""
    values = {
        Field.NAME: person.name,
        Field.PHONE: person.phone,
        Field.DOCUMENT_NUMBER: person.document.number,
    }
    if field not in values:
        raise ValueError("everything is no single field")
    return values[field]
