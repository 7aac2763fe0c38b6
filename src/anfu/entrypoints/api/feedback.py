"""Feedback, as staff and merchants read it: the pieces, and how many are satisfied."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Moment, PageQuery, Personal, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.parties.keyring import KeyRing
from anfu.parties.party import GUEST_PREFIX
from anfu.payments.document import encode, rfc3339
from anfu.payments.feedback.feedback import Feedback
from anfu.payments.feedback.queries import list_feedback, measure_satisfaction
from anfu.storage.idempotency import Answer

Score = Annotated[int, Meta(ge=1, le=5)]


class FeedbackDocument(Struct, frozen=True):
    """What a payer said at the result page; `paid`: whether the payment had succeeded."""

    id: str
    object: Literal["feedback"]
    checkout: str
    payee: str
    paid: bool
    score: Score
    comment: Personal | None
    at: datetime


class FeedbackList(Struct, frozen=True):
    """A page of feedback, the newest first."""

    object: Literal["list"]
    data: list[FeedbackDocument]
    more: bool


class SatisfactionQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """From `since` to before `until`."""

    since: Moment
    until: Moment


class SatisfactionDocument(Struct, frozen=True):
    """How satisfied payers are: scores of four and five over all scores, null without any. Whoever
    says nothing is not counted."""

    object: Literal["satisfaction"]
    since: datetime
    until: datetime
    count: int
    satisfied: int
    share: float | None


async def list_(call: Call) -> Answer:
    """A page of feedback."""
    query: PageQuery = call.query
    ring = call.desk.tools.sealer.ring
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_feedback(tx, query.limit + 1, before=query.after, merchant=call.merchant)
    told = found[: query.limit]
    call.saw(*(f.payer for f in told if f.comment and not f.payer.startswith(GUEST_PREFIX)))
    return Answer(200, page([_document(f, ring) for f in found], query.limit))


async def measure(call: Call) -> Answer:
    """The share of the satisfied."""
    query: SatisfactionQuery = call.query
    if query.since >= query.until:
        raise Refused("query_invalid", field="until", reason="not after since")
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await measure_satisfaction(
            tx, since=query.since, until=query.until, merchant=call.merchant
        )
    return Answer(200, encode({
        "object": "satisfaction", "since": rfc3339(query.since), "until": rfc3339(query.until),
        "count": found.count, "satisfied": found.satisfied, "share": found.share,
    }))  # fmt: skip


def _document(feedback: Feedback, ring: KeyRing) -> dict[str, Any]:
    sealed = feedback.comment
    comment = None if sealed is None else ring.unseal(sealed, bound_to=feedback.id).decode()
    return {
        "id": feedback.id,
        "object": "feedback",
        "checkout": feedback.checkout,
        "payee": feedback.payee,
        "paid": feedback.paid,
        "score": feedback.score,
        "comment": comment,
        "at": rfc3339(feedback.at),
    }


OPERATIONS = (
    Operation("list_feedback", "GET", "/v1/feedback", "List what payers said at the result page.",
              list_, scope="feedback:read", query=PageQuery, answer=FeedbackList, personal=True),
    Operation("get_satisfaction", "GET", "/v1/satisfaction", "Read how satisfied payers are.",
              measure, scope="feedback:read", query=SatisfactionQuery,
              answer=SatisfactionDocument),
)  # fmt: skip
