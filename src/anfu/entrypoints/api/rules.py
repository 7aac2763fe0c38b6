"""Rules: write them, check them, and propose where they shall stand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from anfu.entrypoints.api.documents import page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.proposals import ProposalDocument, proposal_document
from anfu.entrypoints.api.rule_documents import (
    CheckDocument,
    DraftForm,
    LiveForm,
    RuleDocument,
    RuleForm,
    RuleList,
    RuleQuery,
    WhyForm,
    draft_document,
    move_document,
    remark_document,
    rule_document,
    rule_of,
)
from anfu.kernel.errors import Refused
from anfu.payments.document import encode
from anfu.payments.tools import Tools
from anfu.risk.queries import get_rule_set
from anfu.risk.ruling import queries
from anfu.risk.ruling.check import Remark, Severity, inspect
from anfu.risk.ruling.draft import Writing, draft
from anfu.risk.ruling.life import Known, Life
from anfu.risk.ruling.propose import Move, Order, Rulebook, Wish, propose
from anfu.storage.idempotency import Answer


def book(tools: Tools) -> Rulebook:
    """What rules are read against here."""
    declared = tools.lists.book.declared.values()
    known = {d.name: d.inputs for d in declared}
    return Rulebook(tools.engine.catalogue, known, tools.engine.lists.act)


async def listed(call: Call) -> Answer:
    """A page."""
    query: RuleQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_known(
            tx, state=query.state, after=query.after, most=query.limit + 1
        )
    return Answer(200, page([rule_document(known) for known in found], query.limit))


async def get(call: Call) -> Answer:
    """One, with all that was written and became of it."""
    rule = call.path["rule"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        known = await queries.get_known(tx, rule)
        drafts = await queries.list_drafts(tx, rule)
        moves = await queries.list_moves(tx, rule)
    past = {
        "drafts": [draft_document(one) for one in drafts],
        "moves": [move_document(move) for move in moves],
    }
    return Answer(200, encode({**rule_document(known), **past}))


async def create(call: Call) -> Answer:
    """The first draft."""
    form: RuleForm = call.body
    return await _write(call, form, None)


async def redraft(call: Call) -> Answer:
    """The next draft."""
    form: DraftForm = call.body
    if form.id != call.path["rule"]:
        raise Refused("field_invalid", field="id", reason="not the id of the address")
    return await _write(call, form, form.replaces)


async def _write(call: Call, form: RuleForm, replaces: int | None) -> Answer:
    tools = call.desk.tools
    writing = Writing(call.once, call.person, [rule_of(form)], replaces)
    read = book(tools)
    return await draft(
        tools.database, writing, catalogue=read.catalogue, lists=read.lists, describe=_described,
        now=call.now,
    )  # fmt: skip


def _described(known: Sequence[Known], remarks: Sequence[Remark]) -> bytes:
    return encode(rule_document(known[0], remarks))


async def check(call: Call) -> Answer:
    """What would be said of it, without writing anything."""
    form: RuleForm = call.body
    tools = call.desk.tools
    read = book(tools)
    async with tools.database.transaction(readonly=True) as tx:
        in_force = await get_rule_set(tx, (await queries.get_step(tx)).rule_set)
    work = partial(inspect, [rule_of(form)], in_force, read.catalogue, lists=read.lists)
    remarks = await asyncio.to_thread(work)
    document = {
        "object": "rule_check",
        "valid": all(remark.severity is not Severity.ERROR for remark in remarks),
        "remarks": [remark_document(remark) for remark in remarks],
    }
    return Answer(200, encode(document))


async def shadow(call: Call) -> Answer:
    """Watch it."""
    form: WhyForm = call.body
    return await ask(call, Move(call.path["rule"], Life.SHADOW), form.why)


async def live(call: Call) -> Answer:
    """Let it act."""
    form: LiveForm = call.body
    move = Move(call.path["rule"], Life.LIVE, form.rollout, form.replaces)
    return await ask(call, move, form.why)


async def retire(call: Call) -> Answer:
    """Take it out."""
    form: WhyForm = call.body
    return await ask(call, Move(call.path["rule"], Life.RETIRED), form.why)


async def ask(call: Call, wish: Wish, why: str) -> Answer:
    """Propose what would act on traffic."""
    tools = call.desk.tools
    return await propose(
        tools.database,
        Order(call.once, call.person, why, wish),
        book=book(tools),
        entropy=tools.entropy,
        describe=lambda proposal: encode(proposal_document(proposal)),
        now=call.now,
    )


_LANGUAGE = ("condition_too_long", "condition_syntax", "condition_not_allowed", "condition_type",
             "condition_too_deep", "fact_unknown", "list_unknown", "list_input_unknown",
             "purpose_locked")  # fmt: skip
WRITTEN = (*_LANGUAGE, "units_differ", "never_true", "rule_id_reserved",
           "rule_id_invalid", "rule_reason_invalid", "rule_points_invalid",
           "rule_text_missing")  # fmt: skip
_MOVED = ("rule_not_found", "rule_move_empty", *_LANGUAGE, "units_differ",
          "never_true", "change_empty")  # fmt: skip
_RULE = {"id": "night_takeover", "condition": "payer_device_age_s < 3600 AND amount >= 100000"
         " AND IN_WINDOW(hour, 23, 5)", "grade": "MIDDLE", "points": 60,
         "reason": "NIGHT_TAKEOVER", "en": "A large payment at night by a device just seen",
         "zh": "夜间由新设备发起的大额支付"}  # fmt: skip

OPERATIONS = (
    Operation("list_rules", "GET", "/v1/rules", "List rules, by id.", listed,
              scope="rules:read", institution=True,
              query=RuleQuery, answer=RuleList),
    Operation("get_rule", "GET", "/v1/rules/{rule}", "Read a rule with all its drafts and moves.",
              get, scope="rules:read", institution=True, answer=RuleDocument,
              refusals=("rule_not_found",)),
    Operation("create_rule", "POST", "/v1/rules", "Write the first draft of a rule. Nothing acts"
              " on a draft.", create,
              scope="rules:write", institution=True, body=RuleForm, answer=RuleDocument,
              status=201, once=True, refusals=(*WRITTEN, "rule_id_taken"), example=_RULE),
    Operation("create_rule_draft", "POST", "/v1/rules/{rule}/drafts", "Write the next draft of a"
              " rule.", redraft,
              scope="rules:write", institution=True, body=DraftForm, answer=RuleDocument,
              status=201, once=True, refusals=(*WRITTEN, "rule_not_found", "draft_moved_on"),
              example={**_RULE, "replaces": 1}),
    Operation("check_rule", "POST", "/v1/rule_checks", "Check a rule without writing it: errors,"
              " warnings and notes, with their places.", check,
              scope="rules:read", institution=True, body=RuleForm,
              answer=CheckDocument, example=_RULE),
    Operation("propose_rule_shadow", "POST", "/v1/rules/{rule}/shadow", "Propose to watch the"
              " newest draft on live traffic, or to take a live rule back.", shadow,
              scope="rules:write", institution=True, body=WhyForm, answer=ProposalDocument,
              status=201, once=True, refusals=_MOVED, example={"why": "seen in last week's cases"}),
    Operation("propose_rule_live", "POST", "/v1/rules/{rule}/live", "Propose to let a watched rule"
              " act, on all payers or a share of them.", live,
              scope="rules:write", institution=True, body=LiveForm,
              answer=ProposalDocument, status=201, once=True,
              refusals=(*_MOVED, "rule_not_watched", "rule_not_live", "rule_rollout_invalid"),
              example={"why": "nothing honest was caught in two weeks", "rollout": 10}),
    Operation("propose_rule_retire", "POST", "/v1/rules/{rule}/retire", "Propose to take a rule"
              " out of the set.", retire, scope="rules:write", institution=True, body=WhyForm,
              answer=ProposalDocument, status=201, once=True,
              refusals=(*_MOVED, "rule_not_watched"), example={"why": "the model covers it"}),
)  # fmt: skip
