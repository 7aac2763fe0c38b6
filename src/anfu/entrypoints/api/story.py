"""A payment's story: everything that happened to it, as far as the caller may read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import TitleDocument
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode
from anfu.payments.queries import get_payment
from anfu.payments.story.gather import gather
from anfu.payments.story.step import Part, step_document
from anfu.storage.idempotency import Answer

# What each part is read by, here as where it is read by itself.
SCOPES: Mapping[Part, str] = {
    Part.PAYMENT: "payments:read",
    Part.LIMITS: "payments:read",
    Part.CHANNEL: "payments:read",
    Part.DECISION: "decisions:read",
    Part.CASE: "cases:read",
    Part.LEDGER: "balances:read",
    Part.EVENTS: "events:read",
    Part.DELIVERIES: "webhooks:read",
    Part.TASKS: "tasks:read",
    Part.EVIDENCE: "evidence:read",
}


class StepDocument(Struct, frozen=True):
    """One thing that happened; `path` in its data is where more of it is read."""

    at: datetime
    part: Part
    kind: str
    title: TitleDocument
    data: dict[str, Any]


class LeftOutDocument(Struct, frozen=True):
    """A part the caller may not read, and the scope that would let it."""

    part: Part
    scope: str


class StoryDocument(Struct, frozen=True):
    """The steps in the order they happened, and which parts are not among them."""

    object: Literal["story"]
    payment: str
    steps: list[StepDocument]
    left_out: list[LeftOutDocument]


async def tell(call: Call) -> Answer:
    """The story."""
    tools, name = call.desk.tools, call.path["payment"]
    parts = {part for part, scope in SCOPES.items() if scope in call.by.scopes}
    async with tools.database.transaction(readonly=True, snapshot=True) as tx:
        payment = await get_payment(tx, name, merchant=None)
        steps = await gather(tx, tools, payment, parts, now=call.now)
    document = {
        "object": "story",
        "payment": payment.id,
        "steps": [step_document(step) for step in steps],
        "left_out": [{"part": p, "scope": s} for p, s in SCOPES.items() if p not in parts],
    }
    return Answer(200, encode(document))


OPERATIONS = (
    Operation("get_story", "GET", "/v1/payments/{payment}/story", "Read everything that happened to"
              " a payment, as a time line.", tell, scope="payments:read", institution=True,
              answer=StoryDocument, refusals=("payment_not_found",)),
)  # fmt: skip
