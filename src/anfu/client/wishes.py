"""What a caller asks for. Amounts are whole minor units (fen, cents); names, cards and phones are
tokens of the caller's own, never numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Place(Struct, frozen=True, omit_defaults=True):
    """What is known of device and place; degrees WGS 84; `session` a device session's id."""

    device: str | None = None
    session: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None


NOWHERE = Place()


class Payment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A payment to be decided on; `event` is the caller's own id of it. `occurred_at` is for a
    history only."""

    event: str
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    card: str | None = None
    phone: str | None = None
    terminal: str | None = None
    payee_kind: Literal["CUSTOMER", "MERCHANT"] | None = None
    mcc: str | None = None
    promotion: str | None = None
    environment: Place = NOWHERE
    occurred_at: datetime | None = None


class Behaviour(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a payer did besides paying. A REFUND has payee, amount and currency; a PAGE its
    duration; a PAYEE_ADD its payee; a DEVICE_BIND its device; a PHONE_CHANGE its phone."""

    event: str
    kind: Literal["REFUND", "LOGIN", "LOGIN_FAILED", "PASSWORD_CHANGE", "PHONE_CHANGE",
                  "DEVICE_BIND", "PAYEE_ADD", "PAGE"]  # fmt: skip
    payer: str
    payee: str | None = None
    amount: int | None = None
    currency: str | None = None
    duration_ms: int | None = None
    card: str | None = None
    phone: str | None = None
    terminal: str | None = None
    payee_kind: Literal["CUSTOMER", "MERCHANT"] | None = None
    mcc: str | None = None
    promotion: str | None = None
    environment: Place = NOWHERE
    occurred_at: datetime | None = None


class Label(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a payment turned out to be, as `source` (a dispute, a case) says: the event of a
    `decision`, or a `payment` made through Anfu. `at` is for a history only."""

    label: Literal["FRAUD", "HONEST"]
    source: str
    decision: str | None = None
    payment: str | None = None
    at: datetime | None = None
