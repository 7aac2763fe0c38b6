"""What is looked for among payments and refunds. None is any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.channels.port import Scene
from anfu.payments.payment import RefundState, State


@dataclass(frozen=True, slots=True)
class Span:
    """Made in `[since, until)`, of `least` to `most` minor units."""

    since: datetime | None = None
    until: datetime | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class WantedPayments:
    """At most `limit` payments with an id before `before`. `merchant` is the caller's scope;
    `party` is payer or payee, `order` the merchant's own number, `reason` a code of its decision
    or of its failure."""

    limit: int
    before: str | None = None
    merchant: str | None = None
    span: Span = Span()
    party: str | None = None
    payer: str | None = None
    payee: str | None = None
    order: str | None = None
    state: State | None = None
    method: str | None = None
    channel: str | None = None
    scene: Scene | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WantedRefunds:
    """At most `limit` refunds with an id before `before`, as `WantedPayments`."""

    limit: int
    before: str | None = None
    merchant: str | None = None
    span: Span = Span()
    payment: str | None = None
    state: RefundState | None = None
