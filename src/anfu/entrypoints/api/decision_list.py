"""Decisions as a list: what was said of whom is read one by one, with its facts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from anfu.entrypoints.api.documents import Moment, Name, PageQuery, page_to
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.payments.document import rfc3339
from anfu.risk.queries import find_facts
from anfu.risk.replay import Stored
from anfu.risk.rules import Grade, Outcome
from anfu.risk.sought.queries import WantedDecisions, seek_decisions
from anfu.storage.idempotency import Answer


class DecisionsQuery(PageQuery, frozen=True):
    """Made in `[from, until)`; `reason`: with this code among the reasons; `score`: at least."""

    since: Moment | None = field(name="from", default=None)
    until: Moment | None = None
    outcome: Outcome | None = None
    grade: Grade | None = None
    reason: Name | None = None
    score: Annotated[int, Meta(ge=0, le=1000)] | None = None


class DecisionLine(Struct, frozen=True):
    """A verdict without its facts. `event`: our payment, or what the caller called its own."""

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


class DecisionPage(Struct, frozen=True):
    """A page of decisions, the newest first; `next` as of payments."""

    object: Literal["list"]
    data: list[DecisionLine]
    more: bool
    next: str | None


async def list_(call: Call) -> Answer:
    """A page."""
    query: DecisionsQuery = call.query
    _check_years(query)
    wanted = WantedDecisions(
        query.limit, query.after, query.since, query.until, query.outcome, query.grade,
        query.reason, query.score,
    )  # fmt: skip
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found, after = await seek_decisions(tx, wanted)
        facts = await find_facts(tx, found)
    return Answer(200, page_to([_line(one, str(facts[one.id]["event"])) for one in found], after))


def _check_years(query: DecisionsQuery) -> None:
    """Raises Refused(query_invalid) for a time no id was made at."""
    for name, moment in (("from", query.since), ("until", query.until)):
        if moment is not None and not 1971 <= moment.year < 2200:
            raise Refused("query_invalid", field=name, reason="not of our time")


def _line(stored: Stored, event: str) -> dict[str, Any]:
    verdict = stored.verdict
    return {
        "id": stored.id,
        "object": "decision",
        "event": event,
        "outcome": verdict.outcome,
        "grade": verdict.grade,
        "score": verdict.score,
        "reasons": verdict.reasons,
        "catalogue": stored.catalogue,
        "rule_set": stored.rule_set,
        "occurred_at": rfc3339(stored.at),
    }


OPERATIONS = (
    Operation("list_decisions", "GET", "/v1/decisions", "List decisions.", list_,
              scope="decisions:read", query=DecisionsQuery, answer=DecisionPage,
              institution=True),
)  # fmt: skip
