"""Lines: the entries of a merchant's balance that one settlement takes, each with its fee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.periods import civil_date
from anfu.ledger.entry import Entry
from anfu.settlement.payouts.payout import RETURN
from anfu.settlement.terms.fee import fee_of, returned_of
from anfu.settlement.terms.terms import Terms, terms_on

# Entries that settling itself has made; they are no lines.
_OURS = ("stl_", "pyo_")


class Kind(StrEnum):
    """RETURN: a payout that came back. OTHER: deposits, and corrections of reconciliation."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    RETURN = "RETURN"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` is minor units, positive when the balance rose; `fee` is negative when it was given
    back; `payment` is what a refund is of."""

    entry: str
    kind: Kind
    amount: int
    fee: int
    at: datetime
    payment: str | None = None


@dataclass(slots=True)
class Known:
    """What was settled before: by month its first day and the volume; by payment the line's amount
    and fee, and what was refunded of it. `payments` names the payment of each refund."""

    payments: Mapping[str, str]
    volumes: dict[date, int] = field(default_factory=dict)
    charged: dict[str, tuple[int, int]] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)


def kind_of(entry: str) -> Kind | None:
    """By the id of the entry; None for what settling itself has moved."""
    if entry.startswith("pay_"):
        return Kind.PAYMENT
    if entry.startswith("rfd_"):
        return Kind.REFUND
    if entry.startswith(_OURS):
        return Kind.RETURN if entry.endswith(RETURN) else None
    return Kind.OTHER


def month_of(moment: datetime) -> date:
    """The first day of the civil month."""
    return civil_date(moment).replace(day=1)


def lines_of(
    entries: Sequence[Entry], account: str, versions: Sequence[Terms], known: Known
) -> list[Line]:
    """The lines of `entries`, which are in order of time, on the balance `account`; `known` runs
    along. A payment is charged by the terms in force on its day, nothing where there were none."""
    lines: list[Line] = []
    for entry in entries:
        kind = kind_of(entry.id)
        if kind is not None:
            lines.append(_line(entry, kind, account, versions, known))
    return lines


def _line(entry: Entry, kind: Kind, account: str, versions: Sequence[Terms], known: Known) -> Line:
    amount = entry.amount if entry.credit == account else -entry.amount
    if kind is Kind.PAYMENT and amount > 0:
        fee = _charged(entry, versions, known)
        return Line(entry.id, kind, amount, fee, entry.at)
    if kind is Kind.REFUND and amount < 0:
        payment = known.payments[entry.id]
        return Line(entry.id, kind, amount, -_given_back(entry, payment, versions, known), entry.at,
                    payment)  # fmt: skip
    return Line(entry.id, kind if kind is Kind.RETURN else Kind.OTHER, amount, 0, entry.at)


def _charged(entry: Entry, versions: Sequence[Terms], known: Known) -> int:
    month = month_of(entry.at)
    volume = known.volumes.get(month, 0)
    known.volumes[month] = volume + entry.amount
    terms = terms_on(versions, civil_date(entry.at))
    fee = 0 if terms is None else fee_of(
        terms.agreed.fee, entry.amount, volume=volume, currency=entry.asset
    )  # fmt: skip
    known.charged[entry.id] = (entry.amount, fee)
    return fee


def _given_back(entry: Entry, payment: str, versions: Sequence[Terms], known: Known) -> int:
    """By the terms of the day of the refund; nothing of a payment no settlement has charged."""
    terms = terms_on(versions, civil_date(entry.at))
    before = known.refunded.get(payment, 0)
    known.refunded[payment] = before + entry.amount
    paid, fee = known.charged.get(payment, (0, 0))
    if paid == 0 or terms is None or not terms.agreed.fee.returned:
        return 0
    return returned_of(fee, paid, before=before, refund=entry.amount)
