"""Back-tests: asked for over HTTP, done by the worker, read when they are done."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Limit, Moment, Name, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.lab.backtests import operations, queries
from anfu.lab.backtests.gate import check_tested
from anfu.lab.backtests.job import Backtest, State
from anfu.lab.backtests.wish import PREFIX, Wish, conditions_of, rules_apart
from anfu.payments.document import encode, rfc3339
from anfu.risk.proposals.proposal import State as ProposalState
from anfu.risk.proposals.queries import get_proposal
from anfu.risk.rules import Grade, Outcome, Rule, RuleSet, RuleState, Thresholds, make_rule_set
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Points = Annotated[int, Meta(ge=0, le=1_000)]
Days = Annotated[float, Meta(ge=0, le=3_650)]
Rules = Annotated[list["TestedRule"], Meta(max_length=500)]


class TestedRule(Request, frozen=True):
    """A rule as it would be saved."""

    id: Name
    condition: Annotated[str, Meta(min_length=1, max_length=4_000)]
    grade: Grade
    points: Points
    reason: Name
    en: Name
    zh: Name
    outcome: Outcome | None = None
    state: RuleState = RuleState.LIVE
    rollout: Annotated[int, Meta(ge=0, le=100)] = 100
    typology: Name | None = None


class ThresholdsForm(Request, frozen=True):
    """The score from which on a grade is given."""

    middle: Points
    general: Points
    high: Points


class BacktestForm(Request, frozen=True):
    """`rules` alone are tested each on its own; with `thresholds` or `outcomes` they are a whole
    rule set, and without rules it is the one in force under other thresholds or outcomes. `cutoff`:
    no label said later is used (now, unless given). `proposal`: whose paper the figures become;
    then what is tested must be what it changes, its rules word for word or its policy."""

    start: Moment
    end: Moment
    rules: Rules | None = None
    thresholds: ThresholdsForm | None = None
    outcomes: dict[Grade, Outcome] | None = None
    cutoff: Moment | None = None
    label_delay_days: Days = 30
    proposal: Id | None = None


class BacktestQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Newest first; `after` is the last id of the page before."""

    limit: Limit = 20
    after: Id | None = None


class BacktestDocument(Struct, frozen=True):
    """A back-test; `figures` once it is DONE, only where one is read. `problem`: why it FAILED, or
    was not attached."""

    id: str
    object: Literal["backtest"]
    state: State
    created_at: datetime
    author: str
    start: datetime
    end: datetime
    cutoff: datetime
    label_delay_days: float
    tested: str
    proposal: str | None
    finished_at: datetime | None
    problem: str | None
    figures: dict[str, Any] | None = None


class BacktestList(Struct, frozen=True):
    """A page of back-tests."""

    object: Literal["list"]
    data: list[BacktestDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Ask for one."""
    form: BacktestForm = call.body
    engine = call.desk.tools.engine
    tested, whole = _tested(form, engine.rule_set)
    conditions_of(engine.catalogue, tested)
    wish = Wish(
        tested=tested,
        live=engine.rule_set,
        whole=whole,
        start=form.start,
        end=form.end,
        cutoff=form.cutoff or call.now,
        label_delay=timedelta(days=form.label_delay_days),
    )
    identity = new_id(PREFIX, now=call.now, entropy=call.desk.tools.entropy)
    asked = Backtest(identity, call.now, call.person, wish.body, form.proposal)

    async def work(tx: Tx) -> Answer:
        if form.proposal is not None:
            proposal = await get_proposal(tx, form.proposal)
            if proposal.state is not ProposalState.OPEN:
                raise Refused("proposal_closed", field="proposal", state=proposal.state)
            check_tested(proposal, wish)
        await operations.ask(tx, backtest=asked)
        return Answer(202, encode(backtest_document(asked)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def listed(call: Call) -> Answer:
    """A page."""
    query: BacktestQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_backtests(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([backtest_document(b) for b in found], query.limit))


async def get(call: Call) -> Answer:
    """One, with its figures."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_backtest(tx, call.path["backtest"])
    figures = None if found.figures is None else json.loads(found.figures)
    return Answer(200, encode({**backtest_document(found), "figures": figures}))


def backtest_document(backtest: Backtest) -> dict[str, Any]:
    """What a caller learns of a back-test."""
    wish = json.loads(backtest.wish)
    return {
        "id": backtest.id,
        "object": "backtest",
        "state": backtest.state,
        "created_at": rfc3339(backtest.created_at),
        "author": backtest.author,
        **{name: wish[name] for name in ("start", "end", "cutoff")},
        "label_delay_days": wish["label_delay_s"] / 86_400,
        "tested": wish["version"],
        "proposal": backtest.proposal,
        "finished_at": backtest.finished_at and rfc3339(backtest.finished_at),
        "problem": backtest.problem,
    }


def _tested(form: BacktestForm, live: RuleSet) -> tuple[RuleSet, bool]:
    """What is tested, and whether it is a whole rule set."""
    given = live.rules if form.rules is None else [_rule(rule) for rule in form.rules]
    if form.rules is not None and form.thresholds is None and form.outcomes is None:
        return rules_apart(given), False
    limits = form.thresholds
    thresholds = (
        live.thresholds
        if limits is None
        else Thresholds(limits.middle, limits.general, limits.high)
    )
    return make_rule_set(given, thresholds, form.outcomes or live.outcomes), True


def _rule(form: TestedRule) -> Rule:
    return Rule(**{name: getattr(form, name) for name in form.__struct_fields__})


_WRONG = ("backtest_span_invalid", "rule_id_invalid", "rule_id_repeated", "rule_reason_invalid",
          "rule_text_missing", "thresholds_invalid", "outcomes_invalid", "condition_too_long",
          "condition_syntax", "condition_not_allowed", "condition_too_deep", "condition_type",
          "fact_unknown", "proposal_not_found", "proposal_closed",
          "backtest_other_change")  # fmt: skip
_EXAMPLE = {
    "start": "2026-09-01T00:00:00Z", "end": "2026-11-01T00:00:00Z",
    "rules": [{"id": "large_and_far", "condition": "amount > 500000 AND distance_km > 800",
               "grade": "MIDDLE", "points": 40, "reason": "LARGE_AND_FAR",
               "en": "A large payment far from home", "zh": "远离常用地的大额支付"}],
}  # fmt: skip

OPERATIONS = (
    Operation("create_backtest", "POST", "/v1/backtests", "Test rules, a rule set or other"
              " thresholds on history.", create, scope="backtests:write", body=BacktestForm,
              answer=BacktestDocument, status=202, once=True, institution=True, refusals=_WRONG,
              example=_EXAMPLE),
    Operation("list_backtests", "GET", "/v1/backtests", "List back-tests.", listed,
              scope="rules:read", query=BacktestQuery, answer=BacktestList, institution=True),
    Operation("get_backtest", "GET", "/v1/backtests/{backtest}", "Read a back-test with its"
              " figures.", get, scope="rules:read", answer=BacktestDocument, institution=True,
              refusals=("backtest_not_found",)),
)  # fmt: skip
