"""One thing a payer, payee or device did, as risk sees it: a payment, or behaviour around one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from anfu.kernel.money import MAX_MINOR
from anfu.risk.environment import UNSEEN, Environment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Kind(StrEnum):
    """What happened. Only a PAYMENT is decided on; the others are behaviour that features read. A
    REFUND is one that was asked for; LOGIN_FAILED also a challenge that was answered wrongly. A
    challenge ends PASSED, FAILED (guessed at to the end, shown otherwise, or denied by the payer),
    ABANDONED (taken back while it waited) or EXPIRED."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    LOGIN = "LOGIN"
    LOGIN_FAILED = "LOGIN_FAILED"
    PASSWORD_CHANGE = "PASSWORD_CHANGE"  # noqa: S105 - the name of an event
    PHONE_CHANGE = "PHONE_CHANGE"
    DEVICE_BIND = "DEVICE_BIND"
    PAYEE_ADD = "PAYEE_ADD"
    PAGE = "PAGE"
    CHALLENGE_PASSED = "CHALLENGE_PASSED"
    CHALLENGE_FAILED = "CHALLENGE_FAILED"
    CHALLENGE_ABANDONED = "CHALLENGE_ABANDONED"
    CHALLENGE_EXPIRED = "CHALLENGE_EXPIRED"


BEHAVIOUR = frozenset(Kind) - {Kind.PAYMENT}


@dataclass(frozen=True, slots=True)
class Event:
    """`amount` in minor units of `currency` (PAGE: milliseconds on the page; other behaviour: 0);
    `card` and `phone` tokens, never numbers; `at` the event time, aware, which windows are measured
    by; `payee_kind` CUSTOMER or MERCHANT; `mcc` by ISO 18245; `promotion` the campaign that is
    used. `payee` is empty for behaviour that has none; a REFUND has payer and payee of its payment.

    Raises ValueError for an amount or time out of range, and a payment without payer or payee.
    """

    id: str
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    card: str | None
    at: datetime
    environment: Environment = UNSEEN
    kind: Kind = Kind.PAYMENT
    terminal: str | None = None
    phone: str | None = None
    payee_kind: str | None = None
    mcc: str | None = None
    promotion: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MAX_MINOR:
            raise ValueError("amount is a whole number from 0 to 2^53 - 1")
        if self.at.tzinfo is None:
            raise ValueError("a datetime needs a time zone")
        if self.kind is Kind.PAYMENT and not (self.payer and self.payee):
            raise ValueError("a payment has a payer and a payee")


def moment(microseconds: int) -> datetime:
    """The UTC datetime so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
