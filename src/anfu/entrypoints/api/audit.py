"""The audit: what people did that moved policy, money or people. It is read from the evidence, so
each line is proven by the leaf it is; there is no second log that could say otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Limit, Moment, TitleDocument, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.evidence.log import LoggedLeaf
from anfu.evidence.queries import Acts, latest_checkpoint, list_acts
from anfu.parties.access.queries import find_logins
from anfu.payments.document import rfc3339
from anfu.storage.idempotency import Answer


class ActKind(StrEnum):
    """The kinds of leaves in which somebody acted."""

    ACCESS = "access"
    KEY_CREATED = "key_created"
    KEY_ROTATED = "key_rotated"
    KEY_CONFINED = "key_confined"
    KEY_REVOKED = "key_revoked"
    EMERGENCY_ACT = "emergency_act"
    PROPOSAL = "proposal"
    LIST_CHANGE = "list_change"
    CASE = "case"
    MULTIPLIER = "multiplier"
    MERCHANT_LIMIT = "merchant_limit"
    STOP_ORDER = "stop_order"
    APPLICATION = "application"
    OWNERSHIP = "ownership"
    SAME_DAY_CHANGE = "same_day_change"
    SETTLEMENT_TERMS = "settlement_terms"
    PAYOUT_BATCH = "payout_batch"
    TREATMENT = "treatment"
    BILL = "bill"
    TASK = "task"
    REVEAL = "reveal"
    ERASURE = "erasure"


_TITLES: Mapping[ActKind, tuple[str, str]] = {
    ActKind.ACCESS: ("An account, a session or the envelope", "账号、会话或应急凭证"),
    ActKind.KEY_CREATED: ("An API key was made", "创建 API 密钥"),
    ActKind.KEY_ROTATED: ("An API key was replaced", "轮换 API 密钥"),
    ActKind.KEY_CONFINED: ("An API key was confined to networks", "限制 API 密钥网段"),
    ActKind.KEY_REVOKED: ("An API key was ended", "吊销 API 密钥"),
    ActKind.EMERGENCY_ACT: ("A request of an emergency", "应急会话操作"),
    ActKind.PROPOSAL: ("A proposal", "变更提案"),
    ActKind.LIST_CHANGE: ("A change of a list", "名单变更"),
    ActKind.CASE: ("Work on a case", "案件处理"),
    ActKind.MULTIPLIER: ("A multiplier of limits", "限额倍数"),
    ActKind.MERCHANT_LIMIT: ("A merchant's own limit", "商户自设限额"),
    ActKind.STOP_ORDER: ("An order to stop payment", "止付指令"),
    ActKind.APPLICATION: ("An application of a merchant", "商户入网"),
    ActKind.OWNERSHIP: ("Who owns a firm", "受益所有人"),
    ActKind.SAME_DAY_CHANGE: ("Settlement on the same day", "当日结算开关"),
    ActKind.SETTLEMENT_TERMS: ("Settlement terms", "结算条款"),
    ActKind.PAYOUT_BATCH: ("A batch of payouts", "出款批次"),
    ActKind.TREATMENT: ("The treatment of a difference", "对账差异处理"),
    ActKind.BILL: ("Another bill in the place of one", "替换对账单"),
    ActKind.TASK: ("A task", "任务"),
    ActKind.REVEAL: ("Personal data were shown in clear", "查看个人信息明文"),
    ActKind.ERASURE: ("A customer's wish to be forgotten", "客户信息删除"),
}
# Who acted last, in the order the evidence is asked (`evidence.queries`).
_PEOPLE = ("decided_by", "approved_by", "confirmed_by", "second_by", "done_by", "by", "first_by",
           "author", "proposed_by", "declared_by", "requested_by", "staff")  # fmt: skip
# Of a proposal, `change` is the digest of what it would change.
_ACTS = ("act", "change", "state")


class AuditQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`after`: the index of the last line of the page before; `subject`: the object acted on."""

    limit: Limit = 20
    after: Annotated[int, Meta(ge=0)] | None = None
    kind: ActKind | None = None
    person: Id | None = None
    subject: Id | None = None
    since: Moment | None = None
    until: Moment | None = None


class ActDocument(Struct, frozen=True):
    """`index` of the leaf that proves it, among the proofs of `subject` once it is `sealed`; `act`
    says which of its kind, `data` is what the leaf holds."""

    index: int
    object: Literal["act"]
    at: datetime
    kind: ActKind
    title: TitleDocument
    act: str | None
    person: str
    login: str | None
    subject: str
    sealed: bool
    proof: str
    data: dict[str, Any]


class ActList(Struct, frozen=True):
    """A page, the newest first."""

    object: Literal["list"]
    data: list[ActDocument]
    more: bool


async def list_(call: Call) -> Answer:
    """A page."""
    query: AuditQuery = call.query
    kinds = list(ActKind) if query.kind is None else [query.kind]
    acts = Acts(
        kinds, query.limit + 1, query.after, query.subject, query.person, query.since, query.until
    )
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        leaves = await list_acts(tx, acts)
        latest = await latest_checkpoint(tx)
        size = 0 if latest is None else latest.size
        found = [_document(leaf, size) for leaf in leaves]
        logins = await find_logins(tx, sorted({one["person"] for one in found}))
    told = [{**one, "login": logins.get(one["person"])} for one in found]
    return Answer(200, page(told, query.limit))


def _document(leaf: LoggedLeaf, size: int) -> dict[str, Any]:
    told = json.loads(leaf.body)
    kind, body = ActKind(told["kind"]), told["body"]
    en, zh = _TITLES[kind]
    names = _ACTS[2:] if kind is ActKind.PROPOSAL else _ACTS
    return {
        "index": leaf.index,
        "object": "act",
        "at": rfc3339(leaf.at),
        "kind": kind,
        "title": {"en": en, "zh": zh},
        "act": next((str(body[name]) for name in names if body.get(name)), None),
        "person": next((body[n] for n in _PEOPLE if body.get(n) is not None), leaf.subject),
        "subject": leaf.subject,
        "sealed": leaf.index < size,
        "proof": f"/v1/evidence/proofs/{leaf.subject}",
        "data": body,
    }


OPERATIONS = (
    Operation("list_audit", "GET", "/v1/audit", "List what people did that moved policy, money or"
              " people.", list_, scope="access:read", query=AuditQuery, answer=ActList,
              institution=True),
)  # fmt: skip
