"""What another system tells of a payer: a payment it will make, or behaviour; and its event."""

from __future__ import annotations

from typing import NamedTuple

from anfu.entrypoints.api.documents import EnvironmentForm, Id, Mcc, Moment, PayeeKind, Request
from anfu.entrypoints.api.operation import Call
from anfu.entrypoints.api.payments import (
    check_card,
    check_currency,
    check_history,
    check_moment,
    check_phone,
    environment_of,
)
from anfu.risk.event import Event, Kind

WRONG = ("currency_unknown", "card_number_refused", "phone_number_refused",
         "history_not_accepted", "field_invalid", "scope_missing")  # fmt: skip
"""What `event_of` refuses, and what a form does."""


class ToldForm(Request, frozen=True, kw_only=True):
    """`event` is the caller's id of it; names of parties, card and phone are tokens of the
    caller's, never numbers."""

    event: Id
    payer: Id
    card: Id | None = None
    phone: Id | None = None
    terminal: Id | None = None
    payee_kind: PayeeKind | None = None
    mcc: Mcc | None = None
    promotion: Id | None = None
    environment: EnvironmentForm = EnvironmentForm()
    occurred_at: Moment | None = None


class Own(NamedTuple):
    """What is an event's own by its kind; a text is empty where it has none."""

    kind: Kind
    payee: str
    amount: int
    currency: str
    method: str


def event_of(call: Call, form: ToldForm, own: Own, where: str) -> Event:
    """The event; `where` is what the names of its fields begin with. Raises Refused as in
    `WRONG`."""
    if own.currency:
        check_currency(own.currency, f"{where}currency")
    check_card(form.card, f"{where}card")
    check_phone(form.phone, f"{where}phone")
    check_moment(form.occurred_at, f"{where}occurred_at")
    check_history(call, form.occurred_at, f"{where}occurred_at")
    return Event(
        id=form.event,
        payer=form.payer,
        payee=own.payee,
        amount=own.amount,
        currency=own.currency,
        method=own.method,
        card=form.card,
        at=form.occurred_at or call.now,
        environment=environment_of(form.environment, f"{where}environment"),
        kind=own.kind,
        terminal=form.terminal,
        phone=form.phone,
        payee_kind=form.payee_kind,
        mcc=form.mcc,
        promotion=form.promotion,
    )
