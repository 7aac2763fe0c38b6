"""The payer's page of a checkout: what is bought, how the last payment stands, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import segno
from msgspec import Meta, Struct

from anfu.authentication.ticket import new_ticket
from anfu.entrypoints.api.checkout import check_own_page
from anfu.entrypoints.api.checkouts import LineDocument
from anfu.entrypoints.api.documents import (
    HandoverDocument,
    Id,
    RefusalDocument,
    RemedyDocument,
    Request,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.queries import find_names
from anfu.payments.checkouts.checkout import Standing, State, check_page_key, page_path
from anfu.payments.checkouts.document import page_document, shown_payment
from anfu.payments.checkouts.queries import get_standing
from anfu.payments.document import encode
from anfu.payments.feedback.queries import find_feedback
from anfu.payments.payment import State as PaymentState
from anfu.payments.queries import get_payment
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

PageKey = Annotated[str, Meta(min_length=1, max_length=64)]


class PageForm(Request, frozen=True):
    """The checkout of the page, and the key in its address. `draw`: the page's own address as a
    code, for a till that shows it."""

    checkout: Id
    key: PageKey
    draw: bool = False


class PageOffer(Struct, frozen=True):
    """A method that may be chosen; `on_file`: a card that is known here."""

    method: str
    label: str | None
    on_file: bool


class PagePayment(Struct, frozen=True):
    """The last payment. `method`: the number of the offer it was made by; `ticket`: for the
    operations of challenges, while one waits; `code`: what is to be scanned, row by row."""

    id: str
    state: PaymentState
    method: int
    refusal: RefusalDocument | None
    remedy: RemedyDocument | None
    handover: HandoverDocument | None
    order_expires_at: datetime | None
    updated_at: datetime
    ticket: str | None
    code: list[str] | None


class PageFeedback(Struct, frozen=True):
    """What the payer has said already."""

    score: int
    commented: bool


class CheckoutPage(Struct, frozen=True):
    """A checkout as its payer sees it. `tries`: payments there were; `code`: the page's address,
    row by row, where it was asked for."""

    object: Literal["checkout_page"]
    id: str
    state: State
    payee_name: str
    amount: int
    currency: str
    order: str | None
    description: str
    lines: list[LineDocument]
    methods: list[PageOffer]
    guest: bool
    return_url: str | None
    now: datetime
    expires_at: datetime
    tries: int
    payment: PagePayment | None
    feedback: PageFeedback | None
    code: list[str] | None


async def read(call: Call) -> Answer:
    """What the page shows."""
    return await shown(call, draw=call.body.draw)


def opened(call: Call) -> str:
    """The checkout that the page may speak of. Raises Refused: page_foreign,
    checkout_link_invalid."""
    check_own_page(call)
    checkout: str = call.body.checkout
    check_page_key(call.desk.tools.challenge_key, checkout, call.body.key)
    return checkout


async def shown(call: Call, *, draw: bool = False) -> Answer:
    """The page's checkout as it stands. Raises Refused as `opened`, and checkout_not_found."""
    tools, checkout = call.desk.tools, opened(call)
    async with tools.database.transaction(readonly=True) as tx:
        standing = await get_standing(tx, checkout, merchant=None)
        document = await _document(tx, call, standing)
    url = tools.policy.party.origins[0] + page_path(tools.challenge_key, checkout)
    document["code"] = modules(url) if draw else None
    return Answer(200, encode(document))


async def _document(tx: Tx, call: Call, standing: Standing) -> dict[str, Any]:
    payee = standing.checkout.payee
    names = await find_names(tx, [payee], ring=call.desk.tools.sealer.ring)
    said = await find_feedback(tx, standing.checkout.id)
    feedback = (
        None if said is None else {"score": said.score, "commented": said.comment is not None}
    )
    document = page_document(standing, names[payee], now=call.now)
    return {**document, "payment": await _payment(tx, call, standing), "feedback": feedback}


async def _payment(tx: Tx, call: Call, standing: Standing) -> dict[str, Any] | None:
    if not standing.tries:
        return None
    last = standing.tries[-1]
    payment = await get_payment(tx, last.payment, merchant=None)
    waits = payment.state is PaymentState.CHALLENGED
    key = call.desk.tools.challenge_key
    ticket = new_ticket(key, payment.id, now=call.now)[0] if waits else None
    handover = payment.handover if payment.state is PaymentState.AWAITING else None
    text = None if handover is None else _scanned(handover)
    code = None if text is None else modules(text)
    found = shown_payment(payment, last.offer)
    return {**found, "handover": handover, "ticket": ticket, "code": code}


def _scanned(handover: Any) -> str | None:
    text: str | None = handover["values"].get("text") if handover["kind"] == "CODE" else None
    return text


def modules(text: str) -> list[str]:
    """A QR code (ISO/IEC 18004, level M) without its quiet zone: rows of 0 and 1."""
    matrix: Sequence[bytearray] = segno.make_qr(text, error="m", encoding="utf-8").matrix
    return ["".join(str(module & 1) for module in row) for row in matrix]


OPEN = ("page_foreign", "checkout_link_invalid", "checkout_not_found")
OPERATIONS = (
    Operation("read_checkout_page", "POST", "/v1/checkout/session", "What a checkout's payer sees,"
              " for its page.", read, body=PageForm, answer=CheckoutPage, refusals=OPEN),
)  # fmt: skip
