"""The page on which a customer shows payer's codes: the next code, and what was paid with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.authentication.ticket import new_ticket
from anfu.channels.codes.bars import bars
from anfu.entrypoints.api.checkout import TICKET, TicketForm, subject_of
from anfu.entrypoints.api.checkout_page import modules
from anfu.entrypoints.api.documents import RefusalDocument, RemedyDocument
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.showings import MORE
from anfu.parties.queries import find_names
from anfu.payments.document import encode, payment_document, rfc3339
from anfu.payments.payment import State
from anfu.payments.queries import get_payment
from anfu.payments.showings.queries import find_last_payment, get_showing
from anfu.payments.showings.show import show_next
from anfu.payments.showings.showing import PREFIX
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class ShownPayment(Struct, frozen=True):
    """What was paid last with one of the codes. `ticket`: for the page of proofs, while one is
    waited for."""

    id: str
    state: State
    payee_name: str
    amount: int
    currency: str
    refusal: RefusalDocument | None
    remedy: RemedyDocument | None
    ticket: str | None


class ShowingPage(Struct, frozen=True):
    """A showing as its customer sees it; `on_file`: a card that is known here."""

    object: Literal["showing_page"]
    method: str
    on_file: bool
    payment: ShownPayment | None


class ShownCodePage(Struct, frozen=True):
    """A code: its digits, the bars of a Code 128 from left to right (1 is dark), and the rows of a
    QR code."""

    object: Literal["shown_code"]
    code: str
    bars: str
    rows: list[str]
    now: datetime
    expires_at: datetime


async def read(call: Call) -> Answer:
    """What is paid with, and what was paid last."""
    tools, id_ = call.desk.tools, subject_of(call, PREFIX)
    async with tools.database.transaction(readonly=True) as tx:
        showing = await get_showing(tx, id_)
        paid = await _payment(tx, call, id_)
    means = showing.means
    return Answer(200, encode({
        "object": "showing_page", "method": means.method, "on_file": means.card is not None,
        "payment": paid,
    }))  # fmt: skip


async def _payment(tx: Tx, call: Call, showing: str) -> dict[str, Any] | None:
    last = await find_last_payment(tx, showing)
    if last is None:
        return None
    payment = await get_payment(tx, last, merchant=None)
    names = await find_names(tx, [payment.payee], ring=call.desk.tools.sealer.ring)
    key, whole = call.desk.tools.challenge_key, payment_document(payment)
    waits = payment.state is State.CHALLENGED
    told = ("id", "state", "amount", "currency", "refusal", "remedy")
    return {
        **{name: whole[name] for name in told},
        "payee_name": names[payment.payee],
        "ticket": new_ticket(key, payment.id, now=call.now)[0] if waits else None,
    }


async def show(call: Call) -> Answer:
    """The next code."""
    fresh = await show_next(call.desk.tools, subject_of(call, PREFIX), now=call.now)
    return Answer(200, encode({
        "object": "shown_code", "code": fresh.text, "bars": bars(fresh.text),
        "rows": modules(fresh.text), "now": rfc3339(call.now),
        "expires_at": rfc3339(fresh.expires_at),
    }))  # fmt: skip


OPERATIONS = (
    Operation("read_showing_page", "POST", "/v1/checkout/showing", "What is paid with by codes that"
              " are shown, and what was paid, for the customer's page.", read, body=TicketForm,
              answer=ShowingPage, refusals=(*TICKET, "showing_not_found")),
    Operation("show_payer_code", "POST", "/v1/checkout/showing/code", "The next payer's code, for"
              " the customer's page.", show, body=TicketForm, answer=ShownCodePage,
              refusals=(*TICKET, "showing_not_found", *MORE)),
)  # fmt: skip
