"""A change of whether a merchant is settled on the same day, turned by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PREFIX = "sdc"


@dataclass(frozen=True, slots=True)
class Change:
    """Proposed by one person, approved by another; `approved_by` None: it does not hold yet."""

    id: str
    merchant: str
    switched_on: bool
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
