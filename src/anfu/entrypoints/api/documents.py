"""The forms of requests and answers. A request with a field nobody declared is refused: a typing
mistake in the name of a limit or an amount must not pass unseen."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from anfu.channels.port import HandoverKind, Scene
from anfu.channels.reasons import Fault, Retry
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR
from anfu.limits.rule import Step
from anfu.payments.payment import RefundState, State
from anfu.payments.route import Why
from anfu.payments.sought.wanted import Span
from anfu.risk.rules import Outcome

Amount = Annotated[int, Meta(ge=1, le=MAX_MINOR, description="Minor units.")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3, examples=["CNY"])]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Limit = Annotated[int, Meta(ge=1, le=100, description="How many at the most.")]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
PayeeKind = Literal["CUSTOMER", "MERCHANT"]
Mcc = Annotated[str, Meta(pattern="^[0-9]{4}$", max_length=4, description="ISO 18245.")]
Moment = Annotated[datetime, Meta(tz=True)]
# Why a party takes no part in payments.
BARRED = ("party_suspended", "firm_not_verified", "merchant_not_approved", "merchant_overdue",
          "merchant_closed")  # fmt: skip
# Marks what tells who somebody is, how to reach them, what they prove with, where they are: the
# operations whose answers hold it leave who read it in the access log.
PERSONAL = Meta(extra_json_schema={"x-personal": True})
Personal = Annotated[str, PERSONAL]
PersonalFacts = Annotated[dict[str, Any], PERSONAL]


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """What callers send."""


class ProblemDocument(Struct, frozen=True):
    """RFC 9457: what went wrong and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str = ""
    details: dict[str, Any] = {}


class Method(Request, frozen=True):
    """`balance`, or the name of a method that goes through a network, with a card token of it;
    `payer_code` for whatever a payer shows: a code of ours, or of a network. `code`: the code the
    payment began with, if any (条码). Of a bank account, `debit`: who takes the money from it, and
    `verified_by`: who verified the payer for that; the bank, unless told otherwise.

    Without a card: the `scene` in which the payer confirms at the network. `payer_code`: what the
    payer has shown, of which nothing is kept; `network_payer`: whom the network knows the payer as
    (openid); `return_url`: where a browser comes back to."""

    type: Name
    card: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    code: Literal["static", "dynamic"] | None = None
    debit: Literal["bank", "institution"] | None = None
    verified_by: Literal["bank", "institution"] | None = None
    scene: Scene | None = None
    payer_code: Annotated[str, Meta(min_length=16, max_length=512)] | None = None
    network_payer: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    return_url: Annotated[str, Meta(max_length=512, pattern=r"^https?://[!-~]+$")] | None = None


class EnvironmentForm(Request, frozen=True):
    """What the caller saw of the payer's device and place; `session`: the device session whose
    profile proves the device."""

    device: Id | None = None
    session: Id | None = None
    address: Annotated[str, Meta(max_length=45, description="IPv4 or IPv6.")] | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class PaymentForm(Request, frozen=True):
    """An order to pay. `payer`: left out where a code of ours says it. `factors`: what the caller
    has verified of the payer already. `mandate`: the one it is drawn under, with no proof asked."""

    payee: Id
    amount: Amount
    currency: Currency
    method: Method
    payer: Id | None = None
    environment: EnvironmentForm = EnvironmentForm()
    factors: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    order: Text | None = None
    description: Text | None = None
    terminal: Id | None = None
    mandate: Id | None = None
    promotion: Id | None = None
    occurred_at: Moment | None = None


class MethodDocument(Struct, frozen=True):
    """How a payment is made."""

    type: str
    card: str | None
    code: Literal["static", "dynamic"] | None
    debit: Literal["bank", "institution"] | None
    verified_by: Literal["bank", "institution"] | None
    scene: Scene | None


class HandoverDocument(Struct, frozen=True):
    """What the payer's device does: show `text` as a QR code (CODE), open `url` (LINK), post all
    values but `action` to it (FORM), or give them to the network's SDK (CALL)."""

    kind: HandoverKind
    values: dict[str, str]


class RouteDocument(Struct, frozen=True):
    """The channel a payment goes through, and why it and no other."""

    channel: str
    why: Why
    passed_over: dict[str, Why]


class RemedyDocument(Struct, frozen=True):
    """Why a network did not do it, whose matter that is, and what to do: with `retry` PAYER, what
    `next` says; LATER, the same again; ROUTE, another network; NEVER, not with these means."""

    fault: Fault
    retry: Retry
    what: TitleDocument
    next: TitleDocument


