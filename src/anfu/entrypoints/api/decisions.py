"""Decisions: ask for one or many without a payment, try one out, read one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Amount, Currency, Id, Name, PersonalFacts, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.told import WRONG, Own, ToldForm, event_of
from anfu.kernel.errors import Refused
from anfu.kernel.ids import is_id
from anfu.parties.party import CUSTOMER_PREFIX
from anfu.payments.assess import Assessment, try_out, verdict_document
from anfu.payments.document import encode, rfc3339
from anfu.payments.queries import get_payment
from anfu.risk import queries
from anfu.risk.engine import Budget
from anfu.risk.event import Event, Kind
from anfu.risk.rules import Grade, Outcome, RuleSet, reason_text
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

MOST = 128
Deadline = Annotated[int, Meta(ge=1, le=10_000, description="Milliseconds from arrival.")]


class AssessedForm(ToldForm, frozen=True, kw_only=True):
    """A payment that another switch will make."""

    payee: Id
    amount: Amount
    currency: Currency
    method: Name


class DecisionForm(AssessedForm, frozen=True, kw_only=True):
    """`deadline_ms`: what is not known by then is done without. `dry_run`: nothing is learned and
    nothing kept, the idempotency key neither."""

    deadline_ms: Deadline | None = None
    dry_run: bool = False


class DecisionBatchForm(Request, frozen=True):
    """Payments to be decided on in turn, all of them or none, under one idempotency key. The
    deadline is the whole batch's."""

    decisions: Annotated[tuple[AssessedForm, ...], Meta(min_length=1, max_length=MOST)]
    deadline_ms: Deadline | None = None
    dry_run: bool = False


class ReasonDocument(Struct, frozen=True):
    """A reason in words."""

    code: str
    en: str
    zh: str


class DecisionDocument(Struct, frozen=True):
    """A verdict: ALLOW, CHALLENGE, REVIEW or BLOCK, with its reasons, strongest first. `id` is null
    after a dry run. `list_hits` are `list:field`; `degraded` what was not ready in time."""

    id: str | None
    object: Literal["decision"]
    event: str
    outcome: Outcome
    grade: Grade
    score: int
    reasons: list[str]
    list_hits: list[str]
    model_score: float | None
    degraded: list[str]
    dry_run: bool
    catalogue: str
    rule_set: str
    occurred_at: datetime
    facts: PersonalFacts = {}
    reason_texts: list[ReasonDocument] = []


class DecisionList(Struct, frozen=True):
    """Decisions in the order of what was asked."""

    object: Literal["list"]
    data: list[DecisionDocument]


class DecisionQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`expand=reasons` adds `reason_texts`."""

    expand: Literal["reasons"] | None = None


async def create(call: Call) -> Answer:
    """Decide on an event, without a payment."""
    form: DecisionForm = call.body
    return await _decide(call, (form,), form, many=False)


async def create_batch(call: Call) -> Answer:
    """Decide on many."""
    form: DecisionBatchForm = call.body
    return await _decide(call, form.decisions, form, many=True)


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
        **verdict_document(stored.verdict, facts),
        "dry_run": False,
        "catalogue": stored.catalogue,
        "rule_set": stored.rule_set,
        "occurred_at": rfc3339(stored.at),
        "facts": facts,
    }
    call.saw(*people_of([facts]))
    return await _expanded(call, Answer(200, encode(document)))


def people_of(known: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Whom the facts of decisions speak of: each payer, and each payee that is a person."""
    for facts in known:
        yield str(facts["payer"])
        payee = str(facts["payee"])
        if is_id(CUSTOMER_PREFIX, payee) or facts.get("payee_kind") == "CUSTOMER":
            yield payee


async def _decide(
    call: Call,
    forms: Sequence[AssessedForm],
    wish: DecisionForm | DecisionBatchForm,
    *,
    many: bool,
) -> Answer:
    events = tuple(_event(call, form, f"decisions[{n}]." * many) for n, form in enumerate(forms))
    budget = None
    if wish.deadline_ms is not None:
        budget = Budget(call.arrived_s + wish.deadline_ms / 1000, time.perf_counter)
    desk, order = call.desk, Assessment(call.once, events, budget, many, call.merchant)
    if wish.dry_run:
        answer = await try_out(desk.tools, order, now=call.now)
    else:
        gate = desk.assessing_batches if many else desk.assessing
        result = await gate.submit(order)
        answer = await desk.go_on(result)
    return await _expanded(call, answer)


def _event(call: Call, form: AssessedForm, where: str) -> Event:
    if is_id("pay", form.event):  # or a label of one could be taken for a label of the other
        raise Refused("field_invalid", field=f"{where}event", reason="an id of a payment of ours")
    own = Own(Kind.PAYMENT, form.payee, form.amount, form.currency, form.method)
    return event_of(call, form, own, where)


async def _expanded(call: Call, answer: Answer) -> Answer:
    """The answer with its reasons in words, where the caller asks for them: never part of what is
    remembered, which is the same whoever asks how."""
    query: DecisionQuery = call.query
    if query.expand is None:
        return answer
    document = msgspec.json.decode(answer.body)
    for one in document.get("data", [document]):
        rule_set = await _rule_set(call, one["rule_set"])
        one["reason_texts"] = [{"code": c, **reason_text(c, rule_set)} for c in one["reasons"]]
    return Answer(answer.status, encode(document))


async def _rule_set(call: Call, version: str) -> RuleSet:
    tools = call.desk.tools
    if tools.engine.rule_set.version == version:
        return tools.engine.rule_set
    async with tools.database.transaction(readonly=True) as tx:
        return await queries.get_rule_set(tx, version)


async def _check(tx: Tx, call: Call, payment: str) -> None:
    """A merchant sees the decisions on its own payments."""
    try:
        if call.merchant is not None:
            await get_payment(tx, payment, merchant=call.merchant)
    except Refused:
        raise Refused("decision_not_found", field="id", id=call.path["decision"]) from None


_EXAMPLE = {"event": "order-17", "payer": "alice", "payee": "tea-shop", "amount": 1250,
            "currency": "CNY", "method": "card", "payee_kind": "MERCHANT", "mcc": "5814",
            "environment": {"device": "phone-1", "address": "203.0.113.7"}}  # fmt: skip

OPERATIONS = (
    Operation("create_decision", "POST", "/v1/decisions", "Decide on a payment that another switch"
              " makes.", create, scope="decisions:write", body=DecisionForm, query=DecisionQuery,
              answer=DecisionDocument, status=201, once=True, refusals=WRONG,
              example={**_EXAMPLE, "deadline_ms": 50}),
    Operation("create_decisions", "POST", "/v1/decisions/batch", "Decide on up to 128 payments in"
              " turn.", create_batch, scope="decisions:write", body=DecisionBatchForm,
              query=DecisionQuery, answer=DecisionList, status=201, once=True, refusals=WRONG,
              example={"decisions": [_EXAMPLE]}, most=256 * 1024),
    Operation("get_decision", "GET", "/v1/decisions/{decision}", "Read a decision.", get,
              scope="decisions:read", query=DecisionQuery, answer=DecisionDocument,
              personal=True, refusals=("decision_not_found",)),
)  # fmt: skip
