"""A plan: one payment somebody means to make, and the truth about it, which only we know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.simulation.client import Place


class FraudKind(StrEnum):
    """The frauds there are. In the first five somebody pays with what is another's; in the rest
    whoever pays is in it, or is deceived into it, and answers every challenge."""

    STOLEN_CARD = "stolen_card"  # a card used far from its owner
    SMALL_TRANSFERS = "small_transfers"  # an account drained to a mule in small sums
    CARD_TESTING = "card_testing"  # one device tries which of many cards are alive
    TAKEOVER = "takeover"  # a new device sends most of a balance to a new payee
    IMPOSSIBLE_TRAVEL = "impossible_travel"  # a copied session pays where its owner cannot be
    MULE = "mule"  # deceived people pay into an account that passes it on at once
    CASH_OUT = "cash_out"  # a shell merchant turns credit into cash
    BONUS = "bonus"  # one person takes a campaign under many names
    REFUND = "refund"  # goods are used and given back, again and again
    REMOTE_CONTROL = "remote_control"  # who was talked into it lets another hold the phone


THEFTS = frozenset(FraudKind) - {
    FraudKind.MULE, FraudKind.CASH_OUT, FraudKind.BONUS, FraudKind.REFUND,
    FraudKind.REMOTE_CONTROL,
}  # fmt: skip
INVENTED = frozenset({FraudKind.REMOTE_CONTROL})
"""Those nobody knows of until they are invented."""


class Alike(StrEnum):
    """Honest payments that look like a fraud."""

    NEW_PHONE = "new_phone"  # the first days on a phone just bought
    TRIP = "trip"  # away from home, a holiday or a business trip
    FLASH_SALE = "flash_sale"  # everybody buys at one shop at one moment, with its coupon
    SALARY = "salary"  # an employer pays many people within minutes
    RENT = "rent"  # tenants pay a landlord, who moves it on the same day
    BIG = "big"  # something dear, once in a while


class Side(StrEnum):
    """What a party of the plan is."""

    PAYER = "payer"
    MERCHANT = "merchant"


@dataclass(frozen=True, slots=True)
class Plan:
    """`key` is the idempotency key and the order's number; `payer` and `payee` are numbers in the
    world; `card` a token, None to pay from the balance; `fraud` None for an honest payment.

    `share`: the amount is this part of the balance the payer is seen to have, at most `amount`.
    `returns`: the goods are given back the same day. `alike`: what an honest payment looks like.
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
    promotion: str | None = None
    returns: bool = False
    alike: Alike | None = None

    @property
    def honest(self) -> bool:
        return self.fraud is None


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done besides paying, as the app tells it: `kind` is one of `/v1/events`;
    `duration_ms` is of a PAGE, `payee` of a PAYEE_ADD."""

    key: str
    at: datetime
    payer: int
    kind: str
    place: Place
    payee: tuple[Side, int] | None = None
    duration_ms: int | None = None


Act = Plan | Deed
