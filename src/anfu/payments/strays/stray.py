"""A stray (迟到成功): money a network took for an attempt that was over.

The payer must never pay twice, so it goes back by itself: it is booked as owed to the payer when
it is seen, and as returned once the network has given it back. A stray that cannot be given back,
its card being closed, is STUCK: a person must look for another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from anfu.kernel.ids import Entropy, new_id
from anfu.payments.document import rfc3339
from anfu.payments.payment import Payment

RETURN = "ret_"
"""What the numbers begin with under which strays are given back."""


class StrayState(StrEnum):
    """Where a stray stands."""

    OWED = "OWED"
    RETURNED = "RETURNED"
    STUCK = "STUCK"


@dataclass(frozen=True, slots=True)
class Late:
    """A channel says that it took the money of an attempt that is over."""

    number: str
    channel: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Stray:
    """`amount` minor units that came under `number` through `channel`."""

    id: str
    number: str
    payment: str
    channel: str
    amount: int
    currency: str
    reference: str | None
    state: StrayState
    seen_at: datetime
    ended_at: datetime | None = None
    failure: str | None = None
    due_at: datetime | None = None

    @classmethod
    def of(cls, payment: Payment, late: Late, *, now: datetime, entropy: Entropy) -> Stray:
        """What has come for an attempt of `payment`."""
        id_ = new_id("str", now=now, entropy=entropy)
        return cls(
            id_, late.number, payment.id, late.channel, payment.amount, payment.currency,
            late.reference, StrayState.OWED, now, due_at=now,
        )  # fmt: skip

    @property
    def refund(self) -> str:
        """The number under which it is given back."""
        return RETURN + self.id.removeprefix("str_")


def stray_document(stray: Stray) -> dict[str, Any]:
    """A stray as JSON values."""
    return {
        "id": stray.id,
        "object": "stray",
        "state": stray.state,
        "payment": stray.payment,
        "number": stray.number,
        "channel": stray.channel,
        "amount": stray.amount,
        "currency": stray.currency,
        "channel_reference": stray.reference,
        "failure": stray.failure,
        "seen_at": rfc3339(stray.seen_at),
        "ended_at": None if stray.ended_at is None else rfc3339(stray.ended_at),
    }
