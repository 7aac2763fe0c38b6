"""Terms: one version of what is agreed with a merchant, and what must hold of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from anfu.kernel.errors import Refused
from anfu.settlement.terms.cycle import Cycle, Kind
from anfu.settlement.terms.fee import Fee

PREFIX = "trm"
_BANK_CODE = re.compile(r"[0-9]{12}")
_MOST_RATE_BP, _MOST_RETENTION_BP = 1_000, 5_000
_MOST_CREDIT_DAYS, _MOST_RETENTION_DAYS = 90, 365


@dataclass(frozen=True, slots=True)
class Retention:
    """A rolling reserve (滚动留存): `rate_bp` of what is paid, kept back for `days`."""

    rate_bp: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount:
    """Where it is paid out to; `bank_code` is the bank's number in CNAPS (联行号, 12 digits)."""

    holder: str
    number: str
    bank: str
    bank_code: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is agreed. `minimum`: less than that, minor units, is carried forward."""

    cycle: Cycle
    fee: Fee
    minimum: int = 0
    retention: Retention = Retention()


@dataclass(frozen=True, slots=True)
class Terms:
    """One version, in force from the civil day `from_day` on until a later one is."""

    id: str
    merchant: str
    currency: str
    from_day: date
    agreed: Agreed
    account: BankAccount
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


def terms_on(versions: Sequence[Terms], day: date) -> Terms | None:
    """The version in force on `day`, None before the first. Of two that begin together the one
    approved last is. `versions` are approved."""
    begun = [version for version in versions if version.from_day <= day]
    return max(begun, key=lambda v: (v.from_day, v.approved_at, v.id), default=None)


def check_agreed(agreed: Agreed) -> None:
    """Raises Refused `settlement_terms_invalid`, naming the field."""
    cycle, fee, retention = agreed.cycle, agreed.fee, agreed.retention
    weekly, monthly = cycle.kind is Kind.WEEKLY, cycle.kind is Kind.MONTHLY
    _check(weekly == (cycle.weekday is not None), "cycle.weekday")
    _check(cycle.weekday is None or 1 <= cycle.weekday <= 7, "cycle.weekday")
    most = _MOST_CREDIT_DAYS if monthly else 0
    _check(0 <= cycle.credit_days <= most, "cycle.credit_days")
    volumes = [tier.volume for tier in fee.tiers]
    _check(volumes[:1] == [0] and volumes == sorted(set(volumes)), "fee.tiers")
    _check(all(0 <= tier.rate_bp <= _MOST_RATE_BP for tier in fee.tiers), "fee.tiers")
    _check(fee.least >= 0 and (fee.most is None or fee.most >= fee.least), "fee.most")
    _check(agreed.minimum >= 0, "minimum")
    _check(0 <= retention.rate_bp <= _MOST_RETENTION_BP, "retention.rate_bp")
    _check(0 <= retention.days <= _MOST_RETENTION_DAYS, "retention.days")
    _check((retention.rate_bp > 0) == (retention.days > 0), "retention.days")


def check_bank_code(text: str) -> str:
    """A bank's number in CNAPS. Raises Refused `settlement_terms_invalid`."""
    _check(_BANK_CODE.fullmatch(text) is not None, "account.bank_code")
    return text


def _check(good: bool, field: str) -> None:
    if not good:
        raise Refused("settlement_terms_invalid", field=field)
