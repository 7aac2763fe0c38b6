"""Merchants: open, read, and the limits a merchant sets for itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Amount, Currency, Name, PageQuery, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.limits import operations as limits
from anfu.limits.queries import list_merchant_limits
from anfu.parties import queries
from anfu.parties.merchant import Merchant
from anfu.parties.party import Status
from anfu.payments.document import encode, rfc3339
from anfu.payments.enrol import enrol_merchant
from anfu.payments.record import Record
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class MerchantForm(Request, frozen=True):
    """`mcc`: its category by ISO 18245."""

    name: Name
    mcc: str | None = None


class MerchantDocument(Struct, frozen=True):
    """A merchant."""

    id: str
    object: Literal["merchant"]
    name: str
    mcc: str | None
    status: Status
    created_at: datetime


class MerchantList(Struct, frozen=True):
    """A page of merchants."""

    object: Literal["list"]
    data: list[MerchantDocument]
    more: bool


class MerchantQuery(PageQuery, frozen=True):
    """Merchants in one state."""

    status: Status | None = None


class MerchantLimitForm(Request, frozen=True):
    """The most a merchant takes by payment or day; null lifts the limit."""

    window: Literal["payment", "natural_day"]
    currency: Currency
    most: Amount | None


class MerchantLimitDocument(Struct, frozen=True):
    """A merchant's own limit."""

    object: Literal["merchant_limit"]
    merchant: str
    window: Literal["payment", "natural_day"]
    currency: str
    most: int | None


class MerchantLimitList(Struct, frozen=True):
    """Every limit a merchant has set for itself."""

    object: Literal["list"]
    data: list[MerchantLimitDocument]


async def create(call: Call) -> Answer:
    """Open a merchant with its balance account, without an application, where nothing is real: in
    production whoever is paid has been looked at (国令768 art. 22)."""
    if not call.desk.tools.policy.trial:
        raise Refused("merchant_application_needed")
    wanted = (call.body.name, call.body.mcc)
    return await enrol_merchant(
        call.desk.tools, wanted, call.once, lambda m: encode(describe(m)), now=call.now
    )


async def get(call: Call) -> Answer:
    """One merchant."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        merchant = await queries.get_merchant(tx, call.path["merchant"], merchant=call.merchant)
    return Answer(200, encode(describe(merchant)))


async def list_(call: Call) -> Answer:
    """A page of merchants; a merchant sees itself."""
    query = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        merchants = await queries.list_merchants(
            tx, merchant=call.merchant, status=query.status, before=query.after,
            most=query.limit + 1,
        )  # fmt: skip
    return Answer(200, page([describe(m) for m in merchants], query.limit))


async def list_limits(call: Call) -> Answer:
    """The merchant's own limits."""
    merchant = call.path["merchant"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await queries.get_merchant(tx, merchant, merchant=call.merchant)
        found = await list_merchant_limits(tx, merchants=[merchant])
    data = [
        {"object": "merchant_limit", "merchant": merchant, "window": limit.window,
         "currency": limit.currency, "most": limit.amount}
        for limit in found
    ]  # fmt: skip
    return Answer(200, encode({"object": "list", "data": data}))


async def set_limit(call: Call) -> Answer:
    """Set or lift one of the merchant's own limits."""
    form: MerchantLimitForm = call.body
    merchant = call.path["merchant"]

    async def work(tx: Tx) -> Answer:
        await queries.get_merchant(tx, merchant, merchant=call.merchant)
        await _change(tx, merchant, form, call.now)
        told = {
            "merchant": merchant,
            "window": form.window,
            "currency": form.currency,
            "most": form.most,
        }
        record = Record(call.now, call.desk.tools.entropy)
        record.leaf("merchant_limit", merchant, {**told, "by": call.person})
        await record.write(tx)
        return Answer(200, encode({"object": "merchant_limit", **told}))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def _change(tx: Tx, merchant: str, form: MerchantLimitForm, now: datetime) -> None:
    if form.most is None:
        await limits.remove_merchant_limit(
            tx, merchant=merchant, window=form.window, currency=form.currency
        )
        return
    await limits.set_merchant_limit(
        tx, merchant=merchant, window=form.window, currency=form.currency, amount=form.most,
        now=now,
    )  # fmt: skip


def describe(merchant: Merchant) -> dict[str, Any]:
    """A merchant as JSON values."""
    return {
        "id": merchant.id,
        "object": "merchant",
        "name": merchant.name,
        "mcc": merchant.mcc,
        "status": merchant.status,
        "created_at": rfc3339(merchant.created_at),
    }


OPERATIONS = (
    Operation("create_merchant", "POST", "/v1/merchants", "Open a merchant of a trial,"
              " without an application.", create,
              scope="merchants:write", body=MerchantForm, answer=MerchantDocument, status=201,
              once=True, institution=True, refusals=("name_invalid", "mcc_invalid",
                                                "merchant_application_needed"),
              example={"name": "Corner Tea", "mcc": "5814"}),
    Operation("list_merchants", "GET", "/v1/merchants", "List merchants.", list_,
              scope="merchants:read", query=MerchantQuery, answer=MerchantList),
    Operation("get_merchant", "GET", "/v1/merchants/{merchant}", "Read a merchant.", get,
              scope="merchants:read", answer=MerchantDocument, refusals=("merchant_not_found",)),
    Operation("list_merchant_limits", "GET", "/v1/merchants/{merchant}/limits", "List a merchant's"
              " own limits.", list_limits, scope="merchants:read", answer=MerchantLimitList,
              refusals=("merchant_not_found",)),
    Operation("set_merchant_limit", "POST", "/v1/merchants/{merchant}/limits", "Set or lift a"
              " merchant's own limit.", set_limit, scope="merchants:write",
              body=MerchantLimitForm, answer=MerchantLimitDocument, once=True,
              refusals=("merchant_not_found", "currency_unknown"),
              example={"window": "natural_day", "currency": "CNY", "most": 500000}),
)  # fmt: skip
