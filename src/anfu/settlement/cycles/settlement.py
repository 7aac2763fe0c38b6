"""A settlement: the sum of a period, what is kept back and what is paid out. Pure.

The sum never loses a minor unit:
carried_in + payments - refunds + returned + other - fees - retained + released - paid = carried_out
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.money import Rounding
from anfu.settlement.cycles.line import Kind, Line
from anfu.settlement.terms.fee import part_of
from anfu.settlement.terms.terms import Terms

PREFIX = "stl"


class Withheld(StrEnum):
    """Why nothing, or not all, was paid. PROMISED: refunds on their way, or since, take it."""

    NEGATIVE = "NEGATIVE"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    MERCHANT_NOT_ACTIVE = "MERCHANT_NOT_ACTIVE"
    PAYOUT_RETURNED = "PAYOUT_RETURNED"
    PROMISED = "PROMISED"


@dataclass(frozen=True, slots=True)
class Span:
    """Which period: `[since, until)`, closed with the civil day `day`, payable on `payable_on`, by
    a `cycle` that need not be the agreed one: same-day falls back to the next working day."""

    day: date
    since: datetime
    until: datetime
    cycle: str
    payable_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """How a merchant stands while it is settled, minor units: what was `carried_in` and since when
    that is negative, what it has `available`, what it `owes` us, what is `released` of former
    retentions. `barred`: why it may not be paid now."""

    carried_in: int
    negative_since: date | None
    available: int
    owes: int
    released: int
    barred: Withheld | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """See the migration for what each amount is. Minor units."""

    id: str
    merchant: str
    currency: str
    span: Span
    terms: str
    carried_in: int
    payments: int
    refunds: int
    returned: int
    other: int
    fees: int
    retained: int
    released: int
    paid: int
    carried_out: int
    withheld: Withheld | None
    negative_since: date | None
    at: datetime


def settle_lines(
    id_: str, terms: Terms, span: Span, lines: Sequence[Line], standing: Standing, *, at: datetime
) -> Settlement:
    """The settlement of `lines` by `terms`, made at the moment `at`."""
    sums = {kind: sum(line.amount for line in lines if line.kind is kind) for kind in Kind}
    gross, fees = sums[Kind.PAYMENT], sum(line.fee for line in lines)
    due = standing.carried_in + sum(sums.values()) - fees + standing.released
    # What fees and arrears leave of the balance, a release added.
    free = max(0, standing.available + standing.released - fees - standing.owes)
    kept = part_of(gross, terms.agreed.retention.rate_bp, terms.currency, Rounding.DOWN)
    retained = min(kept, max(0, due), free)
    paid, withheld = _payable(due - retained, free - retained, terms, standing.barred)
    carried_out = due - retained - paid
    negative_since = (standing.negative_since or span.day) if carried_out < 0 else None
    return Settlement(
        id_, terms.merchant, terms.currency, span, terms.id, standing.carried_in, gross,
        -sums[Kind.REFUND], sums[Kind.RETURN], sums[Kind.OTHER], fees, retained,
        standing.released, paid, carried_out, withheld, negative_since, at,
    )  # fmt: skip


def _payable(
    net: int, free: int, terms: Terms, barred: Withheld | None
) -> tuple[int, Withheld | None]:
    """What is paid of `net`, of which no more than `free` is there, and why it is not all."""
    if net < 0:
        return 0, Withheld.NEGATIVE
    if barred is not None:
        return 0, barred
    payable = min(net, free)
    if payable < max(1, terms.agreed.minimum):
        short = payable < net and net >= max(1, terms.agreed.minimum)
        return 0, Withheld.PROMISED if short else Withheld.BELOW_MINIMUM
    return payable, Withheld.PROMISED if payable < net else None
