"""The policy of cases: read it, propose another one; a second person brings it into force."""

from __future__ import annotations

import msgspec

from anfu.entrypoints.api.case_documents import CasePolicyDocument, CasePolicyForm
from anfu.entrypoints.api.case_view import reasons_document
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.proposals import ProposalDocument, proposal_document
from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.ids import new_id
from anfu.payments.document import encode
from anfu.risk.cases import queries
from anfu.risk.cases.policy import make_policy
from anfu.risk.cases.reasons import REASONS
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import PREFIX, Proposal, Subject, proposal_leaf
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

TARGET = "case_policy"


async def get(call: Call) -> Answer:
    """The policy in force."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        policy = await queries.get_policy(tx)
    document = {
        "object": "case_policy",
        "version": policy.version,
        "policy": policy.form,
        "reasons": reasons_document(REASONS),
    }
    return Answer(200, encode(document))


async def propose(call: Call) -> Answer:
    """Propose another one."""
    policy = make_policy(msgspec.to_builtins(call.body))
    now = call.now

    async def work(tx: Tx) -> Answer:
        id_ = new_id(PREFIX, now=now, entropy=call.desk.tools.entropy)
        made = Proposal(id_, Subject.CASE_POLICY, TARGET, policy.body, call.person, now)
        await proposals.propose(tx, proposal=made)
        await append(tx, leaves=[Leaf("proposal", id_, now, proposal_leaf(made, {}))])
        return Answer(201, encode(proposal_document(made)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=now)


OPERATIONS = (
    Operation("get_case_policy", "GET", "/v1/case-policy", "Read the policy cases are worked by.",
              get, scope="cases:read", answer=CasePolicyDocument, institution=True),
    Operation("propose_case_policy", "POST", "/v1/case-policy", "Propose another policy for cases.",
              propose, scope="cases:write", body=CasePolicyForm, answer=ProposalDocument,
              status=201, once=True, institution=True, refusals=("case_policy_invalid",),
              example={"first_response_s": 1800, "hold_most_s": 14400,
                       "two_people": {"CNY": 1000000}, "group_by": ["payer", "device", "card"],
                       "group_window_s": 3600, "group_most": 20, "sample_blocked": 1,
                       "queue": "review",
                       "escalation": [{"after_s": 900, "to": "shift-lead"}],
                       "calendar": {"weekdays": [1, 2, 3, 4, 5], "opens": 540, "closes": 1080,
                                    "holidays": ["2027-01-01"]}}),
)  # fmt: skip
