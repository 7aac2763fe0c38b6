"""Codes: one for all networks, made for a merchant and read when somebody has scanned it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.channels.codes.aggregate import AggregateLink, read_link, sign_link
from anfu.channels.codes.drawing import draw
from anfu.channels.codes.network import Network, network_of
from anfu.entrypoints.api.documents import BARRED, Amount, Currency, Id, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_currency
from anfu.kernel.errors import Refused
from anfu.kernel.money import Money
from anfu.parties.queries import find_parties
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer

_PATH = "/code/"
OrderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,40}$")]


class CodeForm(Request, frozen=True):
    """Of `merchant`: with neither amount nor order a static code (静态码), which never ends and is
    limited as such (银发〔2017〕296号); else a dynamic one for `minutes`."""

    merchant: Id
    amount: Amount | None = None
    currency: Currency | None = None
    order: OrderName | None = None
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 10


class CodeDocument(Struct, frozen=True):
    """A code: the address in it, and as a picture (SVG)."""

    object: Literal["code"]
    kind: Literal["static", "dynamic"]
    merchant: str
    amount: int | None
    currency: str | None
    order: str | None
    url: str
    svg: str
    expires_at: datetime | None


class ScannedForm(Request, frozen=True):
    """What stands behind the address that was opened, and the User-Agent that has opened it."""

    code: Annotated[str, Meta(max_length=256)]
    user_agent: Annotated[str, Meta(max_length=1024)]


class ScannedDocument(Struct, frozen=True):
    """What a code asks for, and the network whose app has opened it; None: let the payer choose."""

    object: Literal["scanned_code"]
    kind: Literal["static", "dynamic"]
    merchant: str
    amount: int | None
    currency: str | None
    order: str | None
    network: Network | None


async def create(call: Call) -> Answer:
    """Make a code."""
    form: CodeForm = call.body
    if (form.amount is None) is not (form.currency is None):
        raise Refused("body_invalid", field="currency", reason="amount and currency go together")
    if form.currency is not None:
        check_currency(form.currency)
    await _check_merchant(call, form.merchant)
    one = form.amount is not None or form.order is not None
    ends = call.now.replace(microsecond=0) + timedelta(minutes=form.minutes) if one else None
    money = None if form.amount is None else Money(form.amount, str(form.currency))
    link = AggregateLink(form.merchant, money, form.order, ends)
    tools = call.desk.tools
    text = sign_link(tools.challenge_key, link)
    url = tools.policy.party.origins[0] + _PATH + text
    expires = None if ends is None else rfc3339(ends)
    more = {"url": url, "svg": draw(url), "expires_at": expires}
    return Answer(200, encode({"object": "code", **_link(link), **more}))


async def read(call: Call) -> Answer:
    """Say what a scanned code asks for, and which network has opened it."""
    form: ScannedForm = call.body
    link = read_link([call.desk.tools.challenge_key], form.code, now=call.now)
    if call.merchant not in (None, link.merchant):
        raise Refused("aggregate_code_invalid", field="code")
    network = network_of(form.user_agent)
    return Answer(200, encode({"object": "scanned_code", **_link(link), "network": network}))


async def _check_merchant(call: Call, merchant: str) -> None:
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = (await find_parties(tx, [merchant])).get(merchant)
    foreign = call.merchant not in (None, merchant)
    if found is None or found.kind != "MERCHANT" or foreign:
        raise Refused("party_not_found", field="merchant")
    found.check_active(field="merchant")


def _link(link: AggregateLink) -> dict[str, Any]:
    return {
        "kind": "static" if link.expires_at is None else "dynamic",
        "merchant": link.merchant,
        "amount": None if link.amount is None else link.amount.minor,
        "currency": None if link.amount is None else link.amount.currency,
        "order": link.order,
    }


OPERATIONS = (
    Operation("create_code", "POST", "/v1/codes", "Make a code that every network's app opens.",
              create, scope="payments:write", body=CodeForm, answer=CodeDocument,
              refusals=("party_not_found", "currency_unknown", *BARRED),
              example={"merchant": "mer_01kaw000000000000000000000", "amount": 1250,
                       "currency": "CNY", "order": "T1"}),
    Operation("read_code", "POST", "/v1/codes/read", "Say what a scanned code asks for, and which"
              " network's app has opened it.", read, scope="payments:read", body=ScannedForm,
              answer=ScannedDocument,
              refusals=("aggregate_code_invalid", "aggregate_code_expired"),
              example={"code": "1.mer_1....sig", "user_agent": "MicroMessenger/8.0"}),
)  # fmt: skip
