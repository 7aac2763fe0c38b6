"""Choose: a payer takes one of the ways a checkout offers, and a payment is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.payments.checkouts.checkout import Checkout, Offer, Standing
from anfu.payments.payment import BALANCE


@dataclass(frozen=True, slots=True)
class Choosing:
    """The `offer` of that number was chosen for `checkout`. `prove`: whoever holds the page's
    address is not yet known to be the payer, so a proof is asked of it whatever risk says."""

    checkout: str
    offer: int
    prove: bool


def offer_of(checkout: Checkout, number: int) -> Offer:
    """Raises Refused(method_not_offered)."""
    if not 0 <= number < len(checkout.offers):
        raise Refused("method_not_offered", field="method", offered=len(checkout.offers))
    return checkout.offers[number]


def needs_proof(offer: Offer) -> bool:
    """A balance and a card on file are at hand here; everywhere else the network asks its payer."""
    return offer.method == BALANCE or offer.card is not None


def check_choice(choosing: Choosing, standing: Standing | None, *, now: datetime) -> Standing:
    """The checkout, locked and from now on claimed. Raises Refused as `Standing.claim`, and
    checkout_not_found."""
    if standing is None:
        raise Refused("checkout_not_found", field="checkout")
    return standing.claim(now=now)
