"""A party: what a payment needs to know of its payer and its payee."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from anfu.kernel.errors import Refused

MERCHANT_PREFIX = "mer"
CUSTOMER_PREFIX = "cus"
FIRM_PREFIX = "frm"
GUEST_PREFIX = "gst"
# Nobody has verified a guest: what is limited by class is limited as for the least of them.
GUEST_CLASS = 1
Kind = Literal["CUSTOMER", "MERCHANT"]
# Joiners spell some names and carry no direction; every other invisible character is refused.
_JOINERS = "\u200c\u200d"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Status(StrEnum):
    """Whether a customer or a merchant may take part in payments. APPLIED: a merchant nobody has
    approved yet. CLOSED: a customer who asked to be forgotten, kept by law alone; a merchant that
    was refused or has ended."""

    APPLIED = "APPLIED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Party:
    """A payer or a payee. `account_class` is 1, 2 or 3 for a person (43号 art. 11), None for a
    `firm` and a merchant; `endpoints` are the ids of a merchant's active webhook endpoints, oldest
    first. `mcc` is a merchant's category (ISO 18245); `phone` a person's number as a token, which
    tells who shares one and nothing else; `document_until` the last day of its identity document,
    where known; `opened_by` the merchant that brought the customer, None for the institution;
    `barred` the code a payment is refused with for a party that is not active."""

    id: str
    kind: Kind
    active: bool
    account_class: int | None
    endpoints: tuple[str, ...]
    mcc: str | None = None
    phone: str | None = None
    document_until: date | None = None
    opened_by: str | None = None
    barred: str = "party_suspended"
    firm: bool = False

    @property
    def guest(self) -> bool:
        """A payer of one checkout whom only the network knows: no account, no factors."""
        return self.id.startswith(GUEST_PREFIX)

    def check_active(self, *, field: str, **details: str) -> None:
        """Raises Refused `party_suspended`, of a firm nobody has verified `firm_not_verified`, of a
        merchant also `merchant_not_approved`, `merchant_overdue`, `merchant_closed`."""
        if not self.active:
            raise Refused(self.barred, field=field, **details)

    def known_to(self, merchant: str | None) -> bool:
        """Whether a caller of this scope may name it: a customer that another merchant brought is
        not there for it, no more than when it asks for the customer itself."""
        return merchant is None or self.opened_by in (None, merchant)


def clean_text(text: str, *, field: str, longest: int = 100) -> str:
    """`text` in NFC without outer spaces. Characters we do not know are kept: rare Chinese names
    are written with unassigned and private code points.

    Raises Refused `<field>_invalid` when it is empty, too long, or holds an invisible character.
    """
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(cleaned) <= longest or any(_invisible(character) for character in cleaned):
        raise Refused(f"{field}_invalid", field=field, longest=longest)
    return cleaned


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE and character not in _JOINERS
