"""Decisions: ask for one without a payment, read one, and tell later what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import (
    Amount,
    Currency,
    EnvironmentForm,
    Id,
    Moment,
    Name,
    Request,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import (
    check_card,
    check_currency,
    check_moment,
    environment_of,
)
from anfu.kernel.errors import Refused
from anfu.payments.assess import Assessment
from anfu.payments.document import encode, rfc3339
from anfu.payments.label import LabelOrder, label
from anfu.payments.queries import get_payment
from anfu.risk import queries
from anfu.risk.event import Event
from anfu.risk.rules import Grade, Outcome
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class DecisionForm(Request, frozen=True):
    """A payment that another switch will make; `event` is the caller's id of it."""

    event: Id
    payer: Id
    payee: Id
    amount: Amount
    currency: Currency
    method: Name
    card: Id | None = None
    environment: EnvironmentForm = EnvironmentForm()
    occurred_at: Moment | None = None


class DecisionDocument(Struct, frozen=True):
    """A verdict: ALLOW, CHALLENGE, REVIEW or BLOCK, with its reasons, strongest first."""

    id: str
    object: Literal["decision"]
    event: str
    outcome: Outcome
    grade: Grade
    score: int
    reasons: list[str]
    catalogue: str
    rule_set: str
    occurred_at: datetime
    facts: dict[str, Any] = {}


class LabelForm(Request, frozen=True):
    """What a payment turned out to be."""

    payment: Id
    label: Literal["FRAUD", "HONEST"]
    source: Name = "api"


class LabelDocument(Struct, frozen=True):
    """A label."""

    object: Literal["label"]
    payment: str
    label: Literal["FRAUD", "HONEST"]
    source: str
    created_at: datetime


async def create(call: Call) -> Answer:
    """Decide on an event, without a payment."""
    form: DecisionForm = call.body
    check_currency(form.currency)
    check_card(form.card, "card")
    check_moment(form.occurred_at)
    if form.occurred_at is not None:
        call.key.require("history:write")
        if not call.desk.tools.policy.accept_history:
            raise Refused("history_not_accepted", field="occurred_at")
    event = Event(
        id=form.event,
        payer=form.payer,
        payee=form.payee,
        amount=form.amount,
        currency=form.currency,
        method=form.method,
        card=form.card,
        at=form.occurred_at or call.now,
        environment=environment_of(form.environment),
    )
    return await call.desk.go_on(await call.desk.assessing.submit(Assessment(call.once, event)))


async def get(call: Call) -> Answer:
    """One decision with the facts it was made from."""
    tools = call.desk.tools
    async with tools.database.transaction(readonly=True) as tx:
        stored = await queries.get_decision(tx, call.path["decision"])
        facts = await queries.named_facts(tx, stored)
        await _check(tx, call, str(facts["event"]))
    document = {
        "id": stored.id,
        "object": "decision",
        "event": facts["event"],
        "outcome": stored.verdict.outcome,
        "grade": stored.verdict.grade,
        "score": stored.verdict.score,
        "reasons": stored.verdict.reasons,
        "catalogue": stored.catalogue,
        "rule_set": stored.rule_set,
        "occurred_at": rfc3339(stored.at),
        "facts": facts,
    }
    return Answer(200, encode(document))


async def _check(tx: Tx, call: Call, payment: str) -> None:
    """A merchant sees the decisions on its own payments."""
    try:
        if call.merchant is not None:
            await get_payment(tx, payment, merchant=call.merchant)
    except Refused:
        raise Refused("decision_not_found", field="id", id=call.path["decision"]) from None


async def put_label(call: Call) -> Answer:
    """Tell what a payment turned out to be."""
    form: LabelForm = call.body
    order = LabelOrder(call.once, call.merchant, form.payment, form.label, form.source)
    return await label(call.desk.tools, order, now=call.now)


OPERATIONS = (
    Operation("create_decision", "POST", "/v1/decisions", "Decide on a payment that another switch"
              " makes.", create, scope="decisions:write", body=DecisionForm,
              answer=DecisionDocument, status=201, once=True,
              refusals=("currency_unknown", "card_number_refused", "history_not_accepted"),
              example={"event": "order-17", "payer": "alice", "payee": "tea-shop", "amount": 1250,
                       "currency": "CNY", "method": "card",
                       "environment": {"device": "phone-1", "address": "203.0.113.7"}}),
    Operation("get_decision", "GET", "/v1/decisions/{decision}", "Read a decision.", get,
              scope="decisions:read", answer=DecisionDocument,
              refusals=("decision_not_found",)),
    Operation("create_label", "POST", "/v1/labels", "Tell what a payment turned out to be.",
              put_label, scope="labels:write", body=LabelForm, answer=LabelDocument, status=201,
              once=True, refusals=("payment_not_found",),
              example={"payment": "pay_01kaw000000000000000000000", "label": "FRAUD"}),
)  # fmt: skip
