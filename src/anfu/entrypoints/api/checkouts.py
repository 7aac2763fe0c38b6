"""Checkouts, as merchants make them: what is bought, by which methods, and where to go back to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import (
    BARRED,
    Amount,
    Currency,
    Id,
    Name,
    PageQuery,
    Request,
    Text,
    page,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_card, check_currency
from anfu.parties.queries import get_merchant
from anfu.payments.checkouts.begin import NewCheckout, begin_checkout, close_by_merchant
from anfu.payments.checkouts.checkout import Line, Offer, Standing, State, page_path
from anfu.payments.checkouts.document import checkout_document
from anfu.payments.checkouts.permit import permit_origins
from anfu.payments.checkouts.queries import get_standing, list_return_origins, list_standings
from anfu.payments.document import encode
from anfu.payments.payment import State as PaymentState
from anfu.storage.idempotency import Answer

Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]


class LineForm(Request, frozen=True):
    """One thing that is bought; `amount`: for all `quantity` of it."""

    name: Name
    amount: Annotated[int, Meta(ge=0, le=10**15)]
    quantity: Quantity = 1


class OfferForm(Request, frozen=True):
    """A method that may be chosen: `balance`, or one through a network, which asks its payer
    itself; with `card`, a token of a card on file, and a `label` by which its owner knows it."""

    type: Name
    card: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    label: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


class CheckoutForm(Request, frozen=True):
    """What `payee` asks for. `payer`: a customer; without one it is for a guest, whom only the
    network knows. `lines`: what is bought, which comes to `amount`; or `description` in one text.
    `return_url`: on one of the merchant's return origins."""

    payee: Id
    amount: Amount
    currency: Currency
    methods: Annotated[tuple[OfferForm, ...], Meta(min_length=1, max_length=12)]
    payer: Id | None = None
    order: Text | None = None
    description: Text | None = None
    lines: Annotated[tuple[LineForm, ...], Meta(max_length=50)] = ()
    return_url: Annotated[str, Meta(max_length=512, pattern=r"^https?://[!-~]+$")] | None = None
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 30


class LineDocument(Struct, frozen=True):
    """One thing that is bought."""

    name: str
    quantity: int
    amount: int


class OfferDocument(Struct, frozen=True):
    """A method that may be chosen."""

    type: str
    card: str | None
    label: str | None


class TryDocument(Struct, frozen=True):
    """A payment of a checkout."""

    payment: str
    state: PaymentState


class CheckoutDocument(Struct, frozen=True):
    """A checkout as it stands: PAID when one of its `payments` has succeeded, PAYING while one may
    still succeed. `url`: for the payer, told when it is made and not again; `payer`: null for a
    guest."""

    id: str
    object: Literal["checkout"]
    state: State
    url: str | None
    payee: str
    payer: str | None
    amount: int
    currency: str
    order: str | None
    description: str
    lines: list[LineDocument]
    methods: list[OfferDocument]
    return_url: str | None
    payments: list[TryDocument]
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


class CheckoutList(Struct, frozen=True):
    """A page of checkouts."""

    object: Literal["list"]
    data: list[CheckoutDocument]
    more: bool


class OriginsForm(Request, frozen=True):
    """`https://shop.example`, without a path."""

    origins: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=20)]


class OriginsDocument(Struct, frozen=True):
    """Where a merchant's payers may be sent back to."""

    object: Literal["return_origins"]
    merchant: str
    origins: list[str]


async def create(call: Call) -> Answer:
    """Ask a payer for money on our page."""
    form: CheckoutForm = call.body
    check_currency(form.currency)
    for number, offer in enumerate(form.methods):
        check_card(offer.card, f"methods[{number}].card")
        check_card(offer.label, f"methods[{number}].label")
    wish = NewCheckout(
        claim=call.once,
        merchant=call.merchant,
        payee=form.payee,
        payer=form.payer,
        amount=form.amount,
        currency=form.currency,
        order=form.order,
        description=form.description,
        lines=tuple(Line(line.name, line.quantity, line.amount) for line in form.lines),
        offers=tuple(Offer(offer.type, offer.card, offer.label) for offer in form.methods),
        return_url=form.return_url,
        life=timedelta(minutes=form.minutes),
    )
    tools = call.desk.tools
    made = await begin_checkout(tools, wish, now=call.now)
    async with tools.database.transaction(readonly=True) as tx:
        standing = await get_standing(tx, made, merchant=call.merchant)
    url = tools.policy.party.origins[0] + page_path(tools.challenge_key, made)
    return Answer(201, encode(checkout_document(standing, url, now=call.now)))


