"""An attempt (支付尝试): one sending of a payment to one network, under a number of its own.

The first attempt has the payment's id, so that nothing has to be looked up; each further one the
id followed by its own digit. At most nine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.channels.port import Scene
from anfu.kernel.ids import LENGTH
from anfu.payments.payment import Payment

MOST = 9
_PAYMENT = len("pay_") + LENGTH


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has ended without the money, as it is kept: why, and in whose words."""

    number: str
    payment: str
    channel: str
    ended_at: datetime
    reason: str
    reference: str | None


def number_of(payment: Payment) -> str:
    """What the network knows the present attempt by."""
    return numbered(payment.id, payment.attempt)


def numbered(payment: str, attempt: int) -> str:
    """What the network knows an attempt by."""
    return payment if attempt == 1 else f"{payment}{attempt}"


def expiry(payment: Payment, order_life: Mapping[Scene, timedelta]) -> datetime | None:
    """Until when the payer may pay at the network; None where it has nothing to do."""
    life = order_life.get(payment.scene or Scene.ON_FILE)
    return payment.order_expires_at or (None if life is None else payment.updated_at + life)


def read_number(number: str) -> tuple[str, int]:
    """The payment and the attempt a number speaks of; of one that is none of ours, itself."""
    rest = number[_PAYMENT:]
    if len(rest) == 1 and rest in "23456789":
        return number[:_PAYMENT], int(rest)
    return number, 1
