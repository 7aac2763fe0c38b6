"""The port every payment network is reached through.

Every call raises BrokenInvariant while a database transaction is open, and otherwise always ends
in an answer. What the three outcomes promise:

- DONE: the network has it, in words whose origin was verified.
- NOT_DONE: it has not happened and will not happen under this id. Only the network can say so, by
  a decline or a close; the one exception is `first` below.
- UNKNOWN: everything else: a time-out, a lost connection, an error page, an answer that cannot be
  trusted, and also "not found", because a request that was lost on its way may still arrive. Ask
  again, send the same id again, or `close` it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from anfu.kernel.errors import Outcome


@dataclass(frozen=True, slots=True)
class ChannelOrder:
    """Take `amount` minor units of `currency` from `card` (a token) for `payment`.

    `first` says that this id has certainly never been sent before, also not before a restart; only
    then does a connection that could not be made mean NOT_DONE.
    """

    payment: str
    amount: int
    currency: str
    card: str | None
    at: datetime
    first: bool = False


@dataclass(frozen=True, slots=True)
class ChannelRefund:
    """Give `amount` minor units of `payment` back under the id `refund`; `first` as above."""

    refund: str
    payment: str
    amount: int
    currency: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class ChannelAnswer:
    """How a call ended.

    `reference` is the network's own number; `reason` a stable code, None only for DONE; `amount`
    and `currency` are what the network says it moved, for the caller to compare.
    """

    outcome: Outcome
    reference: str | None
    reason: str | None
    amount: int | None = None
    currency: str | None = None


class Channel(Protocol):
    """A payment network."""

    async def pay(self, order: ChannelOrder) -> ChannelAnswer:
        """Idempotent by payment id: the same order again is answered as the first time."""

    async def query(self, payment: str) -> ChannelAnswer:
        """What the network knows of a payment. UNKNOWN with "not_found" proves nothing."""

    async def close(self, payment: str) -> ChannelAnswer:
        """Make sure it will not be paid: NOT_DONE once closed, DONE if it was paid already."""

    async def refund(self, refund: ChannelRefund) -> ChannelAnswer:
        """Idempotent by refund id: the same refund again is answered as the first time."""

    async def query_refund(self, refund: str) -> ChannelAnswer:
        """What the network knows of a refund. UNKNOWN with "not_found" proves nothing."""
