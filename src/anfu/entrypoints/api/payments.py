"""Payments: create, read, cancel, prove, release, reject."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from anfu.channels.codes.payer_code import read_payer_code
from anfu.channels.port import Scene
from anfu.entrypoints.api.documents import (
    BARRED,
    EnvironmentForm,
    Id,
    Method,
    Name,
    NoteForm,
    PaymentDocument,
    PaymentForm,
    SpanQuery,
    Text,
    page_to,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.scanned import ANY_CODE, is_scanned, order_by_code
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.payments import queries
from anfu.payments.call_off import call_off
from anfu.payments.document import encode, payment_document
from anfu.payments.meeting import Meeting
from anfu.payments.pay import PayOrder
from anfu.payments.payment import State
from anfu.payments.review import Disposition, dispose
from anfu.payments.sought.queries import seek_payments
from anfu.payments.sought.wanted import WantedPayments
from anfu.risk.environment import Environment
from anfu.storage.idempotency import Answer

# 13 to 19 digits, written in one or in groups.
_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ ._/-]?[0-9]){12,18}(?![0-9])")

# 7 to 15 digits (ITU-T E.164) as people write them.
_PHONE = re.compile(r"\+?[ ()]*[0-9](?:[ ().-]*[0-9]){6,14}")


class PaymentQuery(SpanQuery, frozen=True):
    """`party`: payer or payee; `order`: the merchant's own number; `reason`: a code of the decision
    or of the failure; `from` and `until`: when it was made; `least` and `most`: minor units."""

    party: Id | None = None
    payer: Id | None = None
    payee: Id | None = None
    order: Text | None = None
    state: State | None = None
    method: Name | None = None
    channel: Name | None = None
    scene: Scene | None = None
    reason: Name | None = None


class PaymentList(Struct, frozen=True):
    """A page of payments, the newest first. `next`: what `after` is to be for the page after, also
    where this one is not full: so many payments were looked at, and none more fits."""

    object: Literal["list"]
    data: list[PaymentDocument]
    more: bool
    next: str | None


async def create(call: Call) -> Answer:
    """A well-formed order always becomes a payment; how it went is its `state`."""
    form: PaymentForm = call.body
    check_currency(form.currency)
    check_card(form.method.card)
    check_moment(form.occurred_at)
    if form.occurred_at is not None:
        call.by.require("history:write")
    if is_scanned(call, form.method):
        return await call.desk.pay(await order_by_code(call, _order(call, "", ANY_CODE)))
    method = _method(form.method)
    if form.payer is None:
        raise Refused("field_invalid", field="payer", reason="only a code of ours says who pays")
    return await call.desk.pay(_order(call, form.payer, method))


def _order(call: Call, payer: str, method: str) -> PayOrder:
    form: PaymentForm = call.body
    return PayOrder(
        claim=call.once,
        merchant=call.merchant,
        payer=payer,
        payee=form.payee,
        amount=form.amount,
        currency=form.currency,
        method=method,
        environment=environment_of(form.environment),
        card=form.method.card,
        code=form.method.code,
        debit=form.method.debit,
        verified_by=form.method.verified_by,
        order=form.order,
        description=form.description,
        factors=form.factors,
        terminal=form.terminal,
        mandate=form.mandate,
        promotion=form.promotion,
        occurred_at=form.occurred_at,
        meeting=Meeting(
            form.method.scene,
            form.method.payer_code,
            form.method.network_payer,
            form.method.return_url,
        ),
    )


def _method(method: Method) -> str:
    """The method's name; of a code the payer has shown, the network it belongs to by its form.
    Raises Refused(payer_code_invalid)."""
    if method.type != ANY_CODE or method.payer_code is None:
        return method.type
    return read_payer_code(method.payer_code).network.lower()


async def get(call: Call) -> Answer:
    """One payment."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        payment = await queries.get_payment(tx, call.path["payment"], merchant=call.merchant)
    return Answer(200, encode(payment_document(payment)))


async def list_(call: Call) -> Answer:
    """A page of payments."""
    query: PaymentQuery = call.query
    wanted = WantedPayments(
        query.limit, query.after, call.merchant, query.span, query.party, query.payer, query.payee,
        query.order, query.state, query.method, query.channel, query.scene, query.reason,
    )  # fmt: skip
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        payments, after = await seek_payments(tx, wanted)
    return Answer(200, page_to([payment_document(p) for p in payments], after))


async def cancel(call: Call) -> Answer:
    """End a wait from the caller's side; an order that waits for its payer is closed."""
    wish = _wish(call, State.CANCELLED, None)
    called_off = await call_off(call.desk.tools, wish, now=call.now)
    return await _dispose(call, wish) if called_off is None else Answer(200, called_off.body)


async def release(call: Call) -> Answer:
    """A reviewer lets the payment go on."""
    return await _dispose(call, _wish(call, State.SUCCEEDED, call.body.note))


async def reject(call: Call) -> Answer:
    """A reviewer ends the payment."""
    return await _dispose(call, _wish(call, State.REJECTED, call.body.note))


def _wish(call: Call, end: State, note: str | None) -> Disposition:
    return Disposition(call.once, call.merchant, call.path["payment"], end, call.person, note)


