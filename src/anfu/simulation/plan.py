"""A plan: one payment somebody means to make, and the truth about it, which only we know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.simulation.client import Place


class FraudKind(StrEnum):
    """The frauds there are."""

    STOLEN_CARD = "stolen_card"  # a card used far from its owner
    SMALL_TRANSFERS = "small_transfers"  # an account drained to a mule in small sums
    CARD_TESTING = "card_testing"  # one device tries which of many cards are alive
    TAKEOVER = "takeover"  # a new device sends most of a balance to a new payee


class Side(StrEnum):
    """What a party of the plan is."""

    PAYER = "payer"
    MERCHANT = "merchant"


@dataclass(frozen=True, slots=True)
class Plan:
    """`key` is the idempotency key and the order's number; `payer` and `payee` are numbers in the
    world; `card` a token, None to pay from the balance; `fraud` None for an honest payment.

    `share`: the amount is this part of the balance the payer is seen to have, at most `amount`.
    """

    key: str
    at: datetime
    payer: int
    payee: tuple[Side, int]
    amount: int
    place: Place
    factors: tuple[str, ...] = ()
    card: str | None = None
    fraud: FraudKind | None = None
    share: float | None = None

    @property
    def honest(self) -> bool:
        return self.fraud is None
