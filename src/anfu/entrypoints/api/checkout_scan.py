"""The page behind an aggregate code: which network's app has opened it, and a checkout for it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.channels.codes.aggregate import AggregateLink, read_link
from anfu.channels.codes.network import Network, network_of
from anfu.entrypoints.api.checkout import check_own_page
from anfu.entrypoints.api.checkout_page import modules
from anfu.entrypoints.api.documents import BARRED, Amount, Currency, Id, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_currency
from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.parties.queries import find_names, find_parties
from anfu.payments.checkouts.begin import NewCheckout, begin_checkout
from anfu.payments.checkouts.checkout import Offer, page_path
from anfu.payments.document import encode, rfc3339
from anfu.payments.tools import Tools
from anfu.storage.idempotency import Answer, Claim

_NETWORKS = tuple(network.lower() for network in Network)
_STATIC_LIFE = timedelta(minutes=15)
_CLAIMS = "code"
Code = Annotated[str, Meta(min_length=1, max_length=256)]


class ScanForm(Request, frozen=True):
    """What stands behind the address that was opened. `draw`: the address itself as a code, for a
    till that shows it."""

    code: Code
    draw: bool = False


class ScanDocument(Struct, frozen=True):
    """What a code asks for. `network`: whose app has opened it, null where the payer chooses;
    `networks`: those that can be paid through; `drawn`: the address, row by row."""

    object: Literal["scan"]
    kind: Literal["static", "dynamic"]
    payee_name: str
    amount: int | None
    currency: str | None
    order: str | None
    network: str | None
    networks: list[str]
    expires_at: str | None
    now: str
    drawn: list[str] | None


class ScanBeginForm(Request, frozen=True):
    """Pay what the code asks for; `amount` and `currency`: where it asks for none."""

    code: Code
    once: Id
    amount: Amount | None = None
    currency: Currency | None = None


class ScanCheckout(Struct, frozen=True):
    """The page of the checkout that was made."""

    object: Literal["scan_checkout"]
    checkout: str
    path: str


async def read(call: Call) -> Answer:
    """What a code asks for."""
    check_own_page(call)
    tools, text = call.desk.tools, call.body.code
    link = read_link([tools.challenge_key], text, now=call.now)
    async with tools.database.transaction(readonly=True) as tx:
        party = (await find_parties(tx, [link.merchant])).get(link.merchant)
        names = await find_names(tx, [link.merchant], ring=tools.sealer.ring)
    if party is None:
        raise Refused("party_not_found", field="code")
    party.check_active(field="code")
    network = network_of(call.headers.get(b"user-agent", b"").decode("latin-1"))
    networks = _networks(tools)
    opened = None if network is None else network.lower()
    url = f"{tools.policy.party.origins[0]}/code/{text}"
    return Answer(200, encode({
        "object": "scan", "kind": _kind(link), "payee_name": names[link.merchant],
        "amount": None if link.amount is None else link.amount.minor,
        "currency": None if link.amount is None else link.amount.currency, "order": link.order,
        "network": opened if opened in networks else None, "networks": networks,
        "expires_at": None if link.expires_at is None else rfc3339(link.expires_at),
        "now": rfc3339(call.now), "drawn": modules(url) if call.body.draw else None,
    }))  # fmt: skip


async def begin(call: Call) -> Answer:
    """A checkout for a guest: of a dynamic code one, whoever scans it and how often."""
    check_own_page(call)
    form: ScanBeginForm = call.body
    tools = call.desk.tools
    link = read_link([tools.challenge_key], form.code, now=call.now)
    amount, currency = _asked(link, form)
    check_currency(currency)
    static = link.expires_at is None
    life = _STATIC_LIFE if link.expires_at is None else link.expires_at - call.now
    content = digest([form.code, amount, currency])
    name = form.once if static else sha256(form.code.encode()).hexdigest()
    wish = NewCheckout(
        claim=Claim(_CLAIMS, f"{link.merchant}:{name}", content),
        merchant=link.merchant,
        payee=link.merchant,
        payer=None,
        amount=amount,
        currency=currency,
        order=link.order,
        description=link.order or "扫码付款",
        lines=(),
        offers=tuple(Offer(name) for name in _networks(tools)),
        return_url=None,
        life=life,
        code=_kind(link),
    )
    made = await begin_checkout(tools, wish, now=call.now)
    path = page_path(tools.challenge_key, made)
    return Answer(200, encode({"object": "scan_checkout", "checkout": made, "path": path}))


def _asked(link: AggregateLink, form: ScanBeginForm) -> tuple[int, str]:
    """Raises Refused(field_invalid) unless there is exactly one amount."""
    if (link.amount is None) is (form.amount is None) or (form.amount is None) is not (
        form.currency is None
    ):
        raise Refused("field_invalid", field="amount", reason="where the code asks for none")
    if link.amount is not None:
        return link.amount.minor, link.amount.currency
    return form.amount or 0, form.currency or ""


def _kind(link: AggregateLink) -> Literal["static", "dynamic"]:
    return "static" if link.expires_at is None else "dynamic"


def _networks(tools: Tools) -> list[str]:
    """Those a method is named after, in the order they are shown."""
    return [name for name in _NETWORKS if tools.routes_of(name)]


_CODE = ("page_foreign", "aggregate_code_invalid", "aggregate_code_expired", "party_not_found",
         *BARRED)  # fmt: skip
OPERATIONS = (
    Operation("read_scan", "POST", "/v1/checkout/scan", "What a scanned code asks for, for its"
              " page.", read, body=ScanForm, answer=ScanDocument, refusals=_CODE),
    Operation("begin_scan", "POST", "/v1/checkout/scan/begin", "Make a checkout of a scanned code,"
              " from its page.", begin, body=ScanBeginForm, answer=ScanCheckout,
              refusals=(*_CODE, "currency_unknown", "currency_not_supported",
                        "idempotency_key_reused", "idempotency_in_flight")),
)  # fmt: skip