async def _dispose(call: Call, wish: Disposition) -> Answer:
    answer = await call.desk.go_on(await dispose(call.desk.tools, wish, now=call.now))
    return Answer(200, answer.body)


@lru_cache(maxsize=65_536)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def environment_of(seen: EnvironmentForm, field: str = "environment") -> Environment:
    """What was observed. Raises Refused(field_invalid) for an address that is none."""
    if seen.address is not None:
        check_address(seen.address, f"{field}.address")
    if (seen.latitude is None) is not (seen.longitude is None):
        raise Refused("field_invalid", field=field, reason="half a place")
    return Environment(seen.device, seen.address, seen.latitude, seen.longitude, seen.session)


def check_address(address: str, field: str) -> None:
    """Raises Refused(field_invalid)."""
    if not _is_address(address):
        raise Refused("field_invalid", field=field, reason="not an IP address")


def check_currency(currency: str, field: str = "currency") -> None:
    """Raises Refused(currency_unknown)."""
    if currency not in EXPONENTS:
        raise Refused("currency_unknown", field=field, currency=currency)


def check_card(card: str | None, field: str = "method.card") -> None:
    """Raises Refused(card_number_refused) for a token with what looks like a card number in it: 13
    to 19 digits that pass the Luhn check do not belong into any table here (PCI DSS 3)."""
    for number in _NUMBER.findall(unicodedata.normalize("NFKC", card or "")):
        digits = [int(c) for c in number if c.isdigit()]
        doubled = sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2])
        if (sum(digits[-1::-2]) + doubled) % 10 == 0:
            raise Refused("card_number_refused", field=field)


def check_phone(phone: str | None, field: str) -> None:
    """Raises Refused(phone_number_refused) for what a phone is called by and not a token of it."""
    if phone is not None and _PHONE.fullmatch(unicodedata.normalize("NFKC", phone)):
        raise Refused("phone_number_refused", field=field)


def check_moment(moment: datetime | None, field: str = "occurred_at") -> None:
    """Raises Refused(field_invalid) for a time that no payment was made at."""
    if moment is not None and not 1970 <= moment.year < 2200:
        raise Refused("field_invalid", field=field, reason="not of our time")


def check_history(call: Call, moment: datetime | None, field: str) -> None:
    """Raises Refused (scope_missing, history_not_accepted) for another time than now, where no
    history is taken in."""
    if moment is None:
        return
    call.by.require("history:write")
    if not call.desk.tools.policy.accept_history:
        raise Refused("history_not_accepted", field=field)


_WRONG = (
    "party_not_found", *BARRED, "purpose_needed", "payer_document_expired", "payer_is_payee",
    "payer_not_customer",
    "payee_not_yours", "currency_unknown", "currency_not_supported", "method_unknown",
    "card_required", "card_not_allowed", "no_route", "scene_not_allowed", "payer_code_required",
    "payer_code_not_allowed", "payer_code_invalid", "told_by_code",
    "network_payer_required",
    "code_contradicts_scene", "debit_not_allowed", "card_number_refused",
    "history_not_accepted", "factor_unknown", "mandate_not_found", "amount_invalid",
)  # fmt: skip
_EXAMPLE = {
    "payer": "cus_01kaw000000000000000000000",
    "payee": "mer_01kaw000000000000000000000",
    "amount": 1250,
    "currency": "CNY",
    "method": {"type": "balance"},
    "environment": {"device": "dev_phone", "address": "203.0.113.7"},
    "factors": ["password", "sms_code"],
}
_CASE = ("case_not_yours", "case_decided", "case_two_people")
_ENDING = ("payment_not_found", "payment_not_waiting")
OPERATIONS = (
    Operation("create_payment", "POST", "/v1/payments", "Pay.", create, scope="payments:write",
              body=PaymentForm, answer=PaymentDocument, status=201, once=True, refusals=_WRONG,
              example=_EXAMPLE),
    Operation("list_payments", "GET", "/v1/payments", "List payments.", list_,
              scope="payments:read", query=PaymentQuery, answer=PaymentList),
    Operation("get_payment", "GET", "/v1/payments/{payment}", "Read a payment.", get,
              scope="payments:read", answer=PaymentDocument, refusals=("payment_not_found",)),
    Operation("cancel_payment", "POST", "/v1/payments/{payment}/cancel", "Cancel a payment that"
              " waits for a proof, a reviewer or its payer.", cancel, scope="payments:write",
              answer=PaymentDocument, once=True, refusals=_ENDING),
    Operation("release_payment", "POST", "/v1/payments/{payment}/release", "Let a payment in"
              " review go on.", release, scope="reviews:write", standing=True, body=NoteForm,
              answer=PaymentDocument, once=True,
              refusals=(*_ENDING, *_CASE, *BARRED, "payer_document_expired",
                        "payment_stopped"),
              example={"note": "called back"}),
    Operation("reject_payment", "POST", "/v1/payments/{payment}/reject", "End a payment in"
              " review.", reject, scope="reviews:write", body=NoteForm, answer=PaymentDocument,
              once=True, refusals=(*_ENDING, *_CASE),
              example={"note": "payer denies it"}),
)  # fmt: skip
