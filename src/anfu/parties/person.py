"""A natural person: name, phone and document, normalised to be found and masked to be shown.

One spelling of one fact: full-width digits, spaces and the letters' case make no second person.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.parties.party import clean_text

_SEPARATORS = str.maketrans("", "", " -().")
_PHONE = re.compile(r"(\+|00)?([0-9]{5,15})")
_CHINA_MOBILE = re.compile(r"86(1[0-9]{10})")
_NUMBER = re.compile(r"[0-9A-Za-z]{5,20}")
_CITIZEN = re.compile(r"[0-9]{17}[0-9X]")
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDEOGRAPH = re.compile("[\u3007\u3400-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff]")


class DocumentType(StrEnum):
    """Valid identity documents of a natural person."""

    CITIZEN_ID = "CITIZEN_ID"  # 居民身份证
    PASSPORT = "PASSPORT"  # 护照
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT"  # 港澳居民来往内地通行证
    TAIWAN_PERMIT = "TAIWAN_PERMIT"  # 台湾居民来往大陆通行证
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT"  # 港澳台居民居住证
    FOREIGN_RESIDENT = "FOREIGN_RESIDENT"  # 外国人永久居留身份证


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """Made by `parse_document`: `number` is in its one normal spelling."""

    type: DocumentType
    number: str

    def __repr__(self) -> str:
        return f"Document({self.type})"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Made by `parse_person`: every part is in its one normal spelling."""

    name: str
    phone: str
    document: Document

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """What a screen shows: 张*三, 138****1234, 110***********002X."""

    name: str
    phone: str
    document_type: DocumentType
    document_number: str


def parse_person(name: str, phone: str, document: Document) -> Person:
    """Raises Refused `name_invalid`, `phone_invalid`; the value is never repeated."""
    return Person(clean_text(name, field="name"), parse_phone(phone), document)


def parse_phone(text: str) -> str:
    """A mainland number without its country code, any other as `+` and digits when it was given
    so: a foreign `+1 310 555 1234` is not the mainland's 131 0555 1234.

    Raises Refused `phone_invalid`.
    """
    match = _PHONE.fullmatch(unicodedata.normalize("NFKC", text).translate(_SEPARATORS))
    if match is None:
        raise Refused("phone_invalid", field="phone")
    mainland = _CHINA_MOBILE.fullmatch(match[2])
    if mainland is not None:
        return mainland[1]
    return f"+{match[2]}" if match[1] else match[2]


def parse_document(type_: DocumentType, number: str) -> Document:
    """Raises Refused `document_invalid`: not 5 to 20 letters and digits, or a citizen id whose
    check character (GB 11643) is wrong."""
    compact = unicodedata.normalize("NFKC", number).translate(_SEPARATORS)
    normal = compact.upper()
    if _NUMBER.fullmatch(compact) is None or not _fits(type_, normal):
        raise Refused("document_invalid", field="document")
    return Document(type_, normal)


def citizen_check(digits: str) -> str:
    """The 18th character of a citizen id whose first 17 are `digits` (GB 11643, ISO 7064)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _CITIZEN_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def _fits(type_: DocumentType, number: str) -> bool:
    if type_ is not DocumentType.CITIZEN_ID:
        return True
    return _CITIZEN.fullmatch(number) is not None and citizen_check(number[:17]) == number[17]


def person_bytes(person: Person) -> bytes:
    """Canonical bytes, to be sealed."""
    document = person.document
    return canonical_bytes(
        {"v": 1, "name": person.name, "phone": person.phone,
         "document_type": document.type.value, "document_number": document.number}
    )  # fmt: skip


def person_of(plain: bytes) -> Person:
    """The person `person_bytes` wrote."""
    parts = json.loads(plain)
    document = Document(DocumentType(parts["document_type"]), parts["document_number"])
    return Person(parts["name"], parts["phone"], document)


def mask(person: Person) -> MaskedPerson:
    """What may stand on a screen."""
    document = person.document
    return MaskedPerson(
        name=mask_name(person.name),
        phone=mask_middle(person.phone),
        document_type=document.type,
        document_number=mask_middle(document.number),
    )


def mask_name(name: str) -> str:
    """张三丰 -> 张*丰, 张三 -> 张*, John Smith -> J***."""
    if _IDEOGRAPH.match(name) is None:
        return f"{name[0]}***"
    if len(name) < 3:
        return name[0] + "*" if len(name) == 2 else "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_middle(text: str) -> str:
    """The first three and the last four; of a text too short to hide four, only the last two."""
    if len(text) < 11:
        return "*" * (len(text) - 2) + text[-2:]
    return text[:3] + "*" * (len(text) - 7) + text[-4:]
