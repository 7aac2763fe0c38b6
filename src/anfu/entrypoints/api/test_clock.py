"""The test clock (测试时钟): time of a trial installation, moved ahead by whoever tries it out.

Everything that waits then comes due as if the time had passed: holds, orders, challenges, retries,
cut-offs, limits. Signatures keep to the time of the wire, which no one here can move.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.api.documents import Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.clock import MovableClock
from anfu.kernel.errors import Refused
from anfu.payments.document import encode, rfc3339
from anfu.payments.queries import count_due
from anfu.storage import clock, idempotency, outbox
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

_YEAR_S = 366 * 86_400


class AdvanceForm(Request, frozen=True):
    """By how much."""

    seconds: Annotated[int, Meta(ge=1, le=_YEAR_S, description="At most 366 days at once.")]


class TestClockDocument(Struct, frozen=True):
    """`ahead_s`: how far it has been moved in all; `due`: how many payments, refunds and deliveries
    are past their time, 0 once the worker has caught up."""

    object: Literal["test_clock"]
    now: datetime
    ahead_s: int
    due: int


async def get(call: Call) -> Answer:
    """Where it stands."""
    desk = call.desk
    movable = _movable(desk)
    await clock.follow(desk.tools.database, movable)
    async with desk.tools.database.transaction(readonly=True) as tx:
        return await _answer(tx, movable.ahead, now=movable.now())


async def advance(call: Call) -> Answer:
    """Move it. This process stands there before it answers, the others within half a second."""
    desk = call.desk
    movable = _movable(desk)

    async def work(tx: Tx) -> Answer:
        ahead = await clock.advance(tx, by=timedelta(seconds=call.body.seconds))
        return await _answer(tx, ahead, now=movable.wall() + ahead)

    answer = await idempotency.once(desk.tools.database, call.once, work, now=call.now)
    await clock.follow(desk.tools.database, movable)
    return answer


def _movable(desk: Desk) -> MovableClock:
    if not desk.tools.policy.trial or not isinstance(desk.clock, MovableClock):
        raise Refused("test_clock_not_here")
    return desk.clock


async def _answer(tx: Tx, ahead: timedelta, *, now: datetime) -> Answer:
    waiting = (await outbox.backlog(tx, now=now)).waiting
    document = {
        "object": "test_clock",
        "now": rfc3339(now),
        "ahead_s": int(ahead.total_seconds()),
        "due": waiting + await count_due(tx, now=now),
    }
    return Answer(200, encode(document))


OPERATIONS = (
    Operation("get_test_clock", "GET", "/v1/test_clock", "Read the test clock.", get,
              scope="history:write", answer=TestClockDocument, institution=True,
              refusals=("test_clock_not_here",)),
    Operation("advance_test_clock", "POST", "/v1/test_clock/advance", "Move the test clock ahead.",
              advance, scope="history:write", body=AdvanceForm, answer=TestClockDocument, once=True,
              institution=True, refusals=("test_clock_not_here", "test_clock_too_far"),
              example={"seconds": 7200}),
)  # fmt: skip
