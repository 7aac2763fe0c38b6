"""A checkout (收银单): payee, amount and what is bought, as its payer confirms them (43号 art. 27).

How it stands follows from its payments, so that nothing has to be kept in step: it is PAID when one
has succeeded, PAYING while one may still succeed, and can be paid again only when every one before
has certainly ended without the money.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from anfu.kernel.errors import Refused
from anfu.parties.party import GUEST_PREFIX
from anfu.payments.payment import State as PaymentState

PREFIX = "chk"
MOST = 6
"""Payments a checkout may have."""
_PURPOSE = b"anfu checkout page\n"
_OVER = frozenset(
    {PaymentState.REFUSED, PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.EXPIRED,
     PaymentState.REJECTED}
)  # fmt: skip


class State(StrEnum):
    """Where a checkout stands. CLOSED: by the merchant, by the payer's "not me", by risk, or
    because it has had all its payments."""

    OPEN = "OPEN"
    PAYING = "PAYING"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is bought: `amount` minor units for all `quantity` of it."""

    name: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One way of paying that may be chosen; of a card on file its token, and a `label` by which its
    owner knows it."""

    method: str
    card: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """A payment of a checkout, made by the offer of that number."""

    payment: str
    state: PaymentState
    offer: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """Amounts in minor units. `code`: static or dynamic, if it came of a scanned code."""

    id: str
    payee: str
    payer: str
    amount: int
    currency: str
    order: str | None
    description: str
    lines: tuple[Line, ...]
    offers: tuple[Offer, ...]
    return_url: str | None
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    code: str | None = None

    @property
    def guest(self) -> bool:
        """Nobody we know is to pay it."""
        return self.payer.startswith(GUEST_PREFIX)


@dataclass(frozen=True, slots=True)
class Standing:
    """A checkout with its payments in their order. `claimed`: one more is being made."""

    checkout: Checkout
    tries: tuple[Try, ...] = ()
    claimed: bool = False

    def state(self, *, now: datetime) -> State:
        """Where it stands."""
        states = [one.state for one in self.tries]
        if PaymentState.SUCCEEDED in states:
            return State.PAID
        if PaymentState.BLOCKED in states:
            return State.CLOSED
        if self.claimed or any(state not in _OVER for state in states):
            return State.PAYING
        if self.checkout.closed_at is not None or len(states) >= MOST:
            return State.CLOSED
        return State.EXPIRED if now >= self.checkout.expires_at else State.OPEN

    def claim(self, *, now: datetime) -> Standing:
        """The checkout while one more payment is made. Raises Refused: checkout_paid,
        checkout_paying, checkout_expired, checkout_closed."""
        state = self.state(now=now)
        if state is not State.OPEN:
            raise Refused(f"checkout_{state.lower()}", field="checkout")
        return replace(self, claimed=True)


def check_lines(lines: Sequence[Line], amount: int) -> None:
    """Raises Refused(lines_contradict_amount): what is bought must come to what is paid."""
    total = sum(line.amount for line in lines)
    if total != amount:
        raise Refused("lines_contradict_amount", field="lines", amount=amount, total=total)


def page_key(secret: bytes, checkout: str) -> str:
    """What opens the page of a checkout: 128 bits that travel in the fragment of its address,
    which no server writes into its log."""
    digest = hmac.digest(secret, _PURPOSE + checkout.encode(), sha256)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def check_page_key(secret: bytes, checkout: str, key: str) -> None:
    """Raises Refused(checkout_link_invalid), whether there is such a checkout or not."""
    if not hmac.compare_digest(page_key(secret, checkout).encode(), key.encode()):
        raise Refused("checkout_link_invalid", field="key")


def page_path(secret: bytes, checkout: str) -> str:
    """The path of the page of a checkout, with what opens it."""
    return f"/pay/{checkout}#{page_key(secret, checkout)}"