async def get(call: Call) -> Answer:
    """One checkout."""
    return _described(call, await _read(call))


async def list_(call: Call) -> Answer:
    """A page of checkouts."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_standings(
            tx, query.limit + 1, before=query.after, merchant=call.merchant
        )
    documents = [checkout_document(standing, None, now=call.now) for standing in found]
    return Answer(200, page(documents, query.limit))


async def close(call: Call) -> Answer:
    """No further payment of it begins."""
    await close_by_merchant(
        call.desk.tools, call.path["checkout"], call.merchant, call.once, now=call.now
    )
    return _described(call, await _read(call))


async def get_origins(call: Call) -> Answer:
    """Where a merchant's payers may be sent back to."""
    merchant = call.path["merchant"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await get_merchant(tx, merchant, merchant=call.merchant)
        origins = await list_return_origins(tx, merchant)
    return Answer(200, encode(_origins(merchant, origins)))


async def put_origins(call: Call) -> Answer:
    """These in place of those before."""
    merchant, origins = call.path["merchant"], call.body.origins
    await permit_origins(call.desk.tools, merchant, origins, call.once, now=call.now)
    return Answer(200, encode(_origins(merchant, sorted(set(origins)))))


def _origins(merchant: str, origins: list[str]) -> dict[str, object]:
    return {"object": "return_origins", "merchant": merchant, "origins": origins}


async def _read(call: Call) -> Standing:
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        return await get_standing(tx, call.path["checkout"], merchant=call.merchant)


def _described(call: Call, standing: Standing) -> Answer:
    return Answer(200, encode(checkout_document(standing, None, now=call.now)))


_PATH = "/v1/checkouts"
_ONE = f"{_PATH}/{{checkout}}"
_ORIGINS = "/v1/merchants/{merchant}/return-origins"
_EXAMPLE = {
    "payee": "mer_01kaw000000000000000000000",
    "amount": 4600,
    "currency": "CNY",
    "order": "T-1041",
    "lines": [{"name": "Oolong", "quantity": 2, "amount": 4600}],
    "methods": [{"type": "wechat"}, {"type": "alipay"}],
}
OPERATIONS = (
    Operation("create_checkout", "POST", _PATH, "Ask a payer for money on our page.", create,
              scope="payments:write", body=CheckoutForm, answer=CheckoutDocument, status=201,
              once=True, example=_EXAMPLE,
              refusals=("party_not_found", *BARRED, "payee_not_yours", "payer_not_customer",
                        "currency_unknown", "currency_not_supported", "card_number_refused",
                        "lines_contradict_amount", "purchase_missing", "method_unknown",
                        "customer_required", "card_not_allowed", "return_url_not_allowed")),
    Operation("list_checkouts", "GET", _PATH, "List checkouts.", list_, scope="payments:read",
              query=PageQuery, answer=CheckoutList),
    Operation("get_checkout", "GET", _ONE, "Read a checkout.", get, scope="payments:read",
              answer=CheckoutDocument, refusals=("checkout_not_found",)),
    Operation("close_checkout", "POST", f"{_ONE}/close", "Let no further payment of a checkout"
              " begin.", close, scope="payments:write", answer=CheckoutDocument, once=True,
              refusals=("checkout_not_found", "checkout_paid", "checkout_paying")),
    Operation("get_return_origins", "GET", _ORIGINS, "Read where a merchant's payers may be sent"
              " back to.", get_origins, scope="merchants:read", answer=OriginsDocument,
              refusals=("merchant_not_found",)),
    Operation("set_return_origins", "POST", _ORIGINS, "Say where a merchant's payers may be sent"
              " back to.", put_origins, scope="merchants:write", institution=True,
              body=OriginsForm, answer=OriginsDocument, once=True,
              refusals=("merchant_not_found", "origin_invalid"),
              example={"origins": ["https://shop.example"]}),
)  # fmt: skip
