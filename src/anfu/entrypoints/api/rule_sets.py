"""Rule sets: what is in force, what was, and how they differ."""

from __future__ import annotations

import json

from anfu.entrypoints.api.documents import PageQuery, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.proposals import ProposalDocument
from anfu.entrypoints.api.rule_documents import (
    DifferenceDocument,
    PolicyForm,
    RuleSetDocument,
    StepList,
    WhyForm,
    rule_set_document,
    step_document,
)
from anfu.entrypoints.api.rules import ask
from anfu.kernel.errors import Refused
from anfu.payments.document import encode
from anfu.risk.queries import get_rule_set
from anfu.risk.rules import Thresholds
from anfu.risk.ruling import queries
from anfu.risk.ruling.change import difference
from anfu.risk.ruling.propose import NewPolicy, Restore
from anfu.storage.idempotency import Answer


async def listed(call: Call) -> Answer:
    """A page of what came into force, the newest first."""
    query: PageQuery = call.query
    before = None if query.after is None else _step(query.after)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_steps(tx, before=before, most=query.limit + 1)
    return Answer(200, page([step_document(step) for step in found], query.limit))


def _step(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Refused("query_invalid", field="after", reason="the number of a step")
    return int(text)


async def in_force(call: Call) -> Answer:
    """What decisions are made by."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await get_rule_set(tx, (await queries.get_step(tx)).rule_set)
    return Answer(200, encode(rule_set_document(found)))


async def get(call: Call) -> Answer:
    """One by its version."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await get_rule_set(tx, call.path["version"])
    return Answer(200, encode(rule_set_document(found)))


async def compare(call: Call) -> Answer:
    """What the second says otherwise."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        before = await get_rule_set(tx, call.path["version"])
        after = await get_rule_set(tx, call.path["other"])
    change = json.loads(difference(before, after, why="").body)
    document = {
        "object": "rule_set_difference",
        "before": before.version,
        "after": after.version,
        "rules": change["rules"],
        "policy": change["policy"],
    }
    return Answer(200, encode(document))


async def policy(call: Call) -> Answer:
    """Propose other thresholds or outcomes."""
    form: PolicyForm = call.body
    given = form.thresholds
    thresholds = None if given is None else Thresholds(given.middle, given.general, given.high)
    return await ask(call, NewPolicy(thresholds, form.outcomes), form.why)


async def restore(call: Call) -> Answer:
    """Propose to go back."""
    form: WhyForm = call.body
    return await ask(call, Restore(call.path["version"]), form.why)


_READ = ("rule_set_not_found",)

OPERATIONS = (
    Operation("list_rule_sets", "GET", "/v1/rule_sets", "List what came into force, with who"
              " wanted and who approved it; `after` is a step.", listed, scope="rules:read",
              institution=True, query=PageQuery, answer=StepList),
    Operation("get_rule_set_in_force", "GET", "/v1/rule_sets/in_force", "Read the rule set in"
              " force.", in_force, scope="rules:read",
              institution=True, answer=RuleSetDocument),
    Operation("get_rule_set", "GET", "/v1/rule_sets/{version}", "Read a rule set by its version.",
              get, scope="rules:read",
              institution=True, answer=RuleSetDocument, refusals=_READ),
    Operation("compare_rule_sets", "GET", "/v1/rule_sets/{version}/difference/{other}", "Read what"
              " another rule set says otherwise.", compare, scope="rules:read",
              institution=True, answer=DifferenceDocument, refusals=_READ),
    Operation("propose_policy", "POST", "/v1/rule_sets/policy", "Propose other thresholds of the"
              " score, or other outcomes of grades.", policy, scope="rules:write",
              institution=True, body=PolicyForm,
              answer=ProposalDocument, status=201, once=True,
              refusals=("change_empty", "thresholds_invalid",
                        "outcomes_invalid"),
              example={"why": "too many challenges", "thresholds":
                       {"middle": 80, "general": 160, "high": 260}}),
    Operation("propose_restore", "POST", "/v1/rule_sets/{version}/restore", "Propose to go back to"
              " a rule set that was in force.", restore, scope="rules:write",
              institution=True, body=WhyForm,
              answer=ProposalDocument, status=201, once=True,
              refusals=(*_READ, "rule_set_never_in_force", "change_empty", "condition_type",
                        "fact_unknown", "condition_not_allowed", "condition_syntax",
                        "condition_too_deep", "purpose_locked"),
              example={"why": "honest payers are stopped since noon"}),
)  # fmt: skip
