"""Agreed limits: what a customer pays at most by its own wish."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Amount, Currency, Request
from anfu.entrypoints.api.legal_limits import LegalLimitDocument, legal_limit
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.limits import queries as limits
from anfu.limits.agreed.agreed import AgreedKey, AgreedLimit
from anfu.limits.agreed.operations import agree
from anfu.limits.agreed.queries import list_agreed
from anfu.limits.counter import Metric, Window
from anfu.limits.left import left_of
from anfu.limits.multipliers.multiplier import raised
from anfu.limits.multipliers.queries import list_in_force
from anfu.limits.queries import Used
from anfu.parties.party import FIRM_PREFIX
from anfu.parties.queries import find_parties, get_acting
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Agreeable = Literal["balance_payment", "balance_count", "bank_payment", "bank_count"]
Spans = Literal["payment", "natural_day", "natural_month"]
_KEPT = (Metric.BALANCE_PAYMENT, Metric.BALANCE_COUNT)


class AgreedLimitForm(Request, frozen=True):
    """The most that is paid from the balance or from bank accounts: an amount in minor units in
    one payment, day or month, or a number of payments in a day. null lifts the limit."""

    metric: Agreeable
    window: Spans
    currency: Currency
    most: Amount | None


class AgreedLimitDocument(Struct, frozen=True):
    """An agreed limit. From `next_at` on, where that is set, it is `next_most`."""

    object: Literal["agreed_limit"]
    customer: str
    metric: Agreeable
    window: Spans
    currency: str
    most: int | None
    set_at: datetime
    next_most: int | None
    next_at: datetime | None


class UsedDocument(Struct, frozen=True):
    """What has been used in a window that runs: minor units, or a number of payments. `pocket`, of
    payments with a code: `balance`, or `banks` for all bank accounts the institution debits."""

    metric: str
    window: str
    currency: str
    pocket: Literal["balance", "banks"] | None
    amount: int


class CustomerLimitsDocument(Struct, frozen=True):
    """What a customer agreed to, what it has used of all that is counted, and what the law leaves
    it."""

    object: Literal["customer_limits"]
    customer: str
    agreed: list[AgreedLimitDocument]
    used: list[UsedDocument]
    legal: list[LegalLimitDocument]


async def set_limit(call: Call) -> Answer:
    """Lower a limit at once, or raise or lift it after the cooling-off."""
    form: AgreedLimitForm = call.body
    tools = call.desk.tools
    key = AgreedKey(call.path["customer"], Metric(form.metric), Window(form.window), form.currency)
    _check_lifted(key, form.most)

    async def work(tx: Tx) -> Answer:
        await get_acting(tx, key.customer, ring=tools.sealer.ring, merchant=None)
        before, after = await agree(
            tx, key=key, most=form.most, cooling_off=tools.policy.cooling_off, now=call.now
        )
        answer = encode(describe(after))
        record = Record(call.now, tools.entropy)
        told = {**describe(after), "was": before.most, "asked": form.most, "by": call.person}
        record.leaf("agreed_limit", key.customer, told)
        record.notice("agreed_limit.changed", key.customer, answer)
        await record.write(tx)
        return Answer(200, answer)

    return await idempotency.once(tools.database, call.once, work, now=call.now)


async def get(call: Call) -> Answer:
    """What a customer agreed to and has used."""
    tools, customer = call.desk.tools, call.path["customer"]
    async with tools.database.transaction(readonly=True) as tx:
        await get_acting(tx, customer, ring=tools.sealer.ring, merchant=None)
        agreed = [limit.at(call.now) for limit in await list_agreed(tx, customer=customer)]
        used = await limits.list_used(tx, subject=customer, at=call.now)
        rules = raised(tools.rules, await list_in_force(tx))
        party = (await find_parties(tx, [customer]))[customer]
    held = [limit for limit in agreed if limit.most is not None or limit.next_at is not None]
    left = left_of(rules, used, account_class=party.account_class, day=civil_date(call.now))
    document = {
        "object": "customer_limits",
        "customer": customer,
        "agreed": [describe(limit) for limit in held],
        "used": [_used(one) for one in used],
        "legal": [legal_limit(one, now=call.now) for one in left],
    }
    return Answer(200, encode(document))


def describe(limit: AgreedLimit) -> dict[str, Any]:
    """An agreed limit as JSON values."""
    return {
        "object": "agreed_limit",
        "customer": limit.key.customer,
        "metric": limit.key.metric,
        "window": limit.key.window,
        "currency": limit.key.currency,
        "most": limit.most,
        "set_at": rfc3339(limit.set_at),
        "next_most": limit.next_most,
        "next_at": limit.next_at and rfc3339(limit.next_at),
    }


def _check_lifted(key: AgreedKey, most: int | None) -> None:
    """261号 二(十): amount and number a day stay agreed with a firm. Raises Refused
    `agreed_limit_needed`."""
    kept = key.window is Window.NATURAL_DAY and key.metric in _KEPT
    if kept and most is None and key.customer.startswith(FIRM_PREFIX):
        raise Refused("agreed_limit_needed", field="most")


def _used(used: Used) -> dict[str, Any]:
    return {
        "metric": used.metric,
        "window": used.window,
        "currency": used.currency,
        "pocket": used.pocket,
        "amount": used.amount,
    }


OPERATIONS = (
    Operation("set_agreed_limit", "POST", "/v1/customers/{customer}/limits", "Lower a customer's"
              " agreed limit at once, or raise or lift it after the cooling-off.", set_limit,
              scope="customers:write", body=AgreedLimitForm, answer=AgreedLimitDocument, once=True,
              institution=True,
              refusals=("customer_not_found", "customer_stored", "currency_unknown",
                        "agreed_limit_unknown", "agreed_limit_needed"),
              example={"metric": "balance_payment", "window": "natural_day", "currency": "CNY",
                       "most": 200000}),
    Operation("get_customer_limits", "GET", "/v1/customers/{customer}/limits", "Read a customer's"
              " agreed limits and what it has used.", get, scope="customers:read",
              answer=CustomerLimitsDocument, institution=True,
              refusals=("customer_not_found", "customer_stored")),
)  # fmt: skip