class TitleDocument(Struct, frozen=True):
    """What a rule is called."""

    en: str
    zh: str


class RefusalDocument(Struct, frozen=True):
    """Why a payment was refused. Beside `code`, for a limit: the rule, its law, what is left in
    minor units, when it begins anew, and what would raise it; for `factor_unavailable`: what the
    payer can do, who can prove nothing now."""

    code: Literal[
        "limit_exceeded", "insufficient_funds", "account_not_found", "account_closed",
        "party_suspended", "merchant_overdue", "merchant_closed", "factor_unavailable",
        "mandate_not_active", "mandate_expired", "mandate_not_for_this", "mandate_other_device",
        "mandate_exceeded",
    ]  # fmt: skip
    rule: str | None = None
    law: str | None = None
    article: str | None = None
    quote: str | None = None
    title: TitleDocument | None = None
    limit: int | None = None
    used: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    raise_by: list[Step] = []
    ways_out: list[Literal["enrol_factor", "wait", "contact_us", "pay_with_proof"]] = []


class PaymentDocument(Struct, frozen=True):
    """A payment as it stands."""

    id: str
    object: Literal["payment"]
    state: State
    payer: str
    payee: str
    amount: int
    refunded: int
    currency: str
    method: MethodDocument
    order: str | None
    description: str | None
    factors: list[str]
    liability: Literal["institution"] | None
    decision: str | None
    outcome: Outcome | None
    reasons: list[str]
    refusal: RefusalDocument | None
    failure: str | None
    remedy: RemedyDocument | None
    channel: str | None
    channel_reference: str | None
    attempt: int
    route: RouteDocument | None
    handover: HandoverDocument | None
    order_expires_at: datetime | None
    challenge: str | None
    mandate: str | None
    created_at: datetime
    occurred_at: datetime
    updated_at: datetime


class NoteForm(Request, frozen=True):
    """Why a reviewer ends a wait so."""

    note: Text | None = None


class Destination(Request, frozen=True):
    """`balance`, or a channel with a card token of its network."""

    type: Name
    card: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class RefundForm(Request, frozen=True):
    """An order to give back; without an amount, all that is left. It goes to the account it came
    from (43号 art. 15); `to`, where a caller names one, must be that account."""

    payment: Id
    amount: Amount | None = None
    to: Destination | None = None
    reason: Text | None = None


class RefundDocument(Struct, frozen=True):
    """A refund as it stands."""

    id: str
    object: Literal["refund"]
    state: RefundState
    payment: str
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    reason: str | None
    failure: str | None
    remedy: RemedyDocument | None
    channel_reference: str | None
    created_at: datetime
    updated_at: datetime


class PageQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Part of a list: what follows `after` (an id of the page before)."""

    limit: Limit = 20
    after: Id | None = None


class SpanQuery(PageQuery, frozen=True):
    """Made in `[from, until)`, of `least` to `most` minor units."""

    since: Moment | None = field(name="from", default=None)
    until: Moment | None = None
    least: Amount | None = None
    most: Amount | None = None

    @property
    def span(self) -> Span:
        """What the ledger of payments is asked for. Raises Refused(query_invalid) for a time no id
        was made at."""
        for name, moment in (("from", self.since), ("until", self.until)):
            if moment is not None and not 1971 <= moment.year < 2200:
                raise Refused("query_invalid", field=name, reason="not of our time")
        return Span(self.since, self.until, self.least, self.most)


class DepositForm(Request, frozen=True):
    """Money that reached the reserve account for a customer or merchant (充值)."""

    party: Id
    amount: Amount
    currency: Currency


class DepositDocument(Struct, frozen=True):
    """A deposit."""

    id: str
    object: Literal["deposit"]
    party: str
    amount: int
    currency: str
    created_at: datetime


class BalanceDocument(Struct, frozen=True):
    """What a party has, in minor units. `available` leaves out what is held."""

    object: Literal["balance"]
    party: str
    currency: str
    posted: int
    available: int


def page(documents: list[dict[str, Any]], limit: int) -> bytes:
    """A list as one page; `more` is whether there may be more after it."""
    return msgspec.json.encode(
        {"object": "list", "data": documents[:limit], "more": len(documents) > limit}
    )


def page_to(documents: list[dict[str, Any]], after: str | None) -> bytes:
    """A list as one page of a window; `after` is the cursor of the next one."""
    return msgspec.json.encode(
        {"object": "list", "data": documents, "more": after is not None, "next": after}
    )
