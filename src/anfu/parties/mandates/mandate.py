"""A mandate (免密支付协议): agreed once with two factors, then drawn on without any.

What is agreed is fixed: payee, amounts, purpose and expiry, and the device if it is bound to one
(银发〔2020〕248号 二(四): each debit is held against what was authorised). Other terms are another
mandate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from anfu.kernel.canonical import digest
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR

PREFIX = "mdt"
LONGEST = timedelta(days=3 * 366)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = ("merchant", "currency", "per_payment", "per_day", "per_month", "purpose")


class State(StrEnum):
    """PENDING waits for its two factors. An ACTIVE one is good until `ends_at`."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"
    FAILED = "FAILED"  # nobody proved it in time, or proved it wrong


@dataclass(frozen=True, slots=True)
class Terms:
    """At most `per_payment`, `per_day` and `per_month` (minor units of `currency`; natural days and
    months) from `customer` to `merchant` until before `ends_at`; only from `device` if that is
    set."""

    customer: str
    merchant: str
    currency: str
    per_payment: int
    per_day: int
    per_month: int
    ends_at: datetime
    purpose: str
    device: str | None = None

    def signatory(self) -> str:
        """SHA-256 (hex) of who agrees and from which device: what a page shows of neither."""
        return digest({"v": 1, "customer": self.customer, "device": self.device}).hex()

    def digest(self) -> str:
        """SHA-256 (hex) of the canonical bytes: what the customer proves is these very terms. A
        page works it out of what it shows. `ends_at` in milliseconds since 1970."""
        values: dict[str, Any] = {name: getattr(self, name) for name in _SHOWN}
        ends_ms = (self.ends_at - _EPOCH) // timedelta(milliseconds=1)
        bound = {"signatory": self.signatory(), "one_tap": self.device is not None}
        return digest({"v": 2, **values, **bound, "ends_at": ends_ms}).hex()


@dataclass(frozen=True, slots=True)
class Mandate:
    """The terms, and how they stand. `quiet_until`: until when each payment is proven again, after
    something that a take-over of the account begins with."""

    id: str
    terms: Terms
    state: State
    created_at: datetime
    agreed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    quiet_until: datetime | None = None

    def is_quiet(self, *, now: datetime) -> bool:
        """Whether a payment has to be proven although the mandate is good."""
        return self.quiet_until is not None and now < self.quiet_until


def check_terms(terms: Terms, *, now: datetime) -> None:
    """Raises Refused(currency_unknown | mandate_amounts_invalid | mandate_expiry_invalid)."""
    if terms.currency not in EXPONENTS:
        raise Refused("currency_unknown", field="currency", currency=terms.currency)
    if not 0 < terms.per_payment <= terms.per_day <= terms.per_month <= MAX_MINOR:
        raise Refused("mandate_amounts_invalid", field="per_payment")
    if not now < terms.ends_at <= now + LONGEST:
        raise Refused("mandate_expiry_invalid", field="ends_at", most=LONGEST.days)
