"""Choose: a payer takes one of the ways a checkout offers, and a payment is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.payments.checkouts.checkout import Checkout, Offer, Standing
from anfu.payments.payment import BALANCE, Payment


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


def claim(standings: dict[str, Standing], choosing: Choosing | None, *, now: datetime) -> None:
    """Of the checkouts that are locked, claim the one that was chosen on, if any. Raises Refused as
    `Standing.claim`, and checkout_not_found."""
    if choosing is None:
        return
    standing = standings.get(choosing.checkout)
    if standing is None:
        raise Refused("checkout_not_found", field="checkout")
    standings[choosing.checkout] = standing.claim(now=now)


def tries_of(
    choosings: Sequence[Choosing | None], payments: Sequence[Payment]
) -> list[tuple[str, str, int]]:
    """What is noted of payments that were chosen on a checkout: checkout, payment, offer."""
    both = zip(choosings, payments, strict=True)
    return [(c.checkout, payment.id, c.offer) for c, payment in both if c is not None]
