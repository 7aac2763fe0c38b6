"""Begin: a merchant asks a payer for money on our page; and close: it does not any longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.party import GUEST_PREFIX, Party
from anfu.parties.queries import find_parties
from anfu.payments.checkouts import operations
from anfu.payments.checkouts.checkout import PREFIX, Checkout, Line, Offer, Standing, check_lines
from anfu.payments.checkouts.origins import origin_of
from anfu.payments.checkouts.queries import get_standing, list_return_origins
from anfu.payments.payment import BALANCE
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """A well-formed wish. `merchant` is the scope of the caller's key; `payer` None: a guest;
    `lines` empty: the `description` says what is bought."""

    claim: Claim
    merchant: str | None
    payee: str
    payer: str | None
    amount: int
    currency: str
    order: str | None
    description: str | None
    lines: tuple[Line, ...]
    offers: tuple[Offer, ...]
    return_url: str | None
    life: timedelta
    code: str | None = None


async def begin_checkout(tools: Tools, wish: NewCheckout, *, now: datetime) -> str:
    """The id of the checkout, the same for the same claim.

    Raises Refused: party_not_found, payee_not_yours, payer_not_customer, as `Party.check_active`,
    currency_not_supported, lines_contradict_amount, purchase_missing, method_unknown,
    customer_required, return_url_not_allowed, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        checkout = await _made(tx, tools, wish, now)
        await operations.insert_checkout(tx, checkout=checkout)
        record = Record(now, tools.entropy)
        record.leaf("checkout", checkout.id, _leaf(checkout))
        await record.write(tx)
        return Answer(201, checkout.id.encode())

    return (await idempotency.once(tools.database, wish.claim, work, now=now)).body.decode()


async def close_by_merchant(
    tools: Tools, checkout: str, merchant: str | None, claim: Claim, *, now: datetime
) -> None:
    """No further payment of it begins. Raises Refused: checkout_not_found, checkout_paid, and
    checkout_paying while one may still succeed, and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        standing = await get_standing(tx, checkout, merchant=merchant, lock=True)
        _check_closable(standing, now=now)
        await operations.close_checkout(tx, checkout=checkout, now=now)
        return Answer(200, b"{}")

    await idempotency.once(tools.database, claim, work, now=now)


def _check_closable(standing: Standing, *, now: datetime) -> None:
    state = standing.state(now=now)
    if state in ("PAID", "PAYING"):
        raise Refused(f"checkout_{state.lower()}", field="checkout")


async def _made(tx: Tx, tools: Tools, wish: NewCheckout, now: datetime) -> Checkout:
    """Numbered as it is looked at: 1 scope and parties, 2 currency, 3 what is bought, 4 ways of
    paying, 5 the way back. Raises Refused."""
    await _check_parties(tx, wish)  # 1
    if wish.currency not in tools.policy.currencies:  # 2
        supported = sorted(tools.policy.currencies)
        raise Refused("currency_not_supported", field="currency", supported=supported)
    if wish.lines:  # 3
        check_lines(wish.lines, wish.amount)
    for offer in wish.offers:  # 4
        _check_offer(offer, tools, guest=wish.payer is None)
    await _check_way_back(tx, wish)  # 5
    id_ = new_id(PREFIX, now=now, entropy=tools.entropy)
    payer = wish.payer or f"{GUEST_PREFIX}{id_.removeprefix(PREFIX)}"
    return Checkout(
        id_, wish.payee, payer, wish.amount, wish.currency, wish.order, _description(wish),
        wish.lines, wish.offers, wish.return_url, now, now + wish.life, code=wish.code,
    )  # fmt: skip


async def _check_parties(tx: Tx, wish: NewCheckout) -> None:
    if wish.merchant not in (None, wish.payee):
        raise Refused("payee_not_yours", field="payee")
    wanted = {"payee": wish.payee} | ({} if wish.payer is None else {"payer": wish.payer})
    parties: Mapping[str, Party] = await find_parties(tx, sorted(set(wanted.values())))
    for field, id_ in wanted.items():
        party = parties.get(id_)
        if party is None or party.guest or not party.known_to(wish.merchant):
            raise Refused("party_not_found", field=field)
        party.check_active(field=field)
        if field == "payer" and party.kind != "CUSTOMER":
            raise Refused("payer_not_customer", field="payer")
        if field == "payee" and party.kind != "MERCHANT":
            raise Refused("party_not_found", field="payee")


def _check_offer(offer: Offer, tools: Tools, *, guest: bool) -> None:
    if offer.method != BALANCE and not tools.routes_of(offer.method):
        known = [BALANCE, *tools.methods]
        raise Refused("method_unknown", field="methods", known=known)
    if guest and (offer.method == BALANCE or offer.card is not None):
        raise Refused("customer_required", field="payer")
    if offer.method == BALANCE and offer.card is not None:
        raise Refused("card_not_allowed", field="methods")


async def _check_way_back(tx: Tx, wish: NewCheckout) -> None:
    if wish.return_url is None:
        return
    allowed = await list_return_origins(tx, wish.payee)
    if origin_of(wish.return_url) not in allowed:
        raise Refused("return_url_not_allowed", field="return_url", allowed=allowed)


def _description(wish: NewCheckout) -> str:
    """What networks, limits and statements call it. Raises Refused(purchase_missing)."""
    said = wish.description or "、".join(line.name for line in wish.lines)
    if not said:
        raise Refused("purchase_missing", field="lines")
    return said[:_LONGEST]


def _leaf(checkout: Checkout) -> dict[str, Any]:
    """What the evidence keeps: of free text the digest, since the log is never erased."""
    lines = [[line.name, line.quantity, line.amount] for line in checkout.lines]
    return {
        "payee": checkout.payee,
        "payer": checkout.payer,
        "amount": checkout.amount,
        "currency": checkout.currency,
        "text": digest([checkout.order, checkout.description, lines]).hex(),
    }
