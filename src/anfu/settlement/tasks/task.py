"""A task: why it was opened, and about what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PREFIX = "tsk"


class Kind(StrEnum):
    """NEGATIVE_BALANCE: a merchant has owed us for long; by merchant. PAYOUT_RETURNED: a payout
    came back, and no other is made until it is closed; by merchant. BANK_SHORT: the bank has paid
    what our books of the bank do not have; by payout. SETTLEMENT_REFUSED: a merchant could not be
    settled; by merchant. RESERVE_DIFFERENCE: the three-way check differs; by day and currency."""

    NEGATIVE_BALANCE = "NEGATIVE_BALANCE"
    PAYOUT_RETURNED = "PAYOUT_RETURNED"
    BANK_SHORT = "BANK_SHORT"
    SETTLEMENT_REFUSED = "SETTLEMENT_REFUSED"
    RESERVE_DIFFERENCE = "RESERVE_DIFFERENCE"


@dataclass(frozen=True, slots=True)
class Task:
    """`detail` is a code or a number that tells it apart; `note` what was done about it."""

    id: str
    kind: Kind
    subject: str
    detail: str
    opened_at: datetime
    closed_by: str | None = None
    closed_at: datetime | None = None
    note: str | None = None
