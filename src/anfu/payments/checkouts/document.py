"""The documents of a checkout: what its merchant reads, and what its payer's page shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anfu.payments.checkouts.checkout import Checkout, Offer, Standing
from anfu.payments.document import payment_document, rfc3339
from anfu.payments.payment import Payment


def checkout_document(standing: Standing, url: str | None, *, now: datetime) -> dict[str, Any]:
    """A checkout as its merchant reads it, as JSON values. `url`: told when it is made alone."""
    checkout = standing.checkout
    return {
        "id": checkout.id,
        "object": "checkout",
        "state": standing.state(now=now),
        "url": url,
        "payee": checkout.payee,
        "payer": None if checkout.guest else checkout.payer,
        **_bought(checkout),
        "methods": [_offer(offer) for offer in checkout.offers],
        "return_url": checkout.return_url,
        "payments": [{"payment": t.payment, "state": t.state} for t in standing.tries],
        "created_at": rfc3339(checkout.created_at),
        "expires_at": rfc3339(checkout.expires_at),
        "closed_at": None if checkout.closed_at is None else rfc3339(checkout.closed_at),
    }


def page_document(standing: Standing, payee_name: str, *, now: datetime) -> dict[str, Any]:
    """A checkout as its payer's page shows it, as JSON values: no id of a person, no token of a
    card. `now` lets a page count down by our clock and not by that of its device."""
    checkout = standing.checkout
    return {
        "object": "checkout_page",
        "id": checkout.id,
        "state": standing.state(now=now),
        "payee_name": payee_name,
        **_bought(checkout),
        "methods": [
            {"method": o.method, "label": o.label, "on_file": o.card is not None}
            for o in checkout.offers
        ],
        "guest": checkout.guest,
        "return_url": checkout.return_url,
        "now": rfc3339(now),
        "expires_at": rfc3339(checkout.expires_at),
        "tries": len(standing.tries),
    }


def shown_payment(payment: Payment, offer: int) -> dict[str, Any]:
    """The last payment of a checkout as the page shows it, as JSON values."""
    whole = payment_document(payment)
    told = ("id", "state", "refusal", "remedy", "handover", "order_expires_at", "updated_at")
    return {**{name: whole[name] for name in told}, "method": offer}


def _bought(checkout: Checkout) -> dict[str, Any]:
    return {
        "amount": checkout.amount,
        "currency": checkout.currency,
        "order": checkout.order,
        "description": checkout.description,
        "lines": [
            {"name": line.name, "quantity": line.quantity, "amount": line.amount}
            for line in checkout.lines
        ],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {"type": offer.method, "card": offer.card, "label": offer.label}
